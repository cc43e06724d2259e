// cli/terminal.cpp: what the terminal can show, and how not to be fooled by what is written to it.
#include "cli/terminal.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "cli/utf8.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace torus::inline v0::cli {

namespace {

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

constexpr std::size_t usual_columns = 80;

/// Whether the bytes at `at` are the C1 control characters U+0080 to U+009F, which terminals obey as well.
bool is_c1_control(std::string_view text, std::size_t at) {
    return text[at] == '\xc2' && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0;
}

}  // namespace

bool wants_color(color_choice choice, int descriptor) {
    if (choice != color_choice::automatic) return choice == color_choice::always;
    if (!environment("NO_COLOR").empty()) return false;
    if (const auto force = environment("CLICOLOR_FORCE"); !force.empty() && force != "0") return true;
    return is_interactive(descriptor);
}

bool is_interactive(int descriptor) {
    const std::string_view terminal = environment("TERM");
    return !terminal.empty() && terminal != "dumb" && ::isatty(descriptor) == 1;
}

std::size_t columns_of(int descriptor) {
    struct winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    const std::string_view told = environment("COLUMNS");
    std::size_t columns = 0;
    const auto [end, fault] = std::from_chars(told.data(), told.data() + told.size(), columns);
    return fault == std::errc() && columns > 0 ? columns : usual_columns;
}

std::string printable(std::string_view foreign, std::size_t most) {
    const std::string text = utf8_repaired(foreign.substr(0, 4 * most + 4));  // no character takes more than 4 bytes
    std::string shown;
    for (std::size_t at = 0, characters = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const bool continues = (byte & 0xc0) == 0x80;
        if (!continues && ++characters > most) return shown + "…";
        if (byte < 0x20 || byte == 0x7f || is_c1_control(text, at)) {
            std::array<char, 8> escaped{};
            std::snprintf(escaped.data(), escaped.size(), "\\x%02x", byte < 0x80 ? byte : text[at + 1] & 0xff);
            shown += escaped.data();
            if (byte >= 0x80) ++at;
        } else {
            shown += text[at];
        }
    }
    return shown;
}

std::string_view without_name(std::string_view message) noexcept {
    constexpr std::string_view name = "torus: ";
    if (message.starts_with(name)) message.remove_prefix(name.size());
    return message;
}

std::string shell_quoted(std::string_view word) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-";
    if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) return std::string(word);
    std::string quoted = "'";
    for (char c : word) {
        if (c == '\'') quoted += "'\\''";
        else quoted += c;
    }
    return quoted + "'";
}

std::string palette::wrapped(const char* code, std::string_view text) const {
    if (!on_) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace torus::inline v0::cli
