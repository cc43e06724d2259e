// src/io/budget.hpp: how often something may be had without waiting before others get their turn.
#pragma once

#include <torus/core/running.hpp>

namespace torus::inline v0 {

/// Whether this step of the task may complete one more thing at once. See loop.cpp: completions_per_step.
inline bool spend_completion() noexcept {
    if (running.completions_left == 0) return false;
    --running.completions_left;
    return true;
}

}  // namespace torus::inline v0
