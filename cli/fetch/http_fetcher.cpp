// cli/fetch/http_fetcher.cpp: requests over HTTP.
#include "cli/fetch/http_fetcher.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <utility>

#include <torus/tls/context.hpp>

#include "cli/fetch/digest.hpp"
#include "cli/quantity.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace torus::inline v0::cli {

namespace {

tls::context trust_of(const fetch_options& options) {
    tls::client_options how{};
    if (!options.authorities.empty()) how.trust = tls::file(options.authorities);
    if (!options.certificate.empty()) how.identity = {tls::file(options.certificate), tls::file(options.key), {}};
    how.alpn = "http/1.1";
    return options.insecure ? tls::context::insecure(how) : tls::context::client(how);
}

http::client make_client(const fetch_options& options, std::size_t connections) {
    http::client_options how;
    how.max_connections = connections;
    how.user_agent = options.user_agent;
    how.tls = trust_of(options);
    return http::client(http::with_environment_proxies(std::move(how)));
}

http::exchange_options exchange_of(const fetch_options& options) {
    http::exchange_options how;
    how.connect_timeout = std::min(options.connect_timeout, options.timeout);
    // One limit for all of it, which this file keeps: it stands still while a body waits for memory.
    how.first_byte_timeout = duration::max();
    how.read_timeout = duration::max();
    how.max_redirects = options.max_redirects;
    how.body_coding = options.raw ? http::exchange_options::coding::as_sent : http::exchange_options::coding::decoded;
    return how;
}

/// Whether the process can open no more files, which a client only sees as one of many reasons.
bool no_descriptor_is_left() {
    const int probe = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    if (probe >= 0) ::close(probe);
    return probe < 0 && errno == EMFILE;
}

std::optional<double> milliseconds(const std::optional<duration>& span) {
    if (!span) return std::nullopt;
    return std::round(std::chrono::duration<double, std::micro>(*span).count()) / 1e3;
}

/// Memory that is taken for a body on its server's word alone.
constexpr std::size_t believed_bytes = 1024 * 1024;

/// What Content-Length promises, as far as it is believed.
std::size_t promised_size(const http::headers& headers) {
    const std::string_view field = headers.get("content-length", "");
    std::size_t size = 0;
    std::from_chars(field.data(), field.data() + field.size(), size);
    return std::min(size, believed_bytes);
}

}  // namespace

error_class class_of(http::fault fault, http::phase when) noexcept {
    switch (fault) {
    case http::fault::invalid_request: return error_class::input;
    case http::fault::dns: return error_class::dns;
    case http::fault::refused:
    case http::fault::unreachable:
    case http::fault::proxy: return error_class::refused;
    case http::fault::reset: return error_class::reset;
    case http::fault::timeout: return error_class::timeout;
    case http::fault::tls: return error_class::tls;
    case http::fault::protocol:
    case http::fault::too_large: return error_class::protocol;  // a head: bodies are measured here
    case http::fault::redirects: return error_class::redirects;
    case http::fault::io: break;
    }
    return when < http::phase::sending ? error_class::refused : error_class::reset;
}

http_fetcher::http_fetcher(const fetch_options& options, std::size_t connections)
    : how_(exchange_of(options)), timeout_(options.timeout), max_body_(options.max_body),
      client_(make_client(options, connections)) {
    for (const std::string& header : options.headers) add_header(headers_, header);
}

http::request http_fetcher::make(const request& what) const {
    http::request sent(what.method, what.target);
    sent.headers = what.headers;
    for (const auto [name, value] : headers_)
        if (!what.headers.contains(name)) sent.headers.add(name, value);
    if (!what.body.empty()) sent.body = http::body(what.body);
    return sent;
}

async<attempt_result> http_fetcher::fetch(const request& what, body_budget::lease& room) {
    attempt_result came;
    const time_point begun = clock::now();
    try {
        co_await timeout(timeout_,
                         [&](timeout_scope& limit) -> async<> { co_await exchange(what, room, limit, came); });
    } catch (const timeout_error&) {
        came.error = error_class::timeout;
        came.message =
            format_duration(timeout_) + " have passed " + (came.status ? "before the body's end" : "without an answer");
    } catch (const http::request_error& e) {
        came.error = class_of(e.fault(), e.phase());
        came.message = e.what();
        came.may_have_arrived = e.phase() >= http::phase::sending;
        came.out_of_descriptors = !came.may_have_arrived && came.error != error_class::tls && no_descriptor_is_left();
    }
    came.timings.total = milliseconds(clock::now() - begun);
    if (came.status) came.sha256 = sha256_hex(came.body);
    co_return came;
}

async<> http_fetcher::exchange(const request& what, body_budget::lease& room, timeout_scope& limit,
                               attempt_result& came) {
    http::response answer = co_await client_.send(make(what), how_);
    came.status = answer.status;
    came.final_url = answer.url.to_string();
    came.headers = answer.headers;
    const http::timings& took = answer.timings();
    came.timings = {
        milliseconds(took.dns), milliseconds(took.connect), milliseconds(took.tls), milliseconds(took.first_byte), {}};
    co_await receive(answer, room, limit, came);
}

namespace {

/// Waits for memory. Meanwhile the time stands still: the wait is ours, not the server's.
async<> grow(body_budget::lease& room, std::size_t bytes, timeout_scope& limit) {
    const time_point due = limit.when();
    const time_point before = clock::now();
    limit.reschedule(std::nullopt);
    co_await room.grow(bytes);
    limit.reschedule_at(later(due, clock::now() - before));
}

}  // namespace

async<> http_fetcher::receive(http::response& answer, body_budget::lease& room, timeout_scope& limit,
                              attempt_result& came) {
    const std::size_t promised = promised_size(answer.headers);
    for (;;) {
        const std::optional<std::string_view> piece = co_await answer.next();
        if (!piece) break;
        const std::string_view kept = piece->substr(0, max_body_ - came.body.size());
        if (const std::size_t needed = came.body.size() + kept.size(); needed > room.size()) {
            const std::size_t larger = std::min(std::max({needed, promised, 2 * room.size()}), max_body_);
            co_await grow(room, larger - room.size(), limit);
            came.body.reserve(larger);
        }
        came.body += kept;
        if (kept.size() < piece->size()) {
            came.error = error_class::too_large;
            came.message = "the body is longer than " + format_size(max_body_) + "; this is its beginning";
            break;
        }
    }
}

}  // namespace torus::inline v0::cli
