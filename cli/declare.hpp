// cli/declare.hpp: saying which options a command has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <torus/core/clock.hpp>

#include "cli/terminal.hpp"

namespace CLI {
class App;
}

namespace torus::inline v0::cli {

/// Adds a subcommand that shows `help`.
CLI::App& declare_command(CLI::App& torus, const char* name, std::string_view help);

/// Adds an option with a value, which is also taken from the environment: `--max-body` of `torus fetch` from
/// TORUS_FETCH_MAX_BODY, unless the command line has it. The last one counts.
///
/// @param names  "-c,--concurrency": short and long one
/// @param take  gets the value; what it throws as std::invalid_argument is shown
void declare_value(CLI::App& command, const char* names, std::function<void(const std::string&)> take);

void declare(CLI::App& command, const char* names, std::string& value);
/// May be given many times, with one value each.
void declare(CLI::App& command, const char* names, std::vector<std::string>& values);
void declare_flag(CLI::App& command, const char* names, bool& set);
void declare_positional(CLI::App& command, const char* name, std::string& value);
void declare_positional(CLI::App& command, const char* name, std::vector<std::string>& values);

void declare_duration(CLI::App& command, const char* names, duration& value);
void declare_rate(CLI::App& command, const char* names, double& per_second);
void declare_color(CLI::App& command, color_choice& value);

/// A count within bounds.
/// @throws std::invalid_argument  what() says which
std::uint64_t count_between(std::string_view text, std::uint64_t least, std::uint64_t most);
std::uint64_t size_up_to(std::string_view text, std::uint64_t most);

template <class Integer>
void declare_count(CLI::App& command, const char* names, Integer& value, std::uint64_t least, std::uint64_t most) {
    declare_value(command, names, [&value, least, most](const std::string& text) {
        value = static_cast<Integer>(count_between(text, least, most));
    });
}

inline void declare_size(CLI::App& command, const char* names, std::size_t& value, std::uint64_t most) {
    declare_value(command, names, [&value, most](const std::string& text) { value = size_up_to(text, most); });
}

/// @throws std::invalid_argument  there is no such word; says which there are
[[noreturn]] void refuse_choice(std::string_view text, const std::vector<std::string_view>& words);

template <class Choice>
void declare_choice(CLI::App& command, const char* names, Choice& value,
                    std::initializer_list<std::pair<std::string_view, Choice>> choices) {
    declare_value(command, names, [&value, list = std::vector(choices)](const std::string& text) {
        std::vector<std::string_view> words;
        for (const auto& [word, choice] : list) {
            words.push_back(word);
            if (word == text) return void(value = choice);
        }
        refuse_choice(text, words);
    });
}

}  // namespace torus::inline v0::cli
