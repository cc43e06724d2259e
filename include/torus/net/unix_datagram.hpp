// torus/net/unix_datagram.hpp: datagrams between the processes of one machine.
#pragma once

#include <string_view>
#include <utility>

#include <torus/io/address.hpp>
#include <torus/net/datagram.hpp>

namespace torus::inline v0 {

/// A Unix datagram socket. Nothing is lost between sending and receiving: who sends to a receiver that is busy waits.
///
///     unix_datagram_socket log("/run/log.sock");
///     unix_datagram_socket client;
///     co_await client.send_to("hello", address::local("/run/log.sock"));
///
/// What it does is declared by `datagram_socket`.
class unix_datagram_socket : public datagram_socket {
public:
    /// A socket without a name: it can send, and be answered by nobody.
    /// @throws std::system_error
    unix_datagram_socket();

    /// A socket at a path; one that begins with '@' is an abstract name. A file is made, replacing a socket that a dead
    /// process has left there, and removed when the socket closes.
    /// @throws std::system_error  EADDRINUSE if a socket that lives has it, or it is a file of another kind
    explicit unix_datagram_socket(std::string_view path);

    /// Two sockets, each the other's peer.
    /// @throws std::system_error
    static std::pair<unix_datagram_socket, unix_datagram_socket> pair();

private:
    explicit unix_datagram_socket(descriptor socket) noexcept;
};

}  // namespace torus::inline v0
