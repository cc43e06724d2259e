// cli/quantity.cpp: durations, sizes, counts and rates, as people type and read them.
#include "cli/quantity.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <utility>

namespace torus::inline v0::cli {

namespace {

[[noreturn]] void refuse(std::string_view text, const char* what) {
    throw std::invalid_argument("'" + std::string(text) + "' is " + what);
}

constexpr const char* no_duration = "not a duration; 100ms, 1.5s, 2m and 1h30m are";
constexpr const char* no_size = "not a size; 512, 10k and 64MiB are";
constexpr const char* no_count = "not a count; 256 and 10k are";
constexpr const char* no_rate = "not a rate; 100, 2.5/s and 30/m are";

/// Takes a decimal number without sign or exponent off the front.
std::optional<double> take_number(std::string_view& text) {
    double number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (fault != std::errc() || text.front() == '-' || !std::isfinite(number)) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

std::string lower(std::string_view text) {
    std::string low(text);
    for (char& c : low)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return low;
}

std::optional<double> seconds_in(std::string_view unit) {
    static constexpr std::array<std::pair<std::string_view, double>, 7> units{
        {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};
    for (const auto& [name, seconds] : units)
        if (unit == name) return seconds;
    return std::nullopt;
}

std::optional<double> bytes_in(std::string_view unit) {
    std::string low = lower(unit);
    if (low.ends_with('b')) low.pop_back();
    const double base = low.ends_with('i') ? 1024 : 1000;
    if (low.ends_with('i')) low.pop_back();
    static constexpr std::string_view powers = "kmgt";
    if (low.empty()) return base == 1000 ? std::optional(1.0) : std::nullopt;
    const auto power = powers.find(low.front());
    if (low.size() != 1 || power == std::string_view::npos) return std::nullopt;
    return std::pow(base, static_cast<double>(power + 1));
}

/// Above this a double has gaps between whole numbers; nobody has an exbibyte either.
constexpr double largest_whole = 9007199254740992.0;  // 2^53

std::string printed(const char* format, double number) {
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), format, number);
    return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

duration parse_duration(std::string_view text) {
    std::string_view rest = text;
    double seconds = 0;
    if (rest.empty()) refuse(text, no_duration);
    while (!rest.empty()) {
        const std::optional<double> number = take_number(rest);
        if (!number) refuse(text, no_duration);
        const std::size_t unit_size = rest.find_first_of("0123456789.");
        const std::string_view unit = rest.substr(0, unit_size);
        const bool alone = unit.empty() && rest.empty() && seconds == 0;
        const std::optional<double> scale = alone ? 1.0 : seconds_in(lower(unit));
        if (!scale) refuse(text, no_duration);
        seconds += *number * *scale;
        rest.remove_prefix(unit.size());
    }
    return to_duration(std::chrono::duration<double>(seconds));
}

std::uint64_t parse_size(std::string_view text) {
    std::string_view rest = text;
    const std::optional<double> number = rest.empty() ? std::nullopt : take_number(rest);
    const std::optional<double> scale = number ? bytes_in(rest) : std::nullopt;
    if (!scale || *number * *scale > largest_whole) refuse(text, no_size);
    return static_cast<std::uint64_t>(std::llround(*number * *scale));
}

std::uint64_t parse_count(std::string_view text) {
    std::string_view rest = text;
    const std::optional<double> number = rest.empty() ? std::nullopt : take_number(rest);
    const double scale = rest.empty() ? 1 : lower(rest) == "k" ? 1e3 : lower(rest) == "m" ? 1e6 : 0;
    const double count = number.value_or(0) * scale;
    if (!number || scale == 0 || count > largest_whole || count != std::floor(count)) refuse(text, no_count);
    return static_cast<std::uint64_t>(count);
}

double parse_rate(std::string_view text) {
    std::string_view rest = text;
    const std::optional<double> number = rest.empty() ? std::nullopt : take_number(rest);
    double scale = 1;
    if (number && rest.starts_with('/')) {
        const std::optional<double> seconds = seconds_in(lower(rest.substr(1)));
        if (!seconds) refuse(text, no_rate);
        scale = *seconds;
    } else if (!number || !rest.empty()) {
        refuse(text, no_rate);
    }
    return *number / scale;
}

std::string format_duration(duration span) {
    const double seconds = std::chrono::duration<double>(span).count();
    if (seconds < 0.9995) return printed("%.0f ms", seconds * 1e3);
    if (seconds < 9.995) return printed("%.2f s", seconds);
    if (seconds < 59.95) return printed("%.1f s", seconds);
    const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
    if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
    return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
}

std::string format_size(std::uint64_t bytes) {
    if (bytes < 1024) return format_count(bytes, "byte", "bytes");
    double number = static_cast<double>(bytes);
    const char* unit = "";
    for (const char* larger : {"KiB", "MiB", "GiB", "TiB"}) {
        if (number < 1024) break;
        number /= 1024;
        unit = larger;
    }
    const bool whole = number == std::floor(number) || number >= 100;
    return printed(whole ? "%.0f " : "%.1f ", number) + unit;
}

std::string format_count(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
    return text;
}

std::string format_count(std::uint64_t number, std::string_view one, std::string_view many) {
    return format_count(number) + " " + std::string(number == 1 ? one : many);
}

}  // namespace torus::inline v0::cli
