// src/sim/chance.hpp: what chance decides in a simulated world, by one seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

#include <torus/core/clock.hpp>

namespace torus::inline v0::sim {

/// Without the standard's distributions, which differ from library to library.
class chance {
public:
    explicit chance(std::uint64_t seed) : bits_(seed) {}

    std::uint64_t bits() { return bits_(); }
    std::uint64_t below(std::uint64_t bound) { return bits_() % bound; }

    bool happens(double probability) {
        if (probability <= 0) return false;
        return static_cast<double>(bits_() >> 11) * 0x1p-53 < probability;
    }

    duration between(duration least, duration most) {
        if (most <= least) return least;
        return least +
               duration(static_cast<duration::rep>(below(static_cast<std::uint64_t>((most - least).count()) + 1)));
    }

    /// How many of `most` bytes move at once, where this share moves fewer than it could.
    std::size_t portion(std::size_t most, double split) {
        if (most < 2 || !happens(split)) return most;
        return happens(0.5) ? 1 : 1 + static_cast<std::size_t>(below(most));
    }

private:
    std::mt19937_64 bits_;
};

}  // namespace torus::inline v0::sim
