// torus/net/datagram.hpp: messages without a connection: what UDP and Unix datagram sockets do.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <system_error>

#include <torus/core/async.hpp>
#include <torus/io/address.hpp>
#include <torus/io/bytes.hpp>
#include <torus/io/descriptor.hpp>

namespace torus::inline v0 {

/// What a receive makes room for if nothing else is asked for: no UDP datagram is longer (RFC 768: a length of 16 bits).
inline constexpr std::size_t largest_datagram = 65'535;  // bytes

/// A datagram in memory of its own.
struct datagram {
    std::string data;
    address from;  // none, if the sender has no name
    bool is_truncated = false;
};

/// A datagram in memory of the caller's.
struct received_datagram {
    std::size_t size = 0;  // bytes that are there
    address from;
    std::size_t sent = 0;  // bytes that the datagram had
    bool is_truncated() const noexcept { return sent > size; }
};

/// A datagram did not get there: nobody has that port or path, or a router on the way has said so (ICMP). It is said once,
/// to the next one who sends or receives; the socket is as good as before. If sending throws it, what was to be sent
/// has not been.
class unreachable_error : public std::system_error {
public:
    unreachable_error(int code, const std::string& what) : std::system_error(code, std::system_category(), what) {}
};

/// A socket for datagrams: `udp_socket` or `unix_datagram_socket`.
///
/// Any number of tasks may send and receive at once; each datagram goes to one of those who receive, in the order in
/// which they began to wait. A datagram of no bytes is one, too. The socket must stay where it is while a task uses it;
/// closing it ends that with `connection_closed`.
class datagram_socket {
public:
    datagram_socket(datagram_socket&& other) noexcept = default;
    datagram_socket& operator=(datagram_socket&& other) noexcept;

    /// Sends one datagram.
    /// @throws unreachable_error  nobody is there; or an earlier datagram has not arrived: this one wasn't sent, either
    /// @throws std::system_error  EMSGSIZE: it is longer than the network allows; EACCES: a broadcast that is not allowed
    /// @throws connection_closed  the socket has been closed
    /// @cancel it has not been sent; if it has, the cancellation stays pending
    /// @source asyncio's DatagramTransport.sendto
    async<> send_to(bytes_view bytes, address to);

    /// Receives one datagram.
    ///
    ///     auto [data, from, is_truncated] = co_await socket.recv_from();
    ///
    /// @param  at_most  the rest of a longer one is lost, and `is_truncated` says so
    /// @throws unreachable_error  what this socket has sent to its peer has not arrived
    /// @throws connection_closed, std::system_error
    /// @cancel no datagram is lost: one that has come is returned, the cancellation stays pending
    async<datagram> recv_from(std::size_t at_most = largest_datagram);

    /// The same without a copy.
    /// @param  into  must stay alive until it ends
    /// @cancel as above
    async<received_datagram> recv_from(bytes_span into);

    /// Sends to the peer of a connected socket.
    /// @throws std::system_error  EDESTADDRREQ or ENOTCONN if it has none; and as send_to()
    /// @cancel as send_to()
    async<> send(bytes_view bytes);

    /// Receives the bytes of one datagram.
    /// @throws std::system_error  EMSGSIZE: it was longer than `at_most`, and is lost; and as recv_from()
    /// @cancel as recv_from()
    async<std::string> recv(std::size_t at_most = largest_datagram);

    /// Makes this the peer: `send` goes there, only what comes from there is received, and it is told of what doesn't
    /// arrive. Another one takes its place.
    /// @throws std::system_error  above all ENETUNREACH: there is no way; ENOENT, ECONNREFUSED: nobody has that path
    void connect_to(const address& peer);

    /// This side's address; none if it has none.
    address local() const noexcept;
    /// The peer's; none if it is not connected.
    address peer() const noexcept;
    /// The kernel's number, for options that are not here; -1 once closed.
    int number() const noexcept { return socket_.number(); }

    /// Closes it. Whoever uses it gets `connection_closed`; the file of a Unix socket goes. Harmless when repeated.
    void close() noexcept;

protected:
    datagram_socket(descriptor socket, address_family family) noexcept;
    ~datagram_socket() { close(); }

    const descriptor& socket() const noexcept { return socket_; }
    /// The socket has just made this file.
    void own_file(const address& at);

private:
    struct file;
    struct file_deletion {
        void operator()(file* f) const noexcept;
    };

    int open_number() const;
    address reachable(const address& to) const;
    async<> send_through_file(bytes_view bytes, address to);

    descriptor socket_;
    address_family family_ = address_family::none;
    std::unique_ptr<file, file_deletion> file_;
};

}  // namespace torus::inline v0
