// torus/io/limits.hpp: how much a stream holds, and how long it takes to close.
#pragma once

#include <cstddef>

#include <torus/core/clock.hpp>

namespace torus::inline v0 {

/// The longest line that `readline` returns, and the most that `readuntil` searches through. asyncio's figure: longer
/// than any line or head that is meant well, and a thousand peers that send none at all take no more than 64 MiB.
inline constexpr std::size_t default_read_limit = 64 * 1024;  // bytes

/// Beyond so many unsent bytes `write` waits. asyncio's figure: the time a fast link takes for it is longer than the
/// time a program takes to come up with more.
inline constexpr std::size_t default_write_high_water = 64 * 1024;  // bytes

/// A waiting `write` goes on when no more than this is unsent: early enough that the link is still busy meanwhile.
inline constexpr std::size_t default_write_low_water = 16 * 1024;  // bytes

/// Beyond so many unsent bytes `write_nowait` refuses. A peer that never reads costs no more than this.
inline constexpr std::size_t default_write_cap = 1024 * 1024;  // bytes

/// How long a closed stream tries to send what is unsent before it gives up: what people and service managers bear
/// with at the end of a program.
inline constexpr duration default_close_limit = std::chrono::seconds(5);

/// The limits of one stream.
struct stream_options {
    std::size_t read_limit = default_read_limit;
    std::size_t write_high_water = default_write_high_water;
    std::size_t write_low_water = default_write_low_water;
    std::size_t write_cap = default_write_cap;
    duration close_limit = default_close_limit;
};

}  // namespace torus::inline v0
