// torus/net/udp.hpp: UDP sockets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <torus/core/async.hpp>
#include <torus/io/address.hpp>
#include <torus/net/datagram.hpp>

namespace torus::inline v0 {

struct udp_options {
    bool broadcast = false;      // may send to everybody on a network
    bool reuse_address = false;  // several sockets on one port: each gets what comes to a multicast group
    bool reuse_port = false;     // several sockets on one port: the kernel spreads what comes
    std::uint8_t multicast_hops = 1;  // how many networks what is sent to a group crosses; one is this network only
    bool multicast_loopback = true;   // what is sent to a group comes to its members on this machine, too
};

/// A UDP socket.
///
///     udp_socket server = co_await udp_socket::bind("127.0.0.1", 9999);
///     auto [data, from, is_truncated] = co_await server.recv_from();
///     co_await server.send_to(data, from);
///
/// What it does is declared by `datagram_socket`.
class udp_socket : public datagram_socket {
public:
    /// A socket at this address, 127.0.0.1:0 say; port 0 picks a free one, see `local()`. Without a name to look up it
    /// needs no waiting.
    /// @throws std::system_error  EADDRINUSE above all; EAFNOSUPPORT if it is no IP address
    explicit udp_socket(const address& at, const udp_options& options = {});

    /// A socket at the first address of `host` that this machine has; "" is every address, of both families.
    /// @throws dns_error, std::system_error
    /// @cancel there is no socket
    /// @source asyncio's loop.create_datagram_endpoint(local_addr=...)
    static async<udp_socket> bind(std::string host, std::uint16_t port, udp_options options = {});

    /// A socket with a peer, the first address of `host` to which there is a way. Whether anybody is there shows when
    /// something has been sent.
    /// @throws dns_error, std::system_error
    /// @cancel there is no socket
    /// @source asyncio's loop.create_datagram_endpoint(remote_addr=...)
    static async<udp_socket> connect(std::string host, std::uint16_t port, udp_options options = {});

    /// @{ Receives what is sent to a multicast group, or no longer.
    /// @param  interface  its name, "eth0"; "" is the one on the way to the group
    /// @throws std::system_error  ENODEV: there is no such interface, or no way; EADDRNOTAVAIL: it is not in the group
    void join_group(const address& group, std::string_view interface = {});
    void leave_group(const address& group, std::string_view interface = {});
    /// @}

    /// What goes to multicast groups goes out through this interface.
    /// @throws std::system_error  ENODEV
    void multicast_through(std::string_view interface);

private:
    udp_socket(descriptor socket, address_family family, const udp_options& options);
    static udp_socket everywhere(std::uint16_t port, const udp_options& options);
    void change_membership(int option, const address& group, std::string_view interface);
};

}  // namespace torus::inline v0
