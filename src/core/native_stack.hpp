// src/core/native_stack.hpp: where another thread of this process is, in functions.
#pragma once

#include <string>

namespace torus::inline v0 {

/// What the kernel says of a thread: R runs or wants to, S and D wait in a system call, T and t are stopped. 0: unknown.
char state_of(int thread) noexcept;

/// The function of a library in which a thread waits for the kernel, say "clock_nanosleep"; empty where it runs.
/// @throws std::bad_alloc
std::string waits_in(int thread);

/// The native stack of a thread that runs, a line for each function, innermost first; empty where it cannot be had. The
/// thread is interrupted by a SIGURG, which is harmless unless it waits in the kernel: then don't call this. For one
/// thread at a time.
/// @throws std::bad_alloc
std::string native_stack_of(int thread);

}  // namespace torus::inline v0
