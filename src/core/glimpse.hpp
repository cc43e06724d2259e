// src/core/glimpse.hpp: looking at another thread's task while that thread goes on.
#pragma once

#include <cstddef>
#include <optional>
#include <source_location>
#include <string>

namespace torus::inline v0 {

struct running_state;

/// Copies memory that may be written, or be gone, meanwhile. False if it is gone, or the kernel doesn't allow it.
bool copy_from_afar(void* into, const void* from, std::size_t size) noexcept;

/// What a loop's thread runs.
struct glimpse {
    std::string task;  // its name, and where it was created; empty outside of tasks
    std::source_location place;  // the await at which it was last seen
};

/// Which step a loop is in: two alike, some time apart, are one.
struct step_of_loop {
    const void* task = nullptr;
    const void* frame = nullptr;
    bool operator==(const step_of_loop&) const noexcept = default;
};
step_of_loop step_of(const running_state* state) noexcept;

/// What was being run at some moment: the thread must be known not to have gone on since.
/// @throws std::bad_alloc
std::optional<glimpse> glimpse_of(const running_state* state);

}  // namespace torus::inline v0
