// torus/http/method.hpp: what a request wants done.
#pragma once

#include "torus/http/token.hpp"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace torus::inline v0::http {

/// The method of a request: one of the known ones, or any other token. Upper and lower case differ: `get` is not GET.
///
///     if (request.method() == method::post) …
///     co_await client.request("PROPFIND", url);
///
/// It is small, and trivially copyable and destructible, so it may be a member of an options struct.
class method {
public:
    static const method get;
    static const method head;
    static const method post;
    static const method put;
    static const method delete_;
    static const method connect;
    static const method options;
    static const method trace;
    static const method patch;

    /// The longest method there is a registration for has 17 characters (UPDATEREDIRECTREF).
    static constexpr std::size_t max_size = 23;

    /// GET.
    constexpr method() noexcept : method("GET") {}

    /// @throws std::invalid_argument  if it isn't a token, or is longer than `max_size`
    constexpr method(std::string_view token) {
        if (!is_token(token) || token.size() > max_size) throw std::invalid_argument("not an HTTP method");
        for (char c : token) text_[size_++] = c;
    }
    constexpr method(const char* token) : method(std::string_view(token)) {}

    /// The same for text of unknown origin: nothing instead of an exception.
    static constexpr std::optional<method> parse(std::string_view token) noexcept {
        if (!is_token(token) || token.size() > max_size) return std::nullopt;
        return method(token);
    }

    constexpr std::string_view name() const noexcept { return {text_, size_}; }

    /// Whether it changes nothing on the server (RFC 9110, section 9.2.1).
    constexpr bool is_safe() const noexcept {
        return name() == "GET" || name() == "HEAD" || name() == "OPTIONS" || name() == "TRACE";
    }

    /// Whether doing it twice is as good as once, so that it may be sent again when a connection broke
    /// (RFC 9110, section 9.2.2). A method unknown here is not.
    constexpr bool is_idempotent() const noexcept { return is_safe() || name() == "PUT" || name() == "DELETE"; }

    friend constexpr bool operator==(const method& a, const method& b) noexcept { return a.name() == b.name(); }

private:
    char text_[max_size] = {};
    std::uint8_t size_ = 0;
};

inline constexpr method method::get{"GET"};
inline constexpr method method::head{"HEAD"};
inline constexpr method method::post{"POST"};
inline constexpr method method::put{"PUT"};
inline constexpr method method::delete_{"DELETE"};
inline constexpr method method::connect{"CONNECT"};
inline constexpr method method::options{"OPTIONS"};
inline constexpr method method::trace{"TRACE"};
inline constexpr method method::patch{"PATCH"};

}  // namespace torus::inline v0::http
