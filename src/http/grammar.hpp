// src/http/grammar.hpp: the small grammars that many fields share: lists, numbers, spaces around things.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace torus::inline v0::http {

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

/// Without the spaces and tabulators around it (OWS of RFC 9110, section 5.6.3).
constexpr std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// The value of a hexadecimal digit, -1 for other characters.
constexpr int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Takes the next member off a list; false when there is none left. `separator` inside a quoted string does not
/// separate; members may be empty.
bool take_member(std::string_view& rest, std::string_view& member, char separator = ',') noexcept;

/// A decimal number of digits only: no sign, no space, nothing else. Nothing if it does not fit.
std::optional<std::uint64_t> parse_decimal(std::string_view digits) noexcept;

}  // namespace torus::inline v0::http
