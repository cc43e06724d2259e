// src/net/udp.cpp: making UDP sockets, and their groups.
#include <torus/net/udp.hpp>

#include <cerrno>
#include <cstring>
#include <exception>
#include <system_error>
#include <vector>

#include <torus/core/socket_calls.hpp>
#include <torus/net/resolve.hpp>

#include "net/make_socket.hpp"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace torus::inline v0 {

namespace {

descriptor open_for(const address& at) {
    if (!at.is_ip())
        throw std::system_error(EAFNOSUPPORT, std::system_category(), "torus: a UDP socket at " + at.text());
    return open_socket(at.family(), SOCK_DGRAM);
}

void apply(const udp_options& options, const descriptor& socket, address_family family) {
    if (options.broadcast) set_option(socket, SOL_SOCKET, SO_BROADCAST, 1);
    if (options.reuse_address) set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
    if (options.reuse_port) set_option(socket, SOL_SOCKET, SO_REUSEPORT, 1);
    const int loopback = options.multicast_loopback ? 1 : 0;
    if (family == address_family::ipv6) {
        set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
        set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, options.multicast_hops);
        set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, loopback);
    } else {
        set_option(socket, IPPROTO_IP, IP_MULTICAST_TTL, options.multicast_hops);
        set_option(socket, IPPROTO_IP, IP_MULTICAST_LOOP, loopback);
    }
}

/// The number of an interface; 0, which lets the kernel choose, for "".
int index_of(std::string_view interface) {
    if (interface.empty()) return 0;
    const unsigned index = ::if_nametoindex(std::string(interface).c_str());
    if (index == 0) throw std::system_error(ENODEV, std::system_category(), "torus: " + std::string(interface));
    return static_cast<int>(index);
}

}  // namespace

udp_socket::udp_socket(descriptor socket, address_family family, const udp_options& options)
    : datagram_socket(std::move(socket), family) {
    apply(options, this->socket(), family);
}

udp_socket::udp_socket(const address& at, const udp_options& options) : udp_socket(open_for(at), at.family(), options) {
    bind_at(socket(), at);
}

/// One socket for both families, where there are two.
udp_socket udp_socket::everywhere(std::uint16_t port, const udp_options& options) {
    const address all = address::any(address_family::ipv6, port);
    try {
        udp_socket both(open_for(all), address_family::ipv6, options);
        set_option(both.socket(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
        bind_at(both.socket(), all);
        return both;
    } catch (const std::system_error& e) {
        if (!is_unavailable(e)) throw;
    }
    return udp_socket(address::any(address_family::ipv4, port), options);
}

async<udp_socket> udp_socket::bind(std::string host, std::uint16_t port, udp_options options) {
    if (host.empty()) co_return everywhere(port, options);
    const std::vector<address> addresses = co_await resolve(std::move(host), port);
    for (const address& each : addresses) {
        try {
            co_return udp_socket(each, options);
        } catch (const std::system_error& e) {
            if (!is_unavailable(e) || &each == &addresses.back()) throw;
        }
    }
    throw std::logic_error("torus: a name without addresses");  // resolve() gives one, or throws
}

async<udp_socket> udp_socket::connect(std::string host, std::uint16_t port, udp_options options) {
    const std::vector<address> addresses = co_await resolve(std::move(host), port);
    for (const address& each : addresses) {
        try {
            udp_socket connected(open_for(each), each.family(), options);
            connected.connect_to(each);
            co_return connected;
        } catch (const std::system_error&) {
            if (&each == &addresses.back()) throw;
        }
    }
    throw std::logic_error("torus: a name without addresses");  // resolve() gives one, or throws
}

void udp_socket::change_membership(int option, const address& group, std::string_view interface) {
    group_req request{};
    request.gr_interface = static_cast<std::uint32_t>(index_of(interface));
    std::memcpy(&request.gr_group, group.data(), group.size());
    const int level = group.family() == address_family::ipv6 ? int{IPPROTO_IPV6} : int{IPPROTO_IP};
    const int result = sockets().set_option(number(), level, option, &request, sizeof request);
    if (result < 0) fail_at("multicast group", group, -result);
}

void udp_socket::join_group(const address& group, std::string_view interface) {
    change_membership(MCAST_JOIN_GROUP, group, interface);
}

void udp_socket::leave_group(const address& group, std::string_view interface) {
    change_membership(MCAST_LEAVE_GROUP, group, interface);
}

void udp_socket::multicast_through(std::string_view interface) {
    const int index = index_of(interface);
    if (local().family() == address_family::ipv6) return set_option(socket(), IPPROTO_IPV6, IPV6_MULTICAST_IF, index);
    ip_mreqn through{};
    through.imr_ifindex = index;
    const int result = sockets().set_option(number(), IPPROTO_IP, IP_MULTICAST_IF, &through, sizeof through);
    if (result < 0) throw std::system_error(-result, std::system_category(), "setsockopt");
}

}  // namespace torus::inline v0
