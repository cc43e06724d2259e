// fuzz/url.cpp: what parses is normal, stays what it is, and has no control character to smuggle.
#include "torus/http/url.hpp"
#include "require.hpp"
#include "torus/http/percent.hpp"
#include "torus/http/query.hpp"
#include "torus/http/token.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using torus::require;
using torus::http::is_field_value;
using torus::http::url;

namespace {

void check(const url& u) {
    const auto again = url::parse(u.to_string());
    require(again && *again == u && again->host() == u.host() && again->port() == u.port() &&
            again->path() == u.path());
    require(again->query() == u.query() && again->fragment() == u.fragment() && again->user_info() == u.user_info());
    require(is_field_value(u.to_string()) && is_field_value(u.authority()));
    require(u.target().find(' ') == std::string::npos && u.has_same_origin(*again));
    (void)u.user();
    (void)u.password();
    require(!u.without_fragment().fragment() && !u.without_user_info().user_info());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The first line is a URL, the second a reference to resolve against it.
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::string_view first = text.substr(0, text.find('\n'));
    const std::string_view second = first.size() < size ? text.substr(first.size() + 1) : std::string_view();
    torus::http::url_fault why{};
    if (const auto base = url::parse(first, why)) {
        check(*base);
        if (const auto resolved = base->resolve(second, why)) check(*resolved);
    }
    require(torus::http::percent_decode(torus::http::percent_encode(text)) == text);
    const torus::http::query parameters(text);
    require(torus::http::query(parameters.to_string()).to_string() == parameters.to_string());
    return 0;
}
