// src/io/socket_name.hpp: the addresses at both ends of a socket.
#pragma once

#include <torus/io/address.hpp>

namespace torus::inline v0 {

/// The address of this side; none if it has none.
address local_address(int socket) noexcept;

/// The address of the other side; none if it is not connected.
address peer_address(int socket) noexcept;

}  // namespace torus::inline v0
