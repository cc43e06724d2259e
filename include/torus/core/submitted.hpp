// torus/core/submitted.hpp: running a coroutine on the loop of another thread, and waiting for it here.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <torus/core/clock.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/task.hpp>

namespace torus::inline v0 {

/// The part of a submission that does not depend on the result's type. Shared by the loop and by any thread.
class submission_base : public remote_call, private task_owner {
public:
    submission_base(const event_loop& loop, std::source_location created);

    void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }  // the caller holds one already
    void release() noexcept;

    bool done() const noexcept;
    void wait();
    bool wait_for(duration at_most);
    bool cancel();

    /// Waits, and returns if there is a value; else throws what there is.
    void require_value();

protected:
    virtual ~submission_base();
    virtual promise_base* coroutine() = 0;         // gives up the frame, or throws where there is none
    virtual void take_result(task_record& t) = 0;  // of a task that has succeeded

private:
    enum class outcome : std::uint8_t { pending, value, error, cancelled, lost };
    struct meeting;
    class cancel_call final : public remote_call {
    public:
        explicit cancel_call(submission_base& whole) noexcept : whole_(whole) {}
        void arrived(event_loop& loop) noexcept override;
        void returned() noexcept override;

    private:
        submission_base& whole_;
    };

    void arrived(event_loop& loop) noexcept override;
    void returned() noexcept override;
    void child_done(task_record& child) noexcept override;
    bool awaits_children() const noexcept override { return false; }
    void end(outcome how) noexcept;
    void require_other_loop() const;

    std::atomic<std::uint32_t> references_{2};  // who submits, and the loop
    std::atomic<bool> cancel_asked_{false};
    std::atomic<bool> looked_at_{false};  // by somebody who has its error
    cancel_call cancelling_{*this};
    std::shared_ptr<inbox> loop_;
    std::unique_ptr<meeting> meeting_;  // of the loop's thread and those that wait
    task_record* task_ = nullptr;       // while it runs; the loop's thread's
    std::exception_ptr error_;
    std::source_location created_;
};

template <class T> class submission final : public submission_base {
public:
    submission(const event_loop& loop, async<T> coroutine, std::source_location created)
        : submission_base(loop, created), coroutine_(std::move(coroutine)) {}

    T get() {
        require_value();
        if constexpr (std::is_reference_v<T>) return **value_;
        else if constexpr (std::is_copy_constructible_v<T>) return *value_;
        else if constexpr (!std::is_void_v<T>) {
            if (taken_.exchange(true)) throw invalid_state_error("torus: the result was taken before");
            return std::move(*value_);
        }
    }

private:
    ~submission() override { coroutine_.discard(); }
    promise_base* coroutine() override { return &coroutine_.release().promise(); }
    void take_result(task_record& t) override {
        auto& promise = static_cast<typename async<T>::promise_type&>(t.root());
        if constexpr (std::is_reference_v<T>) value_ = std::addressof(promise.result());
        else if constexpr (!std::is_void_v<T>) value_.emplace(std::move(promise.result()));
    }

    using stored = std::conditional_t<std::is_void_v<T>, char, T>;
    async<T> coroutine_;
    std::optional<std::conditional_t<std::is_reference_v<T>, std::add_pointer_t<T>, stored>> value_;
    std::atomic<bool> taken_{false};
};

/// A coroutine that was submitted to a loop: a handle for every thread but the loop's own, which would wait for itself.
/// Copies refer to the same one.
template <class T = void> class [[nodiscard("an error that nobody asks for is only reported")]] submitted {
public:
    explicit submitted(submission<T>& owned) noexcept : whole_(&owned) {}
    submitted(const submitted& other) noexcept : whole_(other.whole_) {
        if (whole_) whole_->retain();
    }
    submitted(submitted&& other) noexcept : whole_(std::exchange(other.whole_, nullptr)) {}
    submitted& operator=(submitted other) noexcept {
        std::swap(whole_, other.whole_);
        return *this;
    }
    ~submitted() {
        if (whole_) whole_->release();
    }

    /// Waits for the end, and gives the result: a copy, or what can only be moved, once.
    /// @throws what the coroutine threw; cancelled_error if it was cancelled
    /// @throws std::runtime_error   the loop closed before the coroutine began
    /// @throws invalid_state_error  the result was taken before
    /// @throws deadlock_error       on the loop's own thread, if it is not done
    T get() const { return whole_->get(); }

    /// Waits for the end, whatever it is.
    /// @throws deadlock_error  on the loop's own thread, if it is not done
    void wait() const { whole_->wait(); }

    /// The same for so much real time. True if it has ended.
    template <class Rep, class Period> bool wait_for(std::chrono::duration<Rep, Period> at_most) const {
        return whole_->wait_for(to_duration(at_most));
    }

    bool done() const noexcept { return whole_->done(); }

    /// Asks the coroutine's task to end, once. From any thread. False if it is done.
    bool cancel() const { return whole_->cancel(); }

private:
    submission<T>* whole_;
};

// ------------------------------------------------------------------------------------------------------------------

template <class T> submitted<T> event_loop::submit(async<T> coroutine, std::source_location created) {
    auto& whole = *new submission<T>(*this, std::move(coroutine), created);
    const submitted<T> handle(whole);
    if (!inbox_->post(whole)) throw std::runtime_error("torus: the event loop has closed");
    return handle;
}

template <class Function, class... Arguments>
    requires std::invocable<std::decay_t<Function>&, std::decay_t<Arguments>...>
auto event_loop::submit(Function&& function, Arguments&&... arguments) {
    return submit(call_owned<std::decay_t<Function>, std::decay_t<Arguments>...>(
        std::forward<Function>(function), std::forward<Arguments>(arguments)...));
}

/// asyncio's name for `loop.submit(coroutine)`.
template <class T> submitted<T> run_coroutine_threadsafe(async<T> coroutine, event_loop& loop) {
    return loop.submit(std::move(coroutine));
}

}  // namespace torus::inline v0
