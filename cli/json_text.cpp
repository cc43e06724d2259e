// cli/json_text.cpp: writing JSON, a member at a time.
#include "cli/json_text.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include "cli/utf8.hpp"

namespace torus::inline v0::cli {

namespace {

/// Of two bytes; empty where there is none.
std::string_view short_escape_of(char c) {
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return {};
    }
}

std::string_view escape_of(char c, std::array<char, 8>& room) {
    if (const std::string_view known = short_escape_of(c); !known.empty()) return known;
    std::snprintf(room.data(), room.size(), "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    return {room.data(), 6};
}

bool is_plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != 0x7f; }

}  // namespace

void append_json(std::string& to, std::string_view text) {
    std::string repaired;
    if (!is_utf8(text)) {
        repaired = utf8_repaired(text);
        text = repaired;
    }
    to += '"';
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && is_plain(text[plain])) ++plain;
        to += text.substr(0, plain);
        if (plain == text.size()) break;
        std::array<char, 8> room{};
        to += escape_of(text[plain], room);
        text.remove_prefix(plain + 1);
    }
    to += '"';
}

std::size_t json_size(std::string_view text) noexcept {
    std::size_t size = 2;  // the quotes
    for (const char c : text) size += is_plain(c) ? 1 : short_escape_of(c).empty() ? 6 : 2;
    return size;
}

void json_object::begin(std::string_view name) {
    if (text_.size() > 1) text_ += ',';
    append_json(text_, name);
    text_ += ':';
}

json_object& json_object::add(std::string_view name, std::string_view text) {
    begin(name);
    append_json(text_, text);
    return *this;
}

json_object& json_object::add(std::string_view name, std::int64_t number) {
    begin(name);
    text_ += std::to_string(number);
    return *this;
}

json_object& json_object::add(std::string_view name, double number) {
    if (!std::isfinite(number)) return add_null(name);  // JSON has no such numbers
    begin(name);
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "%.10g", number);
    text_.append(text.data(), static_cast<std::size_t>(size));
    return *this;
}

json_object& json_object::add_null(std::string_view name) { return add_raw(name, "null"); }

json_object& json_object::add_raw(std::string_view name, std::string_view json) {
    begin(name);
    text_ += json;
    return *this;
}

}  // namespace torus::inline v0::cli
