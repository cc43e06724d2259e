// cli/fetch/progress.cpp: how far it is, on one line.
#include "cli/fetch/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/quantity.hpp"

namespace torus::inline v0::cli {

namespace {

/// How long the past counts in the speed: after that long without a change a third of the old value is left.
constexpr double memory_seconds = 3;

/// A bar shorter than this says nothing; then there is only text.
constexpr std::size_t shortest_bar = 8;
constexpr std::size_t longest_bar = 30;

std::string speed(double per_second) {
    std::array<char, 32> text{};
    if (per_second >= 10) return format_count(static_cast<std::uint64_t>(std::llround(per_second))) + "/s";
    const int size = std::snprintf(text.data(), text.size(), "%.1f/s", per_second);
    return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<std::string> time_left(const progress_state& s) {
    // Less than one in three hours: nothing that could be said would be true.
    if (!s.total || s.done >= *s.total || s.per_second < 1e-4) return std::nullopt;
    const double seconds = static_cast<double>(*s.total - s.done) / s.per_second;
    const duration span = to_duration(std::chrono::duration<double>(std::max(1.0, std::ceil(seconds))));
    if (span < std::chrono::minutes(1)) return std::to_string(span / std::chrono::seconds(1)) + " s left";
    return format_duration(span) + " left";
}

double share(const progress_state& s) {
    if (!s.total || *s.total == 0) return 1;
    return std::min(1.0, static_cast<double>(s.done) / static_cast<double>(*s.total));
}

std::string bar(double share, std::size_t columns) {
    const auto full = static_cast<std::size_t>(share * static_cast<double>(columns));
    std::string text;
    for (std::size_t at = 0; at < columns; ++at) text += at < full ? "█" : "░";
    return text;
}

}  // namespace

void tally::count(error_class error, std::optional<int> status, std::string_view method) noexcept {
    ++done;
    ++errors[static_cast<std::size_t>(error)];
    if (error != error_class::none) ++failed;
    else if (status && is_retryable_status(*status)) ++failed, ++come_back_later;
    switch (second_try_of(error, status, method)) {
    case second_try::useless: break;
    case second_try::harmless: ++harmless_to_repeat; break;
    case second_try::unsafe: ++unsafe_to_repeat; break;
    }
}

void speedometer::note(time_point now, std::uint64_t done) noexcept {
    const double seconds = std::chrono::duration<double>(now - last_).count();
    if (seconds <= 0) return;
    const double latest = static_cast<double>(done - std::min(done, done_)) / seconds;
    const double old_part = known_ ? std::exp(-seconds / memory_seconds) : 0;
    per_second_ = old_part * per_second_ + (1 - old_part) * latest;
    known_ = true;
    last_ = now;
    done_ = done;
}

std::string progress_bar(const progress_state& state, std::size_t columns, const palette& colors) {
    const std::string failed = format_count(state.failed) + " failed";
    const std::string done = format_count(state.done) + " done, ";
    const std::string left =
        "  " + speed(state.per_second) + (time_left(state) ? "  " + *time_left(state) : std::string());
    const std::string percent =
        state.total ? std::to_string(static_cast<int>(share(state) * 100)) + " %" : std::string();
    std::size_t text = done.size() + failed.size() + left.size();
    std::string colored = done + (state.failed > 0 ? colors.red(failed) : failed) + colors.dim(left);
    if (text >= columns) return (done + failed + left).substr(0, columns > 0 ? columns - 1 : 0);
    const std::size_t before = 2 + 5 + 2;  // the gaps, and the percentage, right aligned
    if (!state.total || text + before + shortest_bar >= columns) return colored;
    const std::size_t room = std::min(longest_bar, columns - 1 - text - before);
    return colors.green(bar(share(state), room)) + "  " + std::string(5 - percent.size(), ' ') + percent + "  " +
           colored;
}

std::string progress_line(const progress_state& state) {
    std::string text = format_count(state.done);
    if (state.total) text += " of " + format_count(*state.total);
    text += " done, " + format_count(state.failed) + " failed, " + speed(state.per_second);
    if (const auto left = time_left(state)) text += ", " + *left;
    return text;
}

std::string describe(const tally& counted) {
    std::string text =
        format_count(counted.done - counted.failed) + " fetched, " + format_count(counted.failed) + " failed";
    std::string why;
    const auto add = [&why](std::uint64_t number, std::string_view what) {
        if (number > 0) why += (why.empty() ? "" : ", ") + format_count(number) + " " + std::string(what);
    };
    for (std::size_t at = 1; at < error_classes; ++at) add(counted.errors[at], to_string(static_cast<error_class>(at)));
    add(counted.come_back_later, "come back later");
    return why.empty() ? text : text + " (" + why + ")";
}

}  // namespace torus::inline v0::cli
