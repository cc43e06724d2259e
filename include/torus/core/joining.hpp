// torus/core/joining.hpp: waiting for the end of a task.
#pragma once

#include <coroutine>

#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

/// Resumes the current task when another one is done.
class joining : public waiter {
public:
    explicit joining(task_record& target) noexcept : waiter(wait_kind::join), target_(&target) {}
    bool await_ready() const noexcept { return target_->done(); }
    bool await_suspend(std::coroutine_handle<> h);
    task_record& target() const noexcept { return *target_; }

protected:
    /// Throws what a join throws: the child's error, or a cancellation. Returns if the child has succeeded.
    void finish_join() {
        target_->mark_observed();
        if (target_->state() == task_state::cancelled) [[unlikely]]
            throw_joined();
    }

private:
    void cancel() noexcept override;
    [[noreturn]] void throw_joined();
    void require_sense() const;
    void refuse_cycle() const;

    task_record* target_;
    bool forwarded_ = false;  // a cancellation of the awaiting task, to the awaited one
};

}  // namespace torus::inline v0
