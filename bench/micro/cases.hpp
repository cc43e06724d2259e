// bench/micro/cases.hpp: the sizes that every program of the micro part agrees on, in whatever language.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bench {

inline constexpr int fib_argument = 20;
inline constexpr double fib_calls = 21'891;  // calls of fib that fib(20) takes
inline constexpr std::size_t few = 10;       // children of the small gather
inline constexpr std::size_t many = 10'000;  // children of the large one, and live timers of the middle case
inline constexpr std::size_t million = 1'000'000;
inline constexpr int throwing_frames = 5;

// Sleepers sleep this long and a little longer, each a little differently: longer than it takes to start a million.
inline constexpr std::int64_t sleep_milliseconds = 2'000;
inline constexpr std::int64_t sleep_spread_milliseconds = 500;
inline constexpr std::int64_t sleep_of(std::size_t i) noexcept {
    return sleep_milliseconds + static_cast<std::int64_t>(i * 7919 % sleep_spread_milliseconds);
}

// Timers that are only there: each expires between a minute and two hours from now.
inline constexpr std::int64_t timer_seconds(std::size_t i) noexcept {
    return 60 + static_cast<std::int64_t>(i * 7919 % 7'140);
}

// Between two posts the loop has the time to fall asleep.
inline constexpr std::int64_t post_pause_microseconds = 100;
inline constexpr std::size_t posts_per_producer = 200'000;
inline constexpr int producers = 2;

/// How many posts, one after the other, fit into the time given.
inline std::size_t posts_in(double seconds) noexcept {
    const auto n = static_cast<std::size_t>(seconds * 1e6 / (post_pause_microseconds + 100));
    return n < 100 ? 100 : n;
}

}  // namespace bench
