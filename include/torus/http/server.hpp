// torus/http/server.hpp: an HTTP server: requests in, replies out.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <torus/core/async.hpp>
#include <torus/core/clock.hpp>
#include <torus/http/incoming.hpp>
#include <torus/http/limits.hpp>
#include <torus/tls/context.hpp>

namespace torus::inline v0::http {

inline constexpr duration default_header_timeout = std::chrono::seconds(10);  // from a head's first byte to its last
inline constexpr duration default_idle_timeout = std::chrono::seconds(75);    // between two requests: nginx's figure
inline constexpr duration default_body_timeout = std::chrono::seconds(30);    // between two pieces of a body
inline constexpr duration default_drain = std::chrono::seconds(10);           // for requests under way at shutdown
inline constexpr std::uint64_t default_max_request_body = 16 * 1024 * 1024;   // bytes; uploads beyond are asked for

struct server_options {
    server_options() = default;  // no aggregate: those must not be temporaries in co_await expressions (g++ 12)

    message_limits limits = {};
    std::uint64_t max_body = default_max_request_body;
    duration header_timeout = default_header_timeout;
    duration idle_timeout = default_idle_timeout;
    duration body_timeout = default_body_timeout;
    duration write_timeout = default_body_timeout;  // for the client to take a piece of the answer
    duration drain = default_drain;
    std::optional<tls::context> tls = {};
    std::string server_name = {};                   // the field Server; none if empty
};

/// What answers requests. Several may be under way at once, one for each connection.
class request_handler {
public:
    virtual ~request_handler() = default;
    virtual async<reply> handle(incoming& request) = 0;
};

/// A running server. Destroying it closes it; requests under way are still answered, unless `run` ends.
class server {
public:
    server(server&&) noexcept;
    server& operator=(server&&) noexcept;
    ~server();

    /// The port it listens on: the one chosen by the kernel if 0 was asked for.
    std::uint16_t port() const;

    /// Connections that are open.
    std::size_t connections() const noexcept;

    /// Serves until cancelled, or until somebody calls `close()`, then shuts down.
    /// @throws std::system_error  accepting has failed for good; the server has been shut down
    /// @cancel shuts down within the drain time, then throws
    async<> serve_forever();

    /// Stops accepting and lets idle connections go; those with a request under way finish it.
    void close() noexcept;

    /// close(), then waits for what is under way, at most for the drain time; cancels what is left. None of its
    /// handlers is running when it returns.
    /// @cancel cancels what is left, waits for it, then throws
    async<> shutdown();
    async<> shutdown(duration grace);

private:
    friend async<server> serve(std::unique_ptr<request_handler> handler, std::string host, std::uint16_t port,
                               server_options options);
    explicit server(std::shared_ptr<class server_state> state) noexcept;
    std::shared_ptr<server_state> state_;
};

/// Starts a server. It accepts at once.
///
///     auto srv = co_await http::serve(hello, "0.0.0.0", 8080);
///     co_await srv.serve_forever();
///
/// with `async<http::reply> hello(http::incoming& request)`, or any function object like it. Errors of a handler are
/// answered with 500 and go to the error handler; the connection goes on. A client that resets its connection cancels its
/// handler. One that ends its sending gets its answer: TCP doesn't tell whether it still reads before something is sent,
/// so that who closes without a reset is noticed by the first write. A handler that may wait for long needs a `timeout`.
///
/// @throws std::system_error  the address can't be had
/// @cancel no server has been started
async<server> serve(std::unique_ptr<request_handler> handler, std::string host, std::uint16_t port,
                    server_options options = {});

template <class Function>
    requires std::same_as<std::invoke_result_t<std::decay_t<Function>&, incoming&>, async<reply>>
async<server> serve(Function&& function, std::string host, std::uint16_t port, server_options options = {}) {
    class calling final : public request_handler {
    public:
        explicit calling(std::decay_t<Function> f) : function_(std::move(f)) {}
        async<reply> handle(incoming& request) override { return function_(request); }

    private:
        std::decay_t<Function> function_;
    };
    return serve(std::unique_ptr<request_handler>(std::make_unique<calling>(std::forward<Function>(function))),
                 std::move(host), port, std::move(options));
}

}  // namespace torus::inline v0::http
