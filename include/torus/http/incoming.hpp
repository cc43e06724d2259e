// torus/http/incoming.hpp: a request as a server sees it, and what the server answers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <torus/core/async.hpp>
#include <torus/http/headers.hpp>
#include <torus/http/message.hpp>
#include <torus/http/request.hpp>

namespace torus::inline v0::http {

class server_connection;

/// A request whose head has arrived. Its body is read by the handler, if it wants it.
class incoming {
public:
    const http::method& method() const noexcept { return head_.method; }

    /// As it stands in the request line: "/search?q=torus"; or "http://example.com/search?q=torus", or "*".
    std::string_view target() const noexcept { return head_.target; }
    std::string_view path() const noexcept;                  // still percent-encoded, and without scheme and host
    std::optional<std::string_view> query() const noexcept;  // without the '?'
    const http::headers& headers() const noexcept { return head_.headers; }
    http::version version() const noexcept { return head_.version; }

    /// The client's address: "127.0.0.1:54321".
    std::string peer() const;
    bool is_secure() const noexcept;

    /// All of the body that is left. Who asks for it is who says "100 Continue" to a client that waits for that.
    /// @throws body_too_large   more than the server's limit: the answer is 413, if the handler lets it pass
    /// @throws protocol_error, connection_closed, timeout_error   the body broke off
    /// @cancel the connection closes
    async<std::string> text();

    /// The next piece of the body, good until the next call; nothing at the end.
    /// @throws as text()
    /// @cancel the connection closes
    async<std::optional<std::string_view>> next();

    /// Ends the connection at once with a reset, answering nothing: for tests of clients, and for abuse.
    void reset() noexcept;

private:
    friend class server_connection;
    incoming(server_connection& connection, request_head head) noexcept
        : connection_(connection), head_(std::move(head)) {}

    server_connection& connection_;
    request_head head_;
};

/// A body that is larger than the server takes.
class body_too_large : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What a handler answers: a status, fields, a body.
///
///     co_return reply(404, "no such page\n");
///     reply r(200, json, "application/json"); r.headers.set("etag", tag); co_return r;
///
/// A body source that throws breaks the connection off, so that the client sees that something is missing.
class reply {
public:
    explicit reply(int code = 200) : status(code) {}
    reply(int code, http::body content, std::string_view content_type = "text/plain; charset=utf-8");

    int status;
    http::headers headers;
    http::body body;
    bool close = false;  // the connection, after this answer
};

}  // namespace torus::inline v0::http
