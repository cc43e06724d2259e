// torus/core/cleaning.hpp: running what cleans up, out of the reach of the first cancellation.
#pragma once

#include <coroutine>
#include <exception>
#include <utility>

#include <torus/core/task.hpp>

namespace torus::inline v0 {

/// Runs a clean-up after something that has ended so, and decides what is thrown: what `finally` and `exit_stack` await.
///
/// The clean-up is a task of its own, begun at once, so that it can be kept from the cancellation that ended the body, or
/// that is pending, or, if there was none yet, the first to come. Each one after that reaches it.
class [[nodiscard("co_await it")]] cleaning final : public waiter, private task_owner {
public:
    /// @param body_error  what the body threw; null if it has a result
    cleaning(async<> clean_up, std::exception_ptr body_error) noexcept
        : waiter(wait_kind::shield), clean_up_(std::move(clean_up)), body_error_(std::move(body_error)) {}

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h);

    /// Returns where the body's result or error is what counts.
    /// @throws the clean-up's error, or cancelled_error where only the clean-up was interrupted
    void await_resume();

private:
    void cancel() noexcept override;
    void child_done(task_record&) noexcept override;
    task_record* awaiting_task() const noexcept override { return waiting_task(); }
    void finish_failed();

    async<> clean_up_;
    task<> running_;
    std::exception_ptr body_error_;
    bool body_cancelled_ = false;
    bool spared_ = false;  // from one cancellation, which was enough
};

}  // namespace torus::inline v0
