// src/core/timer_wheel.cpp: where a timer stands in the wheel, and how it moves down.
#include "core/timer_wheel.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace torus::inline v0 {

namespace {
// So many timers of one slot are looked at to find the earliest; in a fuller slot the slot's beginning must do, and the
// loop wakes once more, to spread them over finer slots.
constexpr int most_compared = 16;
}  // namespace

timer_wheel::place timer_wheel::place_of(std::int64_t deadline) const noexcept {
    const auto difference = static_cast<std::uint64_t>(deadline ^ position_);
    const unsigned level = difference == 0 ? 0 : static_cast<unsigned>(std::bit_width(difference) - 1) / bits;
    const auto slot = static_cast<unsigned>(static_cast<std::uint64_t>(deadline) >> (level * bits)) % slots;
    return {level, slot};
}

void timer_wheel::put(timer& t) noexcept {
    const std::int64_t deadline = std::max(t.deadline_.time_since_epoch().count(), position_);
    const place p = place_of(deadline);
    lists_[p.level][p.slot].push_back(t);
    occupied_[p.level] |= std::uint64_t{1} << p.slot;
    t.slot_ = static_cast<std::uint16_t>(p.level * slots + p.slot);
}

void timer_wheel::insert(timer& t) noexcept {
    put(t);
    ++size_;
}

void timer_wheel::erase(timer& t) noexcept {
    const unsigned level = t.slot_ / slots;
    const unsigned slot = t.slot_ % slots;
    lists_[level][slot].erase(t);
    if (lists_[level][slot].empty()) occupied_[level] &= ~(std::uint64_t{1} << slot);
    t.slot_ = timer::no_slot;
    --size_;
}

/// The first slot of the lowest level in use: all slots in use lie after the position, lower levels before higher ones.
timer_wheel::place timer_wheel::earliest() const noexcept {
    unsigned level = 0;
    while (occupied_[level] == 0) ++level;
    return {level, static_cast<unsigned>(std::countr_zero(occupied_[level]))};
}

std::int64_t timer_wheel::start_of(place p) const noexcept {
    const unsigned shift = p.level * bits;
    const unsigned above = shift + bits;
    const auto position = static_cast<std::uint64_t>(position_);
    const std::uint64_t prefix = above >= 64 ? 0 : position >> above << above;
    return static_cast<std::int64_t>(prefix | std::uint64_t{p.slot} << shift);
}

time_point timer_wheel::next() const noexcept {
    if (empty()) return time_point::max();
    const place p = earliest();
    const std::int64_t start = std::max(start_of(p), position_);
    if (p.level == 0) return time_point(duration(start));
    std::int64_t soonest = duration::max().count();
    int compared = 0;
    for (const waiter* w = lists_[p.level][p.slot].front(); w; w = static_cast<const waiter*>(w->next_)) {
        if (++compared > most_compared) return time_point(duration(start));
        soonest = std::min(soonest, static_cast<const timer*>(w)->deadline_.time_since_epoch().count());
    }
    return time_point(duration(std::max(soonest, position_)));
}

/// The position enters a slot: its timers are spread over the levels below, in order.
void timer_wheel::cascade(place p) noexcept {
    position_ = std::max(start_of(p), position_);
    wait_list moving = std::exchange(lists_[p.level][p.slot], {});
    occupied_[p.level] &= ~(std::uint64_t{1} << p.slot);
    while (waiter* w = moving.pop_front()) put(*static_cast<timer*>(w));
}

timer* timer_wheel::pop(time_point now) noexcept {
    const std::int64_t limit = now.time_since_epoch().count();
    while (!empty()) {
        const place p = earliest();
        if (start_of(p) > limit) return nullptr;
        if (p.level > 0) {
            cascade(p);
            continue;
        }
        position_ = std::max(start_of(p), position_);
        timer* const t = static_cast<timer*>(lists_[0][p.slot].front());
        erase(*t);
        return t;
    }
    return nullptr;
}

}  // namespace torus::inline v0
