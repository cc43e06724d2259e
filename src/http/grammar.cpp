// src/http/grammar.cpp: lists and numbers.
#include "http/grammar.hpp"

#include <charconv>
#include <cstddef>
#include <system_error>

namespace torus::inline v0::http {

bool take_member(std::string_view& rest, std::string_view& member, char separator) noexcept {
    if (rest.data() == nullptr) return false;
    bool quoted = false;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        const char c = rest[i];
        if (quoted && c == '\\') {
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == separator && !quoted) {
            member = trimmed(rest.substr(0, i));
            rest.remove_prefix(i + 1);
            return true;
        }
    }
    member = trimmed(rest);
    rest = {};  // the null pointer says that the last member has been taken; it may have been an empty one
    return true;
}

std::optional<std::uint64_t> parse_decimal(std::string_view digits) noexcept {
    std::uint64_t value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, fault] = std::from_chars(digits.data(), end, value);
    if (digits.empty() || stop != end || fault != std::errc()) return std::nullopt;
    return value;
}

}  // namespace torus::inline v0::http
