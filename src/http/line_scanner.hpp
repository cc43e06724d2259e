// src/http/line_scanner.hpp: finds where a head or the trailers end, and refuses what must stand in no line of them.
#pragma once

#include "http/parse_error.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace torus::inline v0::http {

/// How much a section of lines may hold.
struct line_limits {
    std::uint32_t bytes;       // of all lines, with their ends
    std::uint32_t first_line;  // of the first line, without its end
    std::uint32_t lines;       // the empty one at the end not counted
};

/// Reads lines that end in CR LF, up to an empty one, a piece at a time.
///
/// It looks at each byte once, so that a head that comes byte by byte costs no more than one that comes at once, and
/// an endless one is refused at the limit and not collected first. Bare CR, bare LF, control characters and folded
/// lines are refused here, at the very byte, before a parser with opinions of its own about line ends sees them.
class line_scanner {
public:
    struct result {
        std::size_t consumed;
        parse_error error = parse_error::none;
        bool is_complete = false;
    };

    /// Looks at the next bytes; takes none behind the empty line.
    result scan(std::string_view input, const line_limits& limits) noexcept;

    /// Lines that have ended, without the empty one.
    std::uint32_t lines() const noexcept { return lines_; }

private:
    parse_error judge(char c, const line_limits& limits) const noexcept;

    std::uint32_t bytes_ = 0;
    std::uint32_t line_ = 0;  // bytes of the line that has not ended
    std::uint32_t lines_ = 0;
    bool after_cr_ = false;
};

}  // namespace torus::inline v0::http
