// cli/fetch/error_class.hpp: why a line has no result, as the column `error` says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace torus::inline v0::cli {

/// What a failed row is filed under. The words are part of the output's format; the column `message` has the details.
enum class error_class : std::uint8_t {
    none,
    dns,        // the host's name has no address, or nobody could say
    refused,    // no connection: refused, no route, unreachable
    reset,      // the connection ended before the whole answer was there
    timeout,    // connecting, waiting or receiving took too long
    tls,        // no trust: a certificate that is wrong, expired or somebody else's; or no handshake at all
    protocol,   // what came was not HTTP, or not decodable
    too_large,  // the body is longer than --max-body; its beginning is kept
    redirects,  // more redirects than --max-redirects, in a circle, or to nowhere
    input,      // the line is no request
    unknown,    // torus died while a request was on its way that must not be sent twice
};

/// The word for the column; empty for `none`.
std::string_view to_string(error_class what) noexcept;

/// The class of a word; nothing for a word that is none.
std::optional<error_class> parse_error_class(std::string_view word) noexcept;

inline constexpr std::size_t error_classes = 11;  // with `none`

}  // namespace torus::inline v0::cli
