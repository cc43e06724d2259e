// cli/fetch/progress.hpp: how far it is, on one line.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <torus/core/clock.hpp>

#include "cli/fetch/row.hpp"
#include "cli/terminal.hpp"

namespace torus::inline v0::cli {

/// What has become of the lines so far.
class tally {
public:
    /// Counts a row that was written.
    void count(const result_row& row) noexcept { count(row.error, row.status, row.method); }
    void count(error_class error, std::optional<int> status, std::string_view method) noexcept;

    std::uint64_t done = 0;    // rows, those of earlier starts included
    std::uint64_t failed = 0;  // of these
    std::array<std::uint64_t, error_classes> errors{};
    std::uint64_t come_back_later = 0;  // of the failed ones: answered by 429, 502, 503 or 504
    std::uint64_t harmless_to_repeat = 0;  // of the failed ones, as `second_try` says
    std::uint64_t unsafe_to_repeat = 0;
};

/// How many a second, over the last few seconds: a number that neither jumps nor remembers breakfast.
class speedometer {
public:
    explicit speedometer(time_point start) noexcept : last_(start) {}

    /// Notes how many are done now.
    void note(time_point now, std::uint64_t done) noexcept;

    double per_second() const noexcept { return per_second_; }

private:
    time_point last_;
    std::uint64_t done_ = 0;
    double per_second_ = 0;
    bool known_ = false;
};

/// What a line of progress says.
struct progress_state {
    std::uint64_t done = 0;
    std::uint64_t failed = 0;
    std::optional<std::uint64_t> total;  // unknown while lines still arrive
    double per_second = 0;
};

/// A bar that fits `columns`:
///
///     ███████████░░░░░░░  61 %  6,100 done, 12 failed  950/s  4 s left
std::string progress_bar(const progress_state& state, std::size_t columns, const palette& colors);

/// The same in words, for where lines can't be rewritten: "6,100 of 10,000 done, 12 failed, 950/s, 4 s left".
std::string progress_line(const progress_state& state);

/// "9,988 fetched, 12 failed (7 timeout, 5 refused)".
std::string describe(const tally& counted);

}  // namespace torus::inline v0::cli
