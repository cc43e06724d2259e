// src/net/make_socket.cpp: making sockets.
#include "net/make_socket.hpp"

#include <cerrno>
#include <string>

#include <torus/core/socket_calls.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

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

}  // namespace

void set_option(const descriptor& socket, int level, int option, int value) {
    if (const int result = sockets().set_option(socket.number(), level, option, &value, sizeof value); result < 0)
        throw std::system_error(-result, std::system_category(), "setsockopt");
}

void fail_at(const char* call, const address& at, int error) {
    throw std::system_error(error, std::system_category(), std::string(call) + " " + at.text());
}

descriptor open_socket(address_family family, int type) {
    const int number = sockets().open(domain_of(family), type, 0);
    if (number < 0) throw std::system_error(-number, std::system_category(), "socket");
    return descriptor(number);
}

descriptor open_socket(address_family family) {
    descriptor socket = open_socket(family, SOCK_STREAM);
    if (family != address_family::local) set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    return socket;
}

descriptor listen_at(const address& at, int backlog, sharing with, reach what) {
    descriptor socket = open_socket(at.family());
    if (at.is_ip()) {
        // Connections of a former server on this port, which linger, are none of ours.
        set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
        if (with == sharing::port) set_option(socket, SOL_SOCKET, SO_REUSEPORT, 1);
    }
    if (at.family() == address_family::ipv6)
        set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, what == reach::own_family ? 1 : 0);
    if (at.family() == address_family::local) bind_replacing(socket, at, SOCK_STREAM);
    else bind_at(socket, at);
    if (const int result = sockets().listen(socket.number(), backlog); result < 0) fail_at("listen at", at, -result);
    return socket;
}

void bind_at(const descriptor& socket, const address& at) {
    if (const int result = sockets().bind(socket.number(), at.data(), at.size()); result < 0)
        fail_at("bind to", at, -result);
}

bool is_unavailable(const std::system_error& e) noexcept {
    return e.code() == std::errc::address_not_available || e.code() == std::errc::address_family_not_supported;
}

void bind_to(const descriptor& socket, const address& from) {
    // The port is chosen with the destination, so that as many connections are possible as there are ports for each.
    if (from.is_ip()) set_option(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    bind_at(socket, from);
}

bool is_served(const address& path, int type) {
    const descriptor probe = open_socket(address_family::local, type);
    return sockets().connect(probe.number(), path.data(), path.size()) != -ECONNREFUSED;
}

bool has_file(const address& at) noexcept {
    return at.family() == address_family::local && at.size() > 2 && !at.host().starts_with('@');
}

void bind_replacing(const descriptor& socket, const address& at, int type) {
    try {
        return bind_at(socket, at);
    } catch (const std::system_error& e) {
        struct stat file{};
        const bool is_left_over = e.code() == std::errc::address_in_use && has_file(at) &&
                                  sockets().file_status(at.host().c_str(), file) == 0 && S_ISSOCK(file.st_mode) &&
                                  !is_served(at, type);
        if (!is_left_over) throw;
        sockets().remove_file(at.host().c_str());
    }
    bind_at(socket, at);
}

socket_file file_of(const address& at) noexcept {
    struct stat file{};
    if (!has_file(at) || sockets().file_status(at.host().c_str(), file) < 0) return {};
    return {file.st_dev, file.st_ino};
}

void remove_file(const address& at, const socket_file& file) noexcept {
    struct stat now{};
    if (file.inode == 0 || sockets().file_status(at.host().c_str(), now) < 0) return;
    if (now.st_dev == file.device && now.st_ino == file.inode) sockets().remove_file(at.host().c_str());
}

}  // namespace torus::inline v0
