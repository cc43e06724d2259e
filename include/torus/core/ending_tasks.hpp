// torus/core/ending_tasks.hpp: several tasks, awaited one after the other in the order in which they end.
#pragma once

#include <coroutine>
#include <cstddef>
#include <optional>

#include <torus/core/task.hpp>
#include <torus/core/timer.hpp>

namespace torus::inline v0 {

/// Tasks of which one is awaited after the other, the one that ends first first. One task at a time may wait.
///
/// Whoever derives from it knows which have ended, and keeps their order.
class ending_tasks {
public:
    ending_tasks(const ending_tasks&) = delete;
    ending_tasks& operator=(const ending_tasks&) = delete;

    /// Waits for the next end. Gives an empty handle where nothing is running and all has been taken.
    class awaiter : public timer {
    public:
        awaiter(ending_tasks& tasks, time_point deadline) noexcept
            : timer(wait_kind::gather, deadline), tasks_(tasks) {}
        awaiter(awaiter&&) noexcept = default;
        bool await_ready() const noexcept { return !tasks_.waiting_ && (tasks_.untaken_ > 0 || tasks_.running_ == 0); }
        bool await_suspend(std::coroutine_handle<> h);
        /// @throws timeout_error  nothing has ended before the deadline
        any_task await_resume();
        bool needs_all() const noexcept override { return false; }

    private:
        friend class ending_tasks;
        void expired() noexcept override;
        void cancel() noexcept override;
        void one_has_ended() noexcept;
        void disarm() noexcept;

        ending_tasks& tasks_;
        bool expired_ = false;
        bool armed_ = false;
    };

    /// How many have begun and not been taken.
    std::size_t size() const noexcept { return running_ + untaken_; }
    std::size_t running() const noexcept { return running_; }

protected:
    ending_tasks() noexcept = default;
    ~ending_tasks() = default;

    void note_begin() noexcept { ++running_; }
    void note_end() noexcept;
    void note_taken() noexcept { --untaken_; }

    /// Who waits for the next; null if nobody does now.
    task_record* waiting_task() const noexcept { return waiting_ ? waiting_->waiting_task() : nullptr; }

private:
    /// Takes the one that ended first. There is one.
    virtual any_task take() noexcept = 0;

    std::size_t running_ = 0;
    std::size_t untaken_ = 0;  // have ended
    awaiter* waiting_ = nullptr;
};

/// What `next()` returns: awaiting it gives a task that is done, or nothing at the end.
template <class Task> class [[nodiscard("co_await it")]] next_completed final : public ending_tasks::awaiter {
public:
    using awaiter::awaiter;
    next_completed(next_completed&&) noexcept = default;
    std::optional<Task> await_resume() {
        const any_task done = awaiter::await_resume();
        return done ? std::optional<Task>(Task(done.record())) : std::nullopt;
    }
};

}  // namespace torus::inline v0
