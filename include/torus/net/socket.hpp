// torus/net/socket.hpp: a bare socket, and the kernel's verbs on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <torus/core/async.hpp>
#include <torus/io/address.hpp>
#include <torus/io/bytes.hpp>
#include <torus/io/descriptor.hpp>
#include <torus/io/stream.hpp>
#include <torus/net/datagram.hpp>
#include <torus/net/serve.hpp>

namespace torus::inline v0 {

enum class socket_kind : std::uint8_t {
    stream,      // bytes in order: TCP, Unix
    datagram,    // messages, one by one: UDP, Unix
    seqpacket,   // messages in order over a connection: Unix
};

/// A socket without a buffer or a policy: asyncio's `loop.sock_*`, for protocols that want to do all themselves. For
/// others there are `open_connection`, `start_server` and `udp_socket`.
///
///     torus::socket listener(address_family::ipv4);
///     listener.bind(address::loopback(address_family::ipv4, 0));
///     listener.listen();
///     auto [conn, from] = co_await listener.accept();
///     co_await conn.send_all(co_await conn.recv(1024));
///
/// Its options are the kernel's own: Nagle's algorithm is on. The socket must stay where it is while a task uses it;
/// closing it ends that with `connection_closed`. Every verb throws std::system_error with what the kernel reports,
/// `connection_closed` where that means that the connection is gone.
class socket {
public:
    /// A socket of a family, non-blocking and close-on-exec.
    /// @throws std::system_error
    explicit socket(address_family family, socket_kind kind = socket_kind::stream);

    /// Takes a descriptor over, and makes it non-blocking.
    /// @throws std::system_error  above all ENOTSOCK; the descriptor has been closed then
    explicit socket(descriptor owned);

    /// @{ Give it an address, and let it be connected to. They don't wait.
    void bind(const address& at);
    void listen(int backlog = default_listen_backlog);
    /// @}

    /// Connects. Of a socket for datagrams it sets the peer.
    /// @throws std::system_error  above all ECONNREFUSED, ETIMEDOUT
    /// @cancel the connection may have been made or not: close the socket
    async<> connect(address to);

    /// Accepts a connection: its socket, and where it comes from.
    /// @cancel no connection is lost: one that has been accepted is returned, the cancellation stays pending
    async<std::pair<socket, address>> accept();

    /// Receives what has arrived, at least one byte; nothing at the end.
    /// @cancel no byte is lost: what has been received is returned, the cancellation stays pending
    async<std::string> recv(std::size_t at_most);
    /// @param  into  must stay alive until it ends
    /// @return bytes received; 0 at the end
    /// @cancel as above
    async<std::size_t> recv_into(bytes_span into);

    /// Receives one message and its sender.
    /// @cancel as above
    async<datagram> recv_from(std::size_t at_most = largest_datagram);

    /// Sends some of the bytes, at least one.
    /// @return bytes sent
    /// @cancel none have been sent; if some have, their number is returned, the cancellation stays pending
    async<std::size_t> send(bytes_view bytes);

    /// Sends all of them.
    /// @cancel some of them may have been sent
    async<> send_all(bytes_view bytes);

    /// Sends one message to an address.
    /// @return bytes sent
    /// @cancel as send()
    async<std::size_t> send_to(bytes_view bytes, address to);

    /// Tells the peer of a connection that no more comes.
    void shut_down_sending();

    /// This side's address and the other's; none if there is none.
    address local() const noexcept;
    address peer() const noexcept;

    /// The kernel's number, for options; -1 once closed.
    int number() const noexcept { return socket_.number(); }
    explicit operator bool() const noexcept { return static_cast<bool>(socket_); }

    /// The connection as a stream, with buffers and limits.
    stream into_stream(const stream_options& options = {}) &&;
    /// The descriptor without the socket.
    descriptor release() && noexcept { return std::move(socket_); }

    /// Closes it now. Harmless when repeated.
    void close() noexcept { socket_.close(); }

private:
    int open_number() const;

    descriptor socket_;
    bool sends_local_messages_ = false;
};

/// Two Unix sockets that are connected with each other.
/// @throws std::system_error
/// @source Python's socket.socketpair
std::pair<socket, socket> socketpair(socket_kind kind = socket_kind::stream);

}  // namespace torus::inline v0
