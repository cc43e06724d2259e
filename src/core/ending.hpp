// src/core/ending.hpp: how patiently a loop ends.
#pragma once

#include <torus/core/clock.hpp>

namespace torus::inline v0 {

constexpr int cancel_rounds = 3;  // a task that has swallowed three cancellations will swallow the fourth

// How long the kernel may take to give cancelled operations back. Sockets answer at once; a file on a dead disk may not.
constexpr duration drain_grace = std::chrono::seconds(2);

}  // namespace torus::inline v0
