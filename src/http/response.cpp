// src/http/response.cpp: the response as its reader sees it.
#include <torus/http/response.hpp>

#include <algorithm>

#include "http/exchange.hpp"

namespace torus::inline v0::http {

namespace {
// A body's announced length is believed this far before its bytes have come.
constexpr std::size_t most_reserved = 1024 * 1024;  // bytes
}  // namespace

response::response(std::unique_ptr<exchange> from, http::url where)
    : url(std::move(where)), exchange_(std::move(from)) {
    response_head& head = exchange_->head();
    status = head.status;
    reason = std::move(head.reason);
    version = head.version;
    headers = std::move(head.headers);
}

response::response(response&&) noexcept = default;
response& response::operator=(response&&) noexcept = default;
response::~response() = default;

async<std::optional<std::string_view>> response::next() { return exchange_->next(); }

async<std::string> response::text() { return read_all(exchange_.get(), headers.get("content-length", "")); }

async<std::string> response::read_all(exchange* from, std::string_view announced) {
    std::string all;
    std::size_t length = 0;
    for (const char digit : announced.substr(0, 18)) length = length * 10 + static_cast<std::size_t>(digit - '0');
    all.reserve(std::min(length, most_reserved));
    while (auto piece = co_await from->next()) all += *piece;
    co_return all;
}

const http::headers& response::trailers() const noexcept { return exchange_->trailers(); }
const http::timings& response::timings() const noexcept { return exchange_->times(); }

}  // namespace torus::inline v0::http
