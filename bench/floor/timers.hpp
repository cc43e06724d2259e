// bench/floor/timers.hpp: a wheel of timers, six levels of 64 slots, a millisecond each at the lowest.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "floor/coroutine.hpp"

namespace floor_of {

/// A place in a slot's ring.
struct timer_link {
    timer_link* next = this;
    timer_link* previous = this;

    bool alone() const noexcept { return next == this; }
    void unlink() noexcept {
        previous->next = next;
        next->previous = previous;
        next = previous = this;
    }
    void insert_before(timer_link& place) noexcept {
        next = &place;
        previous = place.previous;
        previous->next = this;
        place.previous = this;
    }
};

struct timer : timer_link {
    std::uint64_t tick = 0;
    ready_node node;  // what becomes ready when it expires
};

class timer_wheel {
public:
    timer_wheel() noexcept;

    void insert(timer& t) noexcept;
    static void erase(timer& t) noexcept { t.unlink(); }

    /// Milliseconds since the program began.
    static std::uint64_t now() noexcept;

    /// Sleeps until a timer expires, and makes ready what waits for it. Timers must be there.
    void wait() noexcept;

private:
    static constexpr int bits = 6;
    static constexpr int levels = 6;  // 64^6 ms are two years
    static constexpr std::size_t slots = std::size_t{1} << bits;

    void advance() noexcept;
    std::uint64_t next_tick() const noexcept;
    timer_link& slot(int level, std::uint64_t tick) noexcept {
        return rings_[level][tick >> (level * bits) & (slots - 1)];
    }

    std::uint64_t tick_;  // what expired up to here has been served
    std::array<std::array<timer_link, slots>, levels> rings_;
};

extern timer_wheel timers;

/// Waits until a tick; true unless it was woken early.
struct sleeping {
    explicit sleeping(std::uint64_t until) noexcept { place.tick = until; }
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> frame) noexcept {
        place.node.frame = frame;
        timers.insert(place);
    }
    void await_resume() const noexcept {}

    timer place;
};

}  // namespace floor_of
