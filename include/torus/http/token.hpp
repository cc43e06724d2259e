// torus/http/token.hpp: the characters HTTP is made of.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace torus::inline v0::http {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr bool is_alpha(char c) noexcept { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }

/// For each byte, whether it may be part of a token (RFC 9110, section 5.6.2).
inline constexpr std::array<bool, 256> token_characters = [] {
    std::array<bool, 256> may{};
    for (std::size_t i = 0; i < may.size(); ++i)
        may[i] = is_alpha(static_cast<char>(i)) || is_digit(static_cast<char>(i));
    for (char c : std::string_view("!#$%&'*+-.^_`|~")) may[static_cast<unsigned char>(c)] = true;
    return may;
}();

/// Whether `text` is a token: a method, a field's name, the name of a coding.
constexpr bool is_token(std::string_view text) noexcept {
    for (char c : text)
        if (!token_characters[static_cast<unsigned char>(c)]) return false;
    return !text.empty();
}

/// Whether `c` is a control character other than the tabulator: what may stand nowhere in a head.
constexpr bool is_control(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

/// Whether `text` can be a field's value, or a reason phrase: anything without control characters, so no line end
/// and no NUL. Bytes above 127 pass, as they do everywhere.
constexpr bool is_field_value(std::string_view text) noexcept {
    bool has_control = false;
    for (char c : text) has_control |= is_control(c);  // without a way out of the loop it is done many bytes at a time
    return !has_control;
}

/// Compares names, which know no case. ASCII only, whatever the locale says.
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (to_lower(a[i]) != to_lower(b[i])) return false;
    return true;
}

}  // namespace torus::inline v0::http
