// src/http/base64.cpp: six bits a character.
#include "torus/http/base64.hpp"

#include <array>
#include <cstdint>

namespace torus::inline v0::http {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> values = [] {
    std::array<std::int8_t, 256> of{};
    of.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        of[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    return of;
}();

}  // namespace

std::string base64_encode(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k) text += i + k > bytes.size() ? '=' : alphabet[bits >> (18 - 6 * k) & 63];
    }
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && !text.empty() && text.back() == '=') text.remove_suffix(1), ++padding;
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned known = 0;
    for (char c : text) {
        const int value = values[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        known += 6;
        if (known < 8) continue;
        known -= 8;
        bytes += static_cast<char>(bits >> known & 255);
    }
    // The bits that padding leaves over are zero, or two texts would mean the same bytes.
    if ((bits & ((1u << known) - 1)) != 0) return std::nullopt;
    return bytes;
}

}  // namespace torus::inline v0::http
