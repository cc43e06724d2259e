// torus/http/date.hpp: moments as HTTP writes them.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace torus::inline v0::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT". A moment outside the years 0 to 9999 becomes the nearest one inside.
std::string format_date(std::chrono::sys_seconds when);

/// Reads any of the three forms of RFC 9110, section 5.6.7; nothing if it is none of them.
///
/// @param now  decides the century of a year with two digits: never more than 50 years ahead
std::optional<std::chrono::sys_seconds>
parse_date(std::string_view text,
           std::chrono::sys_seconds now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));

/// The text of the current second, made once: a server writes it into each response.
class date_cache {
public:
    /// @return good until the next call
    /// @cost   a comparison, unless the second is another one than last time
    std::string_view at(std::chrono::sys_seconds now) noexcept;

private:
    std::chrono::sys_seconds of_ = std::chrono::sys_seconds::min();
    std::array<char, 29> text_{};
};

}  // namespace torus::inline v0::http
