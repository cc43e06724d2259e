// src/backend/descriptor_table.hpp: what a backend knows about each descriptor, found by its number.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include <fcntl.h>

namespace torus::inline v0 {

/// What an operation ends with whose descriptor has no place in the table.
inline std::int32_t why_unreachable(int descriptor) noexcept {
    return ::fcntl(descriptor, F_GETFD) < 0 ? -EBADF : -ENOMEM;
}

/// One State for each descriptor up to the highest one met. The kernel gives out the lowest free number, so that the
/// table is as large as the program's descriptors are many; it doesn't grow for a number that no descriptor has.
/// States move when the table grows: don't keep pointers.
template <class State> class descriptor_table {
public:
    /// Null where the descriptor was never met.
    State* find(int descriptor) noexcept {
        const auto index = static_cast<std::size_t>(descriptor);  // a negative one becomes too large
        return index < states_.size() ? &states_[index] : nullptr;
    }

    /// Null where there is no memory, or no such descriptor: see why_unreachable().
    State* reach(int descriptor) noexcept {
        if (State* const state = find(descriptor)) [[likely]]
            return state;
        return grow(descriptor);
    }

    std::size_t size() const noexcept { return states_.size(); }

private:
    static constexpr std::size_t smallest = 64;  // states; more than most programs have descriptors

    State* grow(int descriptor) noexcept {
        if (::fcntl(descriptor, F_GETFD) < 0) return nullptr;
        const auto index = static_cast<std::size_t>(descriptor);
        try {
            states_.resize(std::max({smallest, index + 1, states_.size() * 2}));
            return &states_[index];
        } catch (const std::bad_alloc&) {
            return nullptr;
        }
    }

    std::vector<State> states_;
};

}  // namespace torus::inline v0
