// torus/core/task_set.hpp: tasks that one coroutine starts, takes in the order of their ends, and joins before it ends.
#pragma once

#include <coroutine>
#include <cstddef>
#include <memory>
#include <string>

#include <torus/core/ending_tasks.hpp>
#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

/// Tasks owned by whoever starts them here: what a bounded `map` or `as_completed` runs. It lives in the frame of a
/// coroutine that, before it ends, cancels and joins whatever is left: a destructor could not wait for that.
class task_set final : public ending_tasks, private task_owner {
public:
    task_set() noexcept = default;
    ~task_set();

    /// Starts an unstarted frame as a task. If this throws, the frame has been destroyed.
    task_record& start(promise_base& root);

    /// Waits for the next to end.
    awaiter next() noexcept { return awaiter(*this, time_point::max()); }

    /// Cancels those that are running.
    void cancel(const std::shared_ptr<const std::string>& why) noexcept;

    /// Waits until none is running. A cancellation of the waiting task is passed on, and stays pending.
    class joining_all final : public waiter {
    public:
        explicit joining_all(task_set& tasks) noexcept : waiter(wait_kind::group), tasks_(tasks) {}
        bool await_ready() const noexcept { return tasks_.running() == 0; }
        void await_suspend(std::coroutine_handle<> h);
        void await_resume() const noexcept {}

    private:
        friend class task_set;
        void cancel() noexcept override;
        task_set& tasks_;
    };
    joining_all joined() noexcept { return joining_all(*this); }

private:
    any_task take() noexcept override;
    void child_done(task_record& child) noexcept override;
    cancel_scope* scope_of_children() const noexcept override;
    task_record* awaiting_task() const noexcept override { return joiner_ ? joiner_->waiting_task() : waiting_task(); }

    task_record* children_ = nullptr;  // linked by their sibling pointers, youngest first
    task_record* first_ended_ = nullptr;  // linked likewise, in the order of their ends
    task_record* last_ended_ = nullptr;
    joining_all* joiner_ = nullptr;
};

}  // namespace torus::inline v0
