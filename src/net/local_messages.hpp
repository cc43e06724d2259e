// src/net/local_messages.hpp: messages through Unix sockets, whose receivers may be busy.
#pragma once

#include <cstdint>

#include <torus/core/async.hpp>
#include <torus/io/address.hpp>
#include <torus/io/bytes.hpp>

namespace torus::inline v0 {

/// Sends one message to `to`, or to the socket's peer, when its receiver has room.
/// @return bytes sent, or a negative errno
/// @throws connection_closed  the socket is closed meanwhile
/// @cancel nothing has been sent
async<std::int32_t> send_locally(int socket, bytes_view bytes, address to = {});

}  // namespace torus::inline v0
