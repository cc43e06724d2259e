// src/http/percent.cpp: percent-encoding.
#include "torus/http/percent.hpp"

#include "http/grammar.hpp"
#include "torus/http/token.hpp"

namespace torus::inline v0::http {
namespace {

bool stays(char c, url_part part) noexcept {
    if (is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') return true;
    if (part == url_part::component || c == '\0') return false;
    // What RFC 3986, section 3.3 allows in a path besides; brackets and '%' because everybody leaves them alone.
    constexpr std::string_view of_path = "/:@!$&'()*+,;=[]%";
    return of_path.find(c) != std::string_view::npos || (c == '?' && part == url_part::query);
}

}  // namespace

std::string percent_encode(std::string_view text, url_part part) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded;
    encoded.reserve(text.size());
    for (char c : text) {
        if (stays(c, part)) {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += '%';
            encoded += digits[byte >> 4];
            encoded += digits[byte & 15];
        }
    }
    return encoded;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        const int high = hex_value(text[i + 1]);
        const int low = hex_value(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        decoded += static_cast<char>(high << 4 | low);
        i += 2;
    }
    return decoded;
}

}  // namespace torus::inline v0::http
