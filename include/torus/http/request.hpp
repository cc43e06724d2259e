// torus/http/request.hpp: what a client sends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <torus/core/async.hpp>
#include <torus/http/headers.hpp>
#include <torus/http/method.hpp>
#include <torus/http/url.hpp>

namespace torus::inline v0::http {

/// A body that is made while it is sent.
class body_source {
public:
    virtual ~body_source() = default;

    /// The next piece, good until the next call; an empty one is the end.
    virtual async<std::span<const std::byte>> next() = 0;

    /// How many bytes there are in all, if that is known; they are sent in chunks if it isn't.
    virtual std::optional<std::uint64_t> size() const noexcept { return std::nullopt; }

    /// Begins anew, for a redirect or a second attempt. False if it can't: then there is none.
    virtual bool rewind() noexcept { return false; }
};

/// The body of a request: nothing, bytes, or a source of them.
class body {
public:
    body() = default;
    body(std::string bytes) noexcept : bytes_(std::move(bytes)) {}
    body(std::string_view bytes) : bytes_(bytes) {}
    body(const char* text) : bytes_(text) {}
    body(std::unique_ptr<body_source> source) noexcept : source_(std::move(source)) {}

    bool empty() const noexcept { return !source_ && bytes_.empty(); }
    const std::string& bytes() const noexcept { return bytes_; }
    body_source* source() const noexcept { return source_.get(); }

private:
    std::string bytes_;
    std::unique_ptr<body_source> source_;
};

/// A request to a URL.
///
///     http::request r(http::method::post, "https://example.com/orders");
///     r.headers.set("content-type", "application/json");
///     r.body = order.dump();
///     auto response = co_await client.send(std::move(r));
///
/// Host, Content-Length, Transfer-Encoding and Connection are the client's business.
class request {
public:
    /// @throws url_error  if it is no absolute URL
    request(http::method verb, std::string_view where) : method(verb), url(where) {}
    request(http::method verb, http::url where) : method(verb), url(std::move(where)) {}

    http::method method;
    http::url url;
    http::headers headers;
    http::body body;
};

}  // namespace torus::inline v0::http
