// src/http/line_scanner.cpp: lines, eight bytes at a time.
#include "http/line_scanner.hpp"

#include "http/grammar.hpp"
#include "torus/http/token.hpp"

#include <algorithm>
#include <cstring>

namespace torus::inline v0::http {
namespace {

constexpr std::uint64_t each(std::uint64_t byte) noexcept { return byte * 0x0101010101010101; }

// Whether one of eight bytes is below 0x20 or is 0x7f. May say yes too often (for a byte behind such a one), never no.
bool may_have_control(std::uint64_t bytes) noexcept {
    const std::uint64_t below_space = (bytes - each(0x20)) & ~bytes;
    const std::uint64_t without_delete = bytes ^ each(0x7f);
    const std::uint64_t is_delete = (without_delete - each(1)) & ~without_delete;
    return ((below_space | is_delete) & each(0x80)) != 0;
}

// How many bytes at the beginning are no control characters (the tabulator is none).
std::size_t plain_bytes(std::string_view text) noexcept {
    std::size_t at = 0;
    for (;;) {
        for (std::uint64_t bytes; text.size() - at >= sizeof bytes; at += sizeof bytes) {
            std::memcpy(&bytes, text.data() + at, sizeof bytes);
            if (may_have_control(bytes)) break;
        }
        const std::size_t stop = std::min(text.size(), at + sizeof(std::uint64_t));
        for (; at < stop; ++at)
            if (is_control(text[at])) return at;
        if (at == text.size()) return at;
    }
}

}  // namespace

// What is wrong with `c` as the next byte, if anything.
parse_error line_scanner::judge(char c, const line_limits& limits) const noexcept {
    if (bytes_ == limits.bytes) return parse_error::head_too_large;
    if (after_cr_) return c == '\n' ? parse_error::none : parse_error::bare_cr;
    if (c == '\n') return parse_error::bare_lf;
    if (c == '\r') return line_ > 0 && lines_ == limits.lines ? parse_error::too_many_fields : parse_error::none;
    if (is_control(c)) return parse_error::control_character;
    if (lines_ == 0) return line_ == limits.first_line ? parse_error::start_line_too_long : parse_error::none;
    return line_ == 0 && is_blank(c) ? parse_error::folded_line : parse_error::none;
}

line_scanner::result line_scanner::scan(std::string_view input, const line_limits& limits) noexcept {
    std::size_t at = 0;
    while (at < input.size()) {
        const char c = input[at];
        if (const parse_error error = judge(c, limits); error != parse_error::none) return {at, error};
        if (after_cr_) {
            after_cr_ = false;
            ++bytes_;
            ++at;
            if (line_ == 0) return {at, parse_error::none, true};
            line_ = 0;
            ++lines_;
        } else if (c == '\r') {
            after_cr_ = true;
            ++bytes_;
            ++at;
        } else {
            const std::size_t of_line = lines_ == 0 ? limits.first_line - line_ : SIZE_MAX;
            const std::size_t allowed = std::min<std::size_t>(limits.bytes - bytes_, of_line);
            const auto taken = static_cast<std::uint32_t>(plain_bytes(input.substr(at, allowed)));
            bytes_ += taken;
            line_ += taken;
            at += taken;
        }
    }
    return {at};
}

}  // namespace torus::inline v0::http
