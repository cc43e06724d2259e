// bench/floor/timers.cpp: setting timers, and sleeping until one expires.
#include "floor/timers.hpp"

#include <bit>

#include <time.h>

namespace floor_of {

timer_wheel timers;

std::uint64_t timer_wheel::now() noexcept {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<std::uint64_t>(t.tv_sec) * 1000 + static_cast<std::uint64_t>(t.tv_nsec) / 1'000'000;
}

timer_wheel::timer_wheel() noexcept : tick_(now()) {
    ready.wait_for_more = [] { timers.wait(); };
}

void timer_wheel::insert(timer& t) noexcept {
    // The level is that of the highest digit in which its tick differs from now.
    const std::uint64_t tick = t.tick > tick_ ? t.tick : tick_ + 1;
    const int highest = 63 - std::countl_zero(tick ^ tick_);
    const int level = highest / bits < levels ? highest / bits : levels - 1;
    t.insert_before(slot(level, tick));
}

/// Goes one tick on: takes higher slots apart where their time has come, then serves what expires.
void timer_wheel::advance() noexcept {
    ++tick_;
    for (int level = levels - 1; level > 0; --level) {
        if (tick_ & ((std::uint64_t{1} << (level * bits)) - 1)) continue;
        timer_link& ring = slot(level, tick_);
        while (!ring.alone()) {
            timer& t = static_cast<timer&>(*ring.next);
            t.unlink();
            if (t.tick <= tick_) t.insert_before(slot(0, tick_));
            else insert(t);
        }
    }
    timer_link& expiring = slot(0, tick_);
    while (!expiring.alone()) {
        timer& t = static_cast<timer&>(*expiring.next);
        t.unlink();
        ready.push(t.node);
    }
}

/// The next tick at which there is something to do: a timer to serve, or slots to take apart.
std::uint64_t timer_wheel::next_tick() const noexcept {
    std::uint64_t tick = tick_ + 1;
    while (tick % slots && rings_[0][tick % slots].alone()) ++tick;
    return tick;
}

void timer_wheel::wait() noexcept {
    const std::uint64_t next = next_tick();
    const timespec until{static_cast<time_t>(next / 1000), static_cast<long>(next % 1000) * 1'000'000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
    const std::uint64_t reached = now();
    while (tick_ < reached) advance();
}

}  // namespace floor_of
