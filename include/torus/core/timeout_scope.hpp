// torus/core/timeout_scope.hpp: a deadline for the current task.
#pragma once

#include <optional>

#include <torus/core/clock.hpp>
#include <torus/core/interruption.hpp>
#include <torus/core/timer.hpp>

namespace torus::inline v0 {

/// A deadline for the current task, from its construction to its destruction: what `timeout` gives its closure.
///
/// At the deadline the task is cancelled once. When that `cancelled_error` reaches the scope, it becomes
/// `timeout_error`; when something else does, that passes.
class timeout_scope {
public:
    explicit timeout_scope(time_point when);
    timeout_scope(timeout_scope&&) = delete;
    ~timeout_scope();

    /// When it expires; time_point::max() for never.
    time_point when() const noexcept { return alarm_.deadline(); }

    /// Moves the deadline.
    /// @throws invalid_state_error  it has expired already, or the scope has ended
    void reschedule_at(time_point when);
    template <class Rep, class Period> void reschedule(std::chrono::duration<Rep, Period> from_now) {
        reschedule_at(later(clock::now(), to_duration(from_now)));
    }
    /// From now on there is no deadline.
    void reschedule(std::nullopt_t) { reschedule_at(time_point::max()); }

    /// Whether the deadline has passed within the scope, whatever came of it.
    bool expired() const noexcept { return expired_; }

    /// Ends the scope where a `cancelled_error` has reached it. True if that was the deadline's doing alone.
    bool end_cancelled() noexcept;

private:
    friend class owned_timer<timeout_scope>;

    void arm() noexcept;
    void disarm() noexcept;
    void expire() noexcept;

    interruption interruption_;
    owned_timer<timeout_scope> alarm_;
    bool expired_ = false;
    bool ended_ = false;
};

}  // namespace torus::inline v0
