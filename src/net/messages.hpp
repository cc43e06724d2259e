// src/net/messages.hpp: one message in or out, with an address, as an operation.
#pragma once

#include <cstddef>
#include <cstdint>

#include <torus/core/operation.hpp>
#include <torus/io/address.hpp>
#include <torus/io/bytes.hpp>
#include <torus/net/datagram.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

namespace torus::inline v0 {

/// Receives one message, and tells how long it was.
class receiving_message final : public operation {
public:
    receiving_message(int socket, bytes_span into) noexcept
        : operation(verb::receive_message, socket, nullptr, into.size(), MSG_TRUNC), into_(into) {}

    bool await_suspend(std::coroutine_handle<> h);
    received_datagram await_resume();

private:
    bytes_span into_;
    iovec room_{};
    msghdr message_{};
    sockaddr_storage from_{};
};

/// Sends one message, to an address or to the socket's peer.
class sending_message final : public operation {
public:
    sending_message(int socket, bytes_view bytes, const torus::address& to = {}) noexcept
        : operation(verb::send_message, socket), bytes_(bytes), to_(to) {}

    bool await_suspend(std::coroutine_handle<> h);
    std::size_t await_resume();

    /// Tries it now.
    /// @return bytes sent, or a negative errno
    std::int32_t run() noexcept;

private:
    void prepare() noexcept;

    bytes_view bytes_;
    torus::address to_;
    iovec piece_{};
    msghdr message_{};
};

/// Throws what a negative errno of a datagram socket means.
[[noreturn]] void throw_datagram_error(std::int32_t result, const char* call);

}  // namespace torus::inline v0
