// src/http/incoming.cpp: a request as its handler sees it, and the reply it makes.
#include <torus/http/incoming.hpp>

#include "http/server_connection.hpp"

namespace torus::inline v0::http {

namespace {

/// What a target names on this server: of an absolute URL, which any client may send and proxies are sent, it is what
/// follows the host (RFC 9112, section 3.2.2).
std::string_view on_this_server(std::string_view target) noexcept {
    const std::size_t scheme_end = target.starts_with('/') ? std::string_view::npos : target.find("://");
    if (scheme_end == std::string_view::npos) return target;
    const std::size_t host_end = target.find_first_of("/?", scheme_end + 3);
    return host_end == std::string_view::npos ? std::string_view() : target.substr(host_end);
}

}  // namespace

std::string_view incoming::path() const noexcept {
    const std::string_view named = on_this_server(target());
    const std::string_view path = named.substr(0, named.find('?'));
    return path.empty() ? "/" : path;
}

std::optional<std::string_view> incoming::query() const noexcept {
    const std::string_view named = on_this_server(target());
    const std::size_t mark = named.find('?');
    if (mark == std::string_view::npos) return std::nullopt;
    return named.substr(mark + 1);
}

std::string incoming::peer() const { return connection_.peer(); }

bool incoming::is_secure() const noexcept { return connection_.is_secure(); }

async<std::string> incoming::text() {
    std::string all;
    while (auto piece = co_await connection_.next_body()) all += *piece;
    co_return all;
}

async<std::optional<std::string_view>> incoming::next() { return connection_.next_body(); }

void incoming::reset() noexcept { connection_.reset(); }

reply::reply(int code, http::body content, std::string_view content_type) : status(code), body(std::move(content)) {
    if (!content_type.empty()) headers.set("content-type", content_type);
}

bool server_connection::is_secure() const noexcept { return owner_.options.tls.has_value(); }

}  // namespace torus::inline v0::http
