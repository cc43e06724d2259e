// src/testing/world.hpp: the world in which tests run.
#pragma once

#include <cstdlib>

#include <torus/core/backend.hpp>
#include <torus/sim/network.hpp>

namespace torus::inline v0::testing {

/// A network on which everything happens at once. Many tests have threads that wait for each other, so that they are real,
/// unless TORUS_SIMULATED_THREADS is set.
inline const sim::network& plain_network() noexcept {
    static const sim::network plain({.real_threads = !std::getenv("TORUS_SIMULATED_THREADS")});
    return plain;
}

/// That, where TORUS_BACKEND says sim; else none, and the backend that it names is made.
inline const backend_source* world_of_environment() {
    return backend_of_environment() == backend_kind::sim ? &plain_network() : nullptr;
}

}  // namespace torus::inline v0::testing
