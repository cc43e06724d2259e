// cli/quantity.hpp: durations, sizes, counts and rates, as people type and read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <torus/core/clock.hpp>

namespace torus::inline v0::cli {

/// Reads "100ms", "1.5s", "2m", "1h30m", "1d"; a number alone is seconds. Zero is a duration, a negative one isn't.
/// @throws std::invalid_argument  what() says what would be one
duration parse_duration(std::string_view text);

/// Reads "64MiB", "10k", "1.5M", "512": powers of 1000 with k, M, G, T, powers of 1024 with Ki, Mi, Gi, Ti; a B may
/// follow, and capitals don't matter.
/// @throws std::invalid_argument  what() says what would be one
std::uint64_t parse_size(std::string_view text);

/// Reads "256", "10k".
/// @throws std::invalid_argument  what() says what would be one
std::uint64_t parse_count(std::string_view text);

/// Reads "100", "2.5/s", "30/m", "1000/h": how many a second.
/// @throws std::invalid_argument  what() says what would be one
double parse_rate(std::string_view text);

/// "120 ms", "1.30 s", "2 min 10 s", "3 h 20 min".
std::string format_duration(duration span);

/// "512 bytes", "16 MiB", "1.5 GiB".
std::string format_size(std::uint64_t bytes);

/// "10,000".
std::string format_count(std::uint64_t number);

/// "1 row", "10,000 rows".
std::string format_count(std::uint64_t number, std::string_view one, std::string_view many);

}  // namespace torus::inline v0::cli
