// torus/http/message.hpp: what stands before the body: the heads of requests and responses.
#pragma once

#include "torus/http/headers.hpp"
#include "torus/http/method.hpp"
#include "torus/http/status.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace torus::inline v0::http {

/// The version a message was sent as, or is to be sent as.
enum class version : std::uint8_t { http_1_0, http_1_1 };

/// "HTTP/1.1".
constexpr std::string_view to_string(version v) noexcept { return v == version::http_1_0 ? "HTTP/1.0" : "HTTP/1.1"; }

/// The head of a request: method, target, fields.
///
/// The target is what stands in the request line: usually a path with its query, `/search?q=torus`; an absolute URL
/// for a proxy; host and port for CONNECT; `*` for OPTIONS.
class request_head {
public:
    request_head() = default;
    explicit request_head(http::method verb, std::string where = "/", http::headers fields = {})
        : method(verb), target(std::move(where)), headers(std::move(fields)) {}

    http::method method;
    http::version version = http::version::http_1_1;
    std::string target = "/";
    http::headers headers;
};

/// The head of a response: status, fields.
///
/// The reason is the peer's own wording. Leave it empty when sending: the usual phrase is added then.
class response_head {
public:
    response_head() = default;
    explicit response_head(int code, http::headers fields = {}) : status(code), headers(std::move(fields)) {}

    int status = http::status::ok;
    http::version version = http::version::http_1_1;
    std::string reason;
    http::headers headers;
};

}  // namespace torus::inline v0::http
