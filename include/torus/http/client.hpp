// torus/http/client.hpp: an HTTP client that keeps its connections.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <torus/core/async.hpp>
#include <torus/core/clock.hpp>
#include <torus/http/error.hpp>
#include <torus/http/limits.hpp>
#include <torus/http/request.hpp>
#include <torus/http/response.hpp>
#include <torus/tls/context.hpp>

namespace torus::inline v0::http {

/// Connections a client has open at once. What browsers and aiohttp settle on; beyond it requests wait their turn.
inline constexpr std::size_t default_max_connections = 100;

/// A kept connection that nobody uses is closed after this time: below the 60 to 75 s after which servers do it, so
/// that few requests meet a connection which is just being closed.
inline constexpr duration default_keep_idle = std::chrono::seconds(50);

inline constexpr duration default_connect_timeout = std::chrono::seconds(10);     // includes name and TLS
inline constexpr duration default_first_byte_timeout = std::chrono::seconds(30);  // from the request's end to the head
inline constexpr duration default_read_timeout = std::chrono::seconds(30);  // between two pieces of a body
inline constexpr std::size_t default_max_redirects = 10;  // as curl's users and browsers have it

/// How one exchange is to be done. `duration::max()` switches a time limit off.
struct exchange_options {
    duration connect_timeout = default_connect_timeout;
    duration first_byte_timeout = default_first_byte_timeout;
    duration read_timeout = default_read_timeout;
    duration total_timeout = duration::max();  // all of it, redirects and body included
    std::uint64_t max_body = UINT64_MAX;  // bytes of a response body, decoded
    std::size_t max_redirects = default_max_redirects;  // 0: a redirect is a response like any other
    enum class coding : std::uint8_t { decoded, as_sent } body_coding = coding::decoded;
};

struct client_options {
    client_options() = default;  // no aggregate: those must not be temporaries in co_await expressions (g++ 12)

    std::size_t max_connections = default_max_connections;
    std::size_t max_connections_per_host = SIZE_MAX;
    duration keep_idle = default_keep_idle;
    exchange_options exchange = {};  // what `send` does where it isn't told otherwise
    message_limits limits = {};
    std::optional<tls::context> tls = {};  // the system's authorities, verified, if there is none
    std::string user_agent = {};  // "torus/0.1.0" if empty
    std::string http_proxy = {};  // for http URLs: "http://user:pw@host:port"; requests are forwarded
    std::string https_proxy = {};  // for https URLs: a tunnel through it (CONNECT)
    std::string no_proxy = {};  // "localhost,.example.com": hosts and domains that are reached directly; "*": all
};

/// Takes the proxies from the environment: http_proxy, https_proxy, all_proxy, no_proxy, and their upper-case forms
/// except HTTP_PROXY, which whoever sends a CGI script a header can set.
client_options with_environment_proxies(client_options options);

/// An HTTP/1.1 client: a pool of connections, redirects, decoding, limits.
///
///     http::client client;
///     auto page = co_await client.get("https://example.com/");
///     print(page.status, ": ", co_await page.text());
///
/// Requests beyond the connection limits wait, first come first served. A connection returns to the pool when its
/// response has been read to the end; one whose exchange broke off, or was cancelled, never does. A kept connection
/// that turns out to be closed is replaced once, for idempotent requests. The client belongs to one loop, and must
/// outlive its requests; a response keeps alive what it needs.
class client {
public:
    explicit client(client_options options = {});
    client(client&&) noexcept;
    client& operator=(client&&) noexcept;
    ~client();

    /// Sends a request, and gives the response as soon as its head is there. The body is read from the response.
    ///
    /// @throws request_error  there is no response; the text has method, URL, phase, peer and cause
    /// @cancel closes the connection in use; others are untouched
    async<response> send(request what);
    async<response> send(request what, exchange_options how);

    /// @{ GET, HEAD, POST.
    /// @throws url_error      `url` is no absolute URL
    /// @throws request_error  as send()
    /// @cancel as send()
    async<response> get(std::string url);
    async<response> get(std::string url, exchange_options how);
    async<response> head(std::string url);
    async<response> post(std::string url, body content, std::string content_type);
    /// @}

    /// Connections that are open, and how many of them nobody uses.
    std::size_t connections() const noexcept;
    std::size_t idle_connections() const noexcept;

    /// Closes the idle connections, and the others as soon as their exchanges have ended.
    void close() noexcept;

private:
    std::shared_ptr<class client_state> state_;
};

/// One request with a client of its own, for scripts: `auto page = co_await http::get(url);`
/// @throws url_error, request_error  as client::get()
/// @cancel closes the connection
async<response> get(std::string url);

}  // namespace torus::inline v0::http
