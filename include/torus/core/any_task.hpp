// torus/core/any_task.hpp: the handle of a task, whatever its result, and waiting for its end.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

class callback_handle;
struct stack_frame;

/// A handle of any task, whatever its result. It and its copies belong to the thread of the task's loop.
class any_task {
public:
    any_task() noexcept = default;
    explicit any_task(task_record& record) noexcept : record_(&record) { record.retain(); }
    any_task(const any_task& other) noexcept : record_(other.record_) {
        if (record_) record_->retain();
    }
    any_task(any_task&& other) noexcept : record_(std::exchange(other.record_, nullptr)) {}
    any_task& operator=(any_task other) noexcept {
        std::swap(record_, other.record_);
        return *this;
    }
    ~any_task() {
        if (record_) record_->release();
    }

    /// Asks the task to end: `cancelled_error` is thrown where it waits, or at its next suspension.
    ///
    /// A task that awaits another one passes the request on; one that has not begun never does.
    /// @return false if the task is already done, and nothing has changed
    bool cancel(std::string_view reason = {}) { return record_->cancel(reason); }

    /// How many cancellations have been asked for and not been taken back.
    int cancelling() const noexcept { return record_->cancelling(); }

    /// Takes one request back, and returns how many remain. At 0, one that was not delivered is withdrawn.
    int uncancel() noexcept { return record_->uncancel(); }

    bool done() const noexcept { return record_->done(); }
    bool cancelled() const noexcept { return record_->state() == task_state::cancelled; }

    /// What the task ended with; null if it succeeded.
    /// @throws cancelled_error      it was cancelled
    /// @throws invalid_state_error  it is not done
    std::exception_ptr exception() const;

    /// Calls `function(task)`, or `function()`, when the task is done: in a later pass, in order with those who await it;
    /// soon, if it is done already. Needs done_callback.hpp. See `event_loop::call_soon`.
    template <class Function>
    callback_handle add_done_callback(Function function,
                                      std::source_location where = std::source_location::current()) const;

    /// False if the task doesn't have it any more: it was removed, or will be called soon, or was called.
    bool remove_done_callback(const callback_handle& id) const noexcept;

    /// The values of context variables that it sees: its own, not a copy. Needs context.hpp.
    torus::context context() const;

    std::string name() const { return record_->name(); }
    void set_name(std::string_view name) { record_->set_name(name); }
    std::uint64_t id() const noexcept { return record_->id(); }

    /// @{ Its coroutines, the first one first, and where each awaits: gives them, or writes them to standard error. None
    /// if it is done; only the first if it runs, or goes on in this very pass of the loop. Needs call_graph.hpp.
    std::vector<stack_frame> stack() const;
    void print_stack() const;
    /// @}

    explicit operator bool() const noexcept { return record_; }
    bool operator==(const any_task& other) const noexcept { return record_ == other.record_; }
    task_record& record() const noexcept { return *record_; }

protected:
    void require_done() const {
        const task_state state = record_->state();
        if (state == task_state::pending || state == task_state::cancelled) [[unlikely]]
            throw_without_result();
    }

private:
    [[noreturn]] void throw_without_result() const;

    task_record* record_ = nullptr;
};

/// The task that is running; empty outside of tasks.
any_task current_task() noexcept;

/// The tasks of this thread's loop that are not done, oldest first.
std::vector<any_task> all_tasks();

// ------------------------------------------------------------------------------------------------------------------

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
    bool await_suspend_with_care(std::coroutine_handle<> h);
    void require_sense() const;
    void refuse_cycle() const;

    task_record* target_;
    bool forwarded_ = false;  // a cancellation of the awaiting task, to the awaited one
};

}  // namespace torus::inline v0
