// cli/fetch/request.hpp: what a line of the input asks for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <torus/http/headers.hpp>
#include <torus/http/method.hpp>
#include <torus/http/url.hpp>

#include "cli/fetch/lines.hpp"

namespace torus::inline v0::cli {

/// A request as a line describes it: a URL, or an object of JSON:
///
///     {"url": "https://host/path", "method": "POST", "headers": {"Accept": ["a", "b"], "X-Id": "7"}, "body": "text"}
///
/// Only `url` must be there. The method is GET, or POST where there is a body; the usual methods may be in small letters.
/// Other members are passed over, unless they look like a mistyped one of these.
class request {
public:
    request(std::int64_t line, std::string given, http::url where)
        : id(line), url(std::move(given)), target(std::move(where)) {}

    /// Whether it must not be sent twice without being asked for: neither repeating nor resuming it is harmless.
    bool is_unsafe() const noexcept { return !method.is_idempotent(); }

    /// Scheme, host and port: what counts as one host for the limits.
    std::string host() const { return target.origin(); }

    /// About how much memory it takes.
    std::size_t weight() const noexcept { return sizeof(*this) + 2 * url.size() + body.size(); }

    std::int64_t id;
    std::string url;  // as given
    http::url target;  // as understood, without the fragment
    http::method method;
    http::headers headers;
    std::string body;
};

/// A line that asks for nothing that can be done.
class malformed_line {
public:
    malformed_line(std::int64_t line, std::string given, std::string why)
        : id(line), url(std::move(given)), message(std::move(why)) {}

    std::int64_t id;
    std::string url;  // what can be made of it: the URL if there is one, else the line
    std::string message;  // why it is no request
};

/// Understands a line.
std::variant<request, malformed_line> parse_request(const line& from);

/// The same for everything that names one: equal requests have equal keys, whatever their lines.
std::string dedupe_key(const request& r);

/// Reads a `--header`: "Name: value".
/// @throws std::invalid_argument  what() says what is wrong with it
void add_header(http::headers& to, std::string_view text);

}  // namespace torus::inline v0::cli
