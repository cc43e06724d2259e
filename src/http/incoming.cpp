// src/http/incoming.cpp: a request as its handler sees it, and the reply it makes.
#include <torus/http/incoming.hpp>

#include "http/server_connection.hpp"

namespace torus::inline v0::http {

std::string_view incoming::path() const noexcept { return target().substr(0, target().find('?')); }

std::optional<std::string_view> incoming::query() const noexcept {
    const std::size_t mark = target().find('?');
    if (mark == std::string_view::npos) return std::nullopt;
    return target().substr(mark + 1);
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
