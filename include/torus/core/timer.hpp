// torus/core/timer.hpp: a moment to wait for, as a node in its owner's memory.
#pragma once

#include <torus/core/clock.hpp>
#include <torus/core/waiter.hpp>

namespace torus::inline v0 {

/// A deadline in a loop's timer wheel. It is a waiter, so that a sleeping task needs no second node.
///
/// Inserting and erasing take constant time. Timers expire in the order of their deadlines, those with equal ones in
/// the order in which they were set.
class timer : public waiter {
public:
    timer(timer&& idle) noexcept : waiter(static_cast<waiter&&>(idle)), deadline_(idle.deadline_) {}

    time_point deadline() const noexcept { return deadline_; }

protected:
    timer(wait_kind kind, time_point deadline) noexcept : waiter(kind), deadline_(deadline) {}
    ~timer() = default;

    /// Called once on the loop's thread, in a pass at or after the deadline. The timer is not in the wheel any more.
    virtual void expired() noexcept = 0;

    time_point deadline_;

private:
    friend class timer_wheel;
    friend class event_loop;
    std::uint16_t slot_ = no_slot;
    static constexpr std::uint16_t no_slot = 0xffff;
};

/// A timer that nobody awaits: it calls `expire()` of its owner, a friend of it.
template <class Owner> class owned_timer final : public timer {
public:
    owned_timer(Owner& owner, time_point when) noexcept : timer(wait_kind::timeout, when), owner_(owner) {}

    /// Of one that is not in the wheel.
    void set(time_point when) noexcept { deadline_ = when; }

private:
    void expired() noexcept override { owner_.expire(); }
    void cancel() noexcept override {}

    Owner& owner_;
};

}  // namespace torus::inline v0
