// src/core/timer_wheel.hpp: all of a loop's timers, in the order in which they expire.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <torus/core/timer.hpp>

namespace torus::inline v0 {

/// A hierarchical timing wheel, exact to the nanosecond.
///
/// A timer stands in the slot that the highest bits in which its deadline differs from the wheel's position select:
/// level 0 holds the next 64 ns, one slot each; level n slots of 64^n ns. When the position enters a slot of a higher
/// level, its timers move down, in order. So timers with equal deadlines are always in one list, in the order of their
/// insertion; inserting and erasing take constant time, and each timer moves at most once per level.
///
/// Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987; the choice of the slot is that of a radix heap.
class timer_wheel {
public:
    /// @param origin  where the wheel begins; no deadline before it is told apart from it
    explicit timer_wheel(time_point origin) noexcept : position_(origin.time_since_epoch().count()) {}

    void insert(timer& t) noexcept;
    void erase(timer& t) noexcept;
    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }

    /// A moment not after the earliest deadline, and near it: exact unless very many timers share a slot. max() if none.
    time_point next() const noexcept;

    /// Takes the earliest timer out, if its deadline is not after `now`.
    timer* pop(time_point now) noexcept;

private:
    static constexpr unsigned bits = 6;
    static constexpr unsigned slots = 1U << bits;
    static constexpr unsigned levels = (64 + bits - 1) / bits;

    struct place {
        unsigned level;
        unsigned slot;
    };
    place place_of(std::int64_t deadline) const noexcept;
    void put(timer& t) noexcept;
    place earliest() const noexcept;
    std::int64_t start_of(place p) const noexcept;
    void cascade(place p) noexcept;

    std::int64_t position_;
    std::size_t size_ = 0;
    std::array<std::uint64_t, levels> occupied_{};  // a bit per slot
    std::array<std::array<wait_list, slots>, levels> lists_{};
};

}  // namespace torus::inline v0
