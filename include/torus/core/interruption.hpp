// torus/core/interruption.hpp: cancelling a task from within, and taking that back.
#pragma once

#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

/// A cancellation of a task by something that runs within it: a deadline, a group. It is taken back at the end of that,
/// and told apart from the cancellations of others: those that came before, have been delivered, and were swallowed
/// don't count.
class interruption {
public:
    explicit interruption(task_record& target) noexcept : target_(target), delivered_before_(target_.delivered()) {}

    task_record& target() const noexcept { return target_; }
    bool requested() const noexcept { return requested_; }

    /// Whether the task was cancelled by others, too, since this began.
    bool others() const noexcept { return target_.cancelling() > delivered_before_ + int{requested_}; }

    /// Cancels the task, once.
    void request() noexcept;

    /// Takes the cancellation back, be it delivered or not. True if no other one is left.
    bool take_back() noexcept;

private:
    task_record& target_;
    int delivered_before_;
    int delivered_at_request_ = 0;
    bool requested_ = false;
};

}  // namespace torus::inline v0
