// src/net/socket.cpp: making sockets.
#include "net/socket.hpp"

#include <cerrno>
#include <system_error>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace torus::inline v0 {

namespace {

int domain_of(address_family family) {
    switch (family) {
    case address_family::ipv4: return AF_INET;
    case address_family::ipv6: return AF_INET6;
    case address_family::local: return AF_UNIX;
    default: throw std::system_error(EAFNOSUPPORT, std::system_category(), "torus: a socket without an address");
    }
}

void set(const descriptor& socket, int level, int option, int value) {
    if (::setsockopt(socket.number(), level, option, &value, sizeof value) < 0)
        throw std::system_error(errno, std::system_category(), "setsockopt");
}

[[noreturn]] void fail(const char* call, const address& at) {
    const int error = errno;
    throw std::system_error(error, std::system_category(), std::string(call) + " " + at.text());
}

}  // namespace

descriptor open_socket(address_family family) {
    descriptor socket(::socket(domain_of(family), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) throw std::system_error(errno, std::system_category(), "socket");
    if (family != address_family::local) set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    return socket;
}

descriptor listen_at(const address& at, int backlog, sharing with, reach what) {
    descriptor socket = open_socket(at.family());
    if (at.is_ip()) {
        // Connections of a former server on this port, which linger, are none of ours.
        set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
        if (with == sharing::port) set(socket, SOL_SOCKET, SO_REUSEPORT, 1);
    }
    if (at.family() == address_family::ipv6) set(socket, IPPROTO_IPV6, IPV6_V6ONLY, what == reach::own_family ? 1 : 0);
    if (::bind(socket.number(), at.data(), at.size()) < 0) fail("bind to", at);
    if (::listen(socket.number(), backlog) < 0) fail("listen at", at);
    return socket;
}

void bind_to(const descriptor& socket, const address& from) {
    // The port is chosen with the destination, so that as many connections are possible as there are ports for each.
    if (from.is_ip()) set(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    if (::bind(socket.number(), from.data(), from.size()) < 0) fail("bind to", from);
}

address local_address(const descriptor& socket) noexcept {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&storage), &size) < 0) return {};
    return address::from(reinterpret_cast<const sockaddr*>(&storage), size);
}

bool is_served(const address& path) {
    const descriptor probe = open_socket(address_family::local);
    return ::connect(probe.number(), path.data(), path.size()) == 0 || errno != ECONNREFUSED;
}

}  // namespace torus::inline v0
