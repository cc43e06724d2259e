// cli/declare.cpp: saying which options a command has.
#include "cli/declare.hpp"

#include <stdexcept>

#include <CLI/CLI.hpp>

#include "cli/help.hpp"
#include "cli/quantity.hpp"
#include "cli/suggestion.hpp"

namespace torus::inline v0::cli {

namespace {

/// TORUS_FETCH_MAX_BODY for "--max-body" of fetch.
std::string environment_name(const CLI::App& command, const char* names) {
    std::string text =
        "TORUS_" + command.get_name() + "_" + std::string(names).substr(std::string_view(names).find("--") + 2);
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (c == '-') c = '_';
    }
    return text;
}

std::string long_name(const char* names) { return names + std::string_view(names).find("--"); }

}  // namespace

CLI::App& declare_command(CLI::App& torus, const char* name, std::string_view help) {
    CLI::App& command = *torus.add_subcommand(name);
    command.formatter_fn([help](const CLI::App*, const std::string&, CLI::AppFormatMode) { return styled_help(help); });
    return command;
}

void declare_value(CLI::App& command, const char* names, std::function<void(const std::string&)> take) {
    const auto checked = [take = std::move(take), name = long_name(names)](const std::string& text) {
        try {
            take(text);
        } catch (const std::invalid_argument& e) {
            throw CLI::ValidationError(name, e.what());
        }
    };
    command.add_option_function<std::string>(names, checked)
        ->envname(environment_name(command, names))
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void declare(CLI::App& command, const char* names, std::string& value) {
    declare_value(command, names, [&value](const std::string& text) { value = text; });
}

void declare(CLI::App& command, const char* names, std::vector<std::string>& values) {
    command.add_option(names, values)
        ->envname(environment_name(command, names))
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void declare_flag(CLI::App& command, const char* names, bool& set) {
    command.add_flag(names, set)->envname(environment_name(command, names));
}

void declare_positional(CLI::App& command, const char* name, std::string& value) { command.add_option(name, value); }

void declare_positional(CLI::App& command, const char* name, std::vector<std::string>& values) {
    command.add_option(name, values);
}

void declare_duration(CLI::App& command, const char* names, duration& value) {
    declare_value(command, names, [&value](const std::string& text) { value = parse_duration(text); });
}

void declare_rate(CLI::App& command, const char* names, double& per_second) {
    declare_value(command, names, [&per_second](const std::string& text) { per_second = parse_rate(text); });
}

void declare_color(CLI::App& command, color_choice& value) {
    declare_choice(
        command, "--color", value,
        {{"auto", color_choice::automatic}, {"always", color_choice::always}, {"never", color_choice::never}});
}

std::uint64_t count_between(std::string_view text, std::uint64_t least, std::uint64_t most) {
    const std::uint64_t count = parse_count(text);
    if (count < least || count > most)
        throw std::invalid_argument(std::string(text) + " is not within " + format_count(least) + " to " +
                                    format_count(most));
    return count;
}

std::uint64_t size_up_to(std::string_view text, std::uint64_t most) {
    const std::uint64_t size = parse_size(text);
    if (size > most) throw std::invalid_argument(std::string(text) + " is more than " + format_size(most));
    return size;
}

void refuse_choice(std::string_view text, const std::vector<std::string_view>& words) {
    std::string list;
    for (std::string_view word : words) list += (list.empty() ? "" : ", ") + std::string(word);
    throw std::invalid_argument("'" + std::string(text) + "' is none of " + list + did_you_mean(text, words));
}

}  // namespace torus::inline v0::cli
