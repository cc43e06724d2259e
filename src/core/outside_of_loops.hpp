// src/core/outside_of_loops.hpp: a thread that runs a loop, and for a while does not.
#pragma once

#include <utility>

#include <torus/core/running.hpp>

namespace torus::inline v0 {

/// While it lives this thread runs no loop, so that others may have their turns.
class outside_of_loops {
public:
    outside_of_loops() noexcept : outer_(std::exchange(running, running_state{})) {}
    ~outside_of_loops() { running = outer_; }
    outside_of_loops(const outside_of_loops&) = delete;
    outside_of_loops& operator=(const outside_of_loops&) = delete;

private:
    const running_state outer_;
};

}  // namespace torus::inline v0
