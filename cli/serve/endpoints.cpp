// cli/serve/endpoints.cpp: answers to test clients with, below /_/.
#include "cli/serve/endpoints.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <torus/core/time.hpp>
#include <torus/http/query.hpp>
#include <torus/http/status.hpp>

#include "cli/fetch/row.hpp"
#include "cli/json_text.hpp"
#include "cli/quantity.hpp"
#include "cli/serve/gzip.hpp"
#include "cli/serve/made_body.hpp"

namespace torus::inline v0::cli {

namespace {

namespace status = http::status;

constexpr std::string_view prefix = "/_/";
constexpr std::string_view json_type = "application/json";

/// Longer ones are a mistake: no client waits that long.
constexpr duration longest_delay = std::chrono::hours(1);

http::reply text(int code, std::string content) { return http::reply(code, http::body(std::move(content))); }

/// How long a client is to wait: "1.5" or "100ms".
duration delay_of(std::string_view number) {
    const duration delay = parse_duration(number);
    if (delay > longest_delay) throw std::invalid_argument("'" + std::string(number) + "' is longer than an hour");
    return delay;
}

std::optional<std::string> parameter(const http::incoming& request, std::string_view name) {
    const http::query parameters(request.query().value_or(""));
    const auto value = parameters.get(name);
    return value ? std::optional<std::string>(*value) : std::nullopt;
}

async<http::reply> delay(http::incoming&, std::string number) {
    co_await sleep(delay_of(number));
    co_return text(status::ok, "waited " + number + "\n");
}

async<http::reply> answer_with_status(http::incoming& request, std::string number) {
    const std::uint64_t code = parse_count(number);
    // What is less than 200 is no answer, but something that comes before one.
    if (code < 200 || code > 599) throw std::invalid_argument("'" + number + "' is no status from 200 to 599");
    const auto numbered = static_cast<int>(code);
    http::reply r = text(
        numbered, http::has_no_body(numbered) ? "" : number + " " + std::string(http::reason_phrase(numbered)) + "\n");
    if (const auto wait = parameter(request, "retry-after")) r.headers.set("retry-after", *wait);
    co_return r;
}

async<http::reply> bytes(http::incoming&, std::string number) {
    const std::uint64_t size = parse_size(number);
    if (size == 0) co_return http::reply(status::ok, http::body(std::string()), "application/octet-stream");
    co_return http::reply(status::ok, http::body(std::make_unique<patterned_body>(size)), "application/octet-stream");
}

async<http::reply> stream(http::incoming& request, std::string number) {
    const std::uint64_t lines = number == "endless" ? endless : parse_count(number);
    const duration pause = delay_of(parameter(request, "delay").value_or("0"));
    co_return http::reply(status::ok, http::body(std::make_unique<streamed_body>(lines, pause)),
                          "application/x-ndjson");
}

async<http::reply> redirect(http::incoming&, std::string number) {
    if (number == "0") co_return text(status::ok, "arrived\n");
    const std::string next = number == "loop" ? number : std::to_string(parse_count(number) - 1);
    http::reply r = text(status::found, "further\n");
    r.headers.set("location", std::string(prefix) + "redirect/" + next);
    co_return r;
}

async<http::reply> request_headers(http::incoming& request, std::string) {
    const std::string content = co_await request.text();
    json_object page;
    page.add("method", request.method().name());
    page.add("target", request.target());
    page.add_raw("headers", headers_as_json(request.headers()));
    page.add("body", content);
    co_return http::reply(status::ok, http::body(std::move(page).finish() + "\n"), json_type);
}

async<http::reply> gzip(http::incoming&, std::string) {
    std::string lines;
    for (int n = 0; n < 100; ++n) lines += "This line was compressed, and so were ninety-nine others.\n";
    http::reply r = text(status::ok, gzipped(lines));
    r.headers.set("content-encoding", "gzip");
    co_return r;
}

async<http::reply> reset(http::incoming& request, std::string) {
    request.reset();
    co_return text(status::ok, "");
}

async<http::reply> truncate(http::incoming&, std::string) {
    co_return http::reply(status::ok, http::body(std::make_unique<truncated_body>()));
}

struct endpoint {
    std::string_view name;
    bool has_number;
    async<http::reply> (*answer)(http::incoming&, std::string number);
};

constexpr std::array<endpoint, 9> endpoints{{
    {"delay", true, delay},
    {"status", true, answer_with_status},
    {"bytes", true, bytes},
    {"stream", true, stream},
    {"redirect", true, redirect},
    {"headers", false, request_headers},
    {"gzip", false, gzip},
    {"reset", false, reset},
    {"truncate", false, truncate},
}};

http::reply no_such_endpoint() {
    std::string list = "There is no such endpoint. There are:\n";
    for (const endpoint& e : endpoints)
        list += "  " + std::string(prefix) + std::string(e.name) + (e.has_number ? "/N\n" : "\n");
    return text(status::not_found, list);
}

}  // namespace

async<http::reply> endpoint_reply(http::incoming& request) {
    const std::string path(request.path());
    const std::string_view rest = std::string_view(path).substr(std::min(path.size(), prefix.size()));
    const std::size_t slash = rest.find('/');
    const std::string_view name = rest.substr(0, slash);
    const std::string number(slash == std::string_view::npos ? "" : rest.substr(slash + 1));
    const auto* const found =
        std::find_if(endpoints.begin(), endpoints.end(), [&](const endpoint& e) { return e.name == name; });
    if (found == endpoints.end() || found->has_number == number.empty()) co_return no_such_endpoint();
    std::string refused;
    try {
        co_return co_await found->answer(request, number);
    } catch (const std::invalid_argument& e) {
        refused = e.what();
    }
    co_return text(status::bad_request, refused + "\n");
}

}  // namespace torus::inline v0::cli
