// src/io/socket_name.cpp: asking the kernel, or the simulated one, for addresses.
#include "io/socket_name.hpp"

#include <torus/core/socket_calls.hpp>

#include <sys/socket.h>

namespace torus::inline v0 {

namespace {

template <class Ask> address asked(Ask ask) noexcept {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (ask(reinterpret_cast<sockaddr*>(&storage), size) < 0) return {};
    return address::from(reinterpret_cast<const sockaddr*>(&storage), size);
}

}  // namespace

address local_address(int socket) noexcept {
    return asked([=](sockaddr* name, socklen_t& size) { return sockets().local_name(socket, name, size); });
}

address peer_address(int socket) noexcept {
    return asked([=](sockaddr* name, socklen_t& size) { return sockets().peer_name(socket, name, size); });
}

}  // namespace torus::inline v0
