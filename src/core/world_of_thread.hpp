// src/core/world_of_thread.hpp: which world a thread is in that runs no loop.
#pragma once

namespace torus::inline v0 {

class backend;

/// Of a simulated thread; null on all others.
inline thread_local constinit backend* world_of_thread = nullptr;

/// The world of this thread's loop, or the one that has started it; null on a thread that is of none.
backend* current_world() noexcept;

}  // namespace torus::inline v0
