// cli/terminal.hpp: what the terminal can show, and how not to be fooled by what is written to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace torus::inline v0::cli {

enum class color_choice : std::uint8_t { automatic, always, never };

/// Whether to write in colour: as the option says; else not if NO_COLOR is set, yes if CLICOLOR_FORCE is (and not 0);
/// else only to a terminal that isn't a dumb one.
bool wants_color(color_choice choice, int descriptor);

/// Whether lines may be rewritten there: a terminal, and TERM is neither empty nor dumb.
bool is_interactive(int descriptor);

/// The width of the terminal; COLUMNS, or 80, where it doesn't say.
std::size_t columns_of(int descriptor);

/// `text` with what would control the terminal written as \x1b, and cut to `most` characters with an ellipsis.
/// For everything that comes from elsewhere: URLs, messages, names of files.
std::string printable(std::string_view text, std::size_t most = 200);

/// A message of the library without the library's name before it, which is the command's, too.
std::string_view without_name(std::string_view message) noexcept;

/// The words of a command as a shell takes them.
std::string shell_quoted(std::string_view word);

/// Colours for a stream that may not want them.
class palette {
public:
    explicit palette(bool on) noexcept : on_(on) {}

    std::string bold(std::string_view text) const { return wrapped("1", text); }
    std::string red(std::string_view text) const { return wrapped("31", text); }
    std::string green(std::string_view text) const { return wrapped("32", text); }
    std::string dim(std::string_view text) const { return wrapped("2", text); }

private:
    std::string wrapped(const char* code, std::string_view text) const;
    bool on_;
};

}  // namespace torus::inline v0::cli
