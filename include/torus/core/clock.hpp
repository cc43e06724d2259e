// torus/core/clock.hpp: the loop's time: monotonic, in nanoseconds, real or virtual.
#pragma once

#include <chrono>
#include <concepts>
#include <stdexcept>

namespace torus::inline v0 {

/// A span of time. 64 bits of nanoseconds reach 292 years; longer ones saturate to `duration::max()`, "for ever".
using duration = std::chrono::nanoseconds;

/// The running loop's clock: the monotonic clock of the kernel, or a virtual one that jumps while nothing happens.
struct clock {
    using duration = torus::duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<clock>;
    static constexpr bool is_steady = true;

    /// The time now: of this thread's running loop, or of the monotonic clock where none runs.
    static time_point now() noexcept;
};

using time_point = clock::time_point;

enum class clock_kind : unsigned char {
    steady,    // the kernel's monotonic clock
    simulated  // jumps to the next deadline while nothing is ready, no operation is in flight, no thread job runs
};

/// Where a simulated clock begins: late enough that moments before its beginning can be told.
inline constexpr clock::time_point simulated_beginning{std::chrono::hours(24)};

/// Converts any duration to nanoseconds; what does not fit saturates.
///
/// @throws std::invalid_argument  a duration that is not a number
template <class Rep, class Period>
constexpr duration to_duration(std::chrono::duration<Rep, Period> span) {
    if constexpr (std::floating_point<Rep>) {
        if (span.count() != span.count()) throw std::invalid_argument("torus: a duration that is not a number");
    }
    // 9.2e18 ns: compared as floating point, where nothing can overflow.
    using seconds = std::chrono::duration<double>;
    const double in_seconds = std::chrono::duration_cast<seconds>(span).count();
    if (in_seconds >= seconds(duration::max()).count()) return duration::max();
    if (in_seconds <= seconds(duration::min()).count()) return duration::min();
    return std::chrono::duration_cast<duration>(span);
}

constexpr duration to_duration(duration span) noexcept { return span; }

/// The moment `span` from `from` on; "for ever" stays for ever.
constexpr time_point later(time_point from, duration span) noexcept {
    if (span > duration::zero() && from.time_since_epoch() > duration::max() - span) return time_point::max();
    if (span < duration::zero() && from.time_since_epoch() < duration::min() - span) return time_point::min();
    return from + span;
}

}  // namespace torus::inline v0
