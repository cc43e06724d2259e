// src/net/unix_datagram.cpp: making Unix datagram sockets.
#include <torus/net/unix_datagram.hpp>

#include <array>
#include <cerrno>
#include <system_error>

#include <torus/core/socket_calls.hpp>

#include "net/make_socket.hpp"

#include <sys/socket.h>

namespace torus::inline v0 {

unix_datagram_socket::unix_datagram_socket(descriptor socket) noexcept
    : datagram_socket(std::move(socket), address_family::local) {}

unix_datagram_socket::unix_datagram_socket() : unix_datagram_socket(open_socket(address_family::local, SOCK_DGRAM)) {}

unix_datagram_socket::unix_datagram_socket(std::string_view path) : unix_datagram_socket() {
    const address at = address::local(path);
    bind_replacing(socket(), at, SOCK_DGRAM);
    own_file(at);
}

std::pair<unix_datagram_socket, unix_datagram_socket> unix_datagram_socket::pair() {
    std::array<int, 2> ends{};
    if (const int result = sockets().open_pair(SOCK_DGRAM, ends); result < 0)
        throw std::system_error(-result, std::system_category(), "socketpair");
    return {unix_datagram_socket(descriptor(ends[0])), unix_datagram_socket(descriptor(ends[1]))};
}

}  // namespace torus::inline v0
