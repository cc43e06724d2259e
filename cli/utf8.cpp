// cli/utf8.cpp: whether bytes are text.
#include "cli/utf8.hpp"

namespace torus::inline v0::cli {

namespace {

/// The size of the character at the beginning of `text`; 0 if there is none. The ranges are those of RFC 3629, section 4.
std::size_t character_size(std::string_view text) noexcept {
    const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
    const auto in = [](unsigned value, unsigned low, unsigned high) { return value >= low && value <= high; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (in(first, 0xc2, 0xdf)) return in(byte(1), 0x80, 0xbf) ? 2 : 0;
    if (in(first, 0xe0, 0xef)) {
        const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
        const unsigned high = first == 0xed ? 0x9f : 0xbf;
        return in(byte(1), low, high) && in(byte(2), 0x80, 0xbf) ? 3 : 0;
    }
    if (in(first, 0xf0, 0xf4)) {
        const unsigned low = first == 0xf0 ? 0x90 : 0x80;
        const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
        return in(byte(1), low, high) && in(byte(2), 0x80, 0xbf) && in(byte(3), 0x80, 0xbf) ? 4 : 0;
    }
    return 0;
}

}  // namespace

std::size_t utf8_valid_size(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t size = character_size(text.substr(at));
        if (size == 0) return at;
        at += size;
    }
    return at;
}

std::string utf8_repaired(std::string_view text) {
    std::string repaired;
    for (;;) {
        const std::size_t valid = utf8_valid_size(text);
        repaired += text.substr(0, valid);
        if (valid == text.size()) return repaired;
        repaired += "\xef\xbf\xbd";
        text.remove_prefix(valid + 1);
    }
}

}  // namespace torus::inline v0::cli
