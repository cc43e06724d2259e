// src/core/steady_now.hpp: real time, whatever the loop's clock is.
#pragma once

#include <chrono>

#include <torus/core/clock.hpp>

namespace torus::inline v0 {

inline time_point steady_now() noexcept {
    return time_point(std::chrono::duration_cast<duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

}  // namespace torus::inline v0
