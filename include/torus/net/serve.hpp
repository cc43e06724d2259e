// torus/net/serve.hpp: serving clients, one task for each.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/core/async.hpp>
#include <torus/core/awaitable.hpp>
#include <torus/core/clock.hpp>
#include <torus/io/address.hpp>
#include <torus/io/stream.hpp>

namespace torus::inline v0 {

/// Connections that the kernel keeps for a server that is busy. Its own upper bound (net.core.somaxconn) is 4096, and a
/// thousand clients that come at once should not have to repeat their SYN.
inline constexpr int default_listen_backlog = 4096;

/// As many clients as come.
inline constexpr std::size_t unlimited_connections = static_cast<std::size_t>(-1);

struct serve_options {
    int backlog = default_listen_backlog;
    bool reuse_port = false;  // several servers on one port, of other threads too: the kernel spreads clients
    stream_options limits = {};
    /// Clients served at once, at least one. Others wait in the kernel's queue, but for one for each address, which is
    /// accepted already.
    std::size_t max_connections = unlimited_connections;
};

/// What is called for each client.
class client_handler {
public:
    virtual ~client_handler() = default;
    virtual async<> handle(stream client) = 0;
};

/// A function object that serves a client: `async<> handle(stream conn)`, or a lambda like it.
template <class Handler>
concept handles_clients = std::is_same_v<std::invoke_result_t<std::decay_t<Handler>&, stream>, async<>>;

/// A server. `start_server` makes it; it accepts clients from then on.
///
/// Each client is served by a task of its own. If that throws, the error goes to the error handler and this connection
/// is closed, no other. Destroying the server closes it: it stops accepting, and those who are being served go on.
class server {
public:
    server(server&& other) noexcept;
    server& operator=(server&& other) noexcept;
    ~server();

    /// Serves until cancelled, or until somebody calls `close()`. Owns the handlers' tasks: none of them is alive when it
    /// returns or throws, so they may use what the caller has.
    ///
    /// @throws std::system_error  accepting has failed for good; the server has been shut down
    /// @cancel stops accepting, cancels the handlers, waits for their ends, aborts what connections they have left open,
    ///         then throws
    /// @source asyncio.Server.serve_forever
    async<> serve_forever();

    /// Stops accepting, at once: a TCP port is free for another server, a path as well. An abstract name is with the
    /// next `wait_closed()`. Clients that are being served are not touched. Harmless when repeated.
    void close() noexcept;

    /// Waits until the server is closed, its addresses are free, no handler runs and no client's connection is open.
    /// @cancel ends the wait only
    async<> wait_closed();

    /// Ends the server gracefully: stops accepting, gives handlers as long as `grace` to end, then cancels them, and
    /// aborts what they leave open. None of them is alive when it returns or throws.
    ///
    ///     co_await srv.shutdown(10s);
    ///
    /// @return whether all ended by themselves in time
    /// @cancel ends the grace early, then throws
    async<bool> shutdown(duration grace);

    /// Closes every client's connection, sending what is unsent. Handlers get errors, and the chance to end.
    void close_clients() noexcept;
    /// Aborts every client's connection.
    void abort_clients() noexcept;

    bool is_serving() const noexcept;
    /// Handlers that are running.
    std::size_t handlers() const noexcept;

    /// The addresses it listens on.
    std::vector<address> sockets() const;
    /// Their port; 0 if they have none.
    std::uint16_t port() const noexcept;

private:
    friend class server_state;
    explicit server(class server_state& state) noexcept;

    server_state* state_ = nullptr;
};

/// @{ Starts a server for TCP. Of `handler` a copy is kept until the last client has been served.
///
///     async<> handle(stream conn) {
///         while (auto line = co_await conn.next()) co_await conn.write(*line);
///     }
///     server srv = co_await start_server(handle, "127.0.0.1", 8888);
///     co_await srv.serve_forever();
///
/// @param  host  a name or a literal to listen on, each of its addresses; "" is every address of this machine
/// @param  port  0 picks a free one, see `server::port()`
/// @throws dns_error, std::system_error  EADDRINUSE above all, with the address in what()
/// @throws std::invalid_argument  options.max_connections is 0
/// @cancel no server has been started
/// @source asyncio.start_server
async<server> start_server(std::unique_ptr<client_handler> handler, std::string host, std::uint16_t port,
                           serve_options options = {});
template <handles_clients Handler>
async<server> start_server(Handler&& handler, std::string host, std::uint16_t port, serve_options options = {});
/// @}

/// @{ Starts a server on a Unix socket. A path that begins with '@' is an abstract name. A file is made, replacing a
/// socket that a dead server has left there, and removed when the server closes.
/// @throws std::system_error  EADDRINUSE if a server listens there, or it is a file of another kind
/// @cancel no server has been started
async<server> start_unix_server(std::unique_ptr<client_handler> handler, std::string path, serve_options options = {});
template <handles_clients Handler>
async<server> start_unix_server(Handler&& handler, std::string path, serve_options options = {});
/// @}

// ------------------------------------------------------------------------------------------------------------------

/// A handler that owns a function object.
template <class Function> class client_function final : public client_handler {
public:
    explicit client_function(Function f) : function_(std::move(f)) {}
    async<> handle(stream client) override { return function_(std::move(client)); }

private:
    Function function_;
};

template <class Handler> std::unique_ptr<client_handler> as_client_handler(Handler&& handler) {
    static_assert(safe_temporary<Handler>, "g++ 12 destroys this closure twice: name it first");
    return std::make_unique<client_function<std::decay_t<Handler>>>(std::forward<Handler>(handler));
}

template <handles_clients Handler>
async<server> start_server(Handler&& handler, std::string host, std::uint16_t port, serve_options options) {
    return start_server(as_client_handler(std::forward<Handler>(handler)), std::move(host), port, options);
}

template <handles_clients Handler>
async<server> start_unix_server(Handler&& handler, std::string path, serve_options options) {
    return start_unix_server(as_client_handler(std::forward<Handler>(handler)), std::move(path), options);
}

}  // namespace torus::inline v0
