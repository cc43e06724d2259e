// torus/http/response.hpp: what a client receives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <torus/core/async.hpp>
#include <torus/core/clock.hpp>
#include <torus/http/headers.hpp>
#include <torus/http/message.hpp>
#include <torus/http/url.hpp>

namespace torus::inline v0::http {

/// How long the parts of an exchange took. A part that did not happen (a kept connection needs no DNS) has no time.
struct timings {
    std::optional<duration> dns;
    std::optional<duration> connect;
    std::optional<duration> tls;
    std::optional<duration> first_byte;  // from the beginning of this exchange to the response's head
    std::optional<duration> total;       // to the end of the body, once it is there
};

class exchange;

/// A response whose head has arrived. Its body is still on the way, and comes as it is read.
///
///     auto r = co_await client.get(url);
///     while (auto piece = co_await r.next()) co_await file.write(*piece);
///
/// Destroying it before the body's end closes the connection, unless the rest is there already and short.
class response {
public:
    response(response&&) noexcept;
    response& operator=(response&&) noexcept;
    ~response();

    int status = 0;
    std::string reason;
    http::version version = http::version::http_1_1;
    http::headers headers;
    http::url url;                   // where it came from, after redirects
    std::vector<http::url> history;  // the redirects before, the first URL first

    bool ok() const noexcept { return status >= 200 && status < 300; }

    /// All of the body that is left, decoded.
    /// @throws request_error  too_large beyond the exchange's max_body; reset, timeout, protocol where it broke off;
    ///                        protocol if it has a content coding that the client doesn't know
    /// @cancel closes the connection
    async<std::string> text();

    /// The next piece of the body, good until the next call; nothing at the end.
    /// @throws request_error  as text()
    /// @cancel closes the connection
    async<std::optional<std::string_view>> next();

    /// Fields behind a chunked body, once it has ended.
    const http::headers& trailers() const noexcept;

    const http::timings& timings() const noexcept;

private:
    friend class client_state;
    explicit response(std::unique_ptr<exchange> from, http::url where);
    static async<std::string> read_all(exchange* from, std::string_view announced);

    std::unique_ptr<exchange> exchange_;
};

}  // namespace torus::inline v0::http
