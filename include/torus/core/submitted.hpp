// torus/core/submitted.hpp: running a coroutine on the loop of another thread, and waiting for it here.
#pragma once

#include <chrono>
#include <concepts>
#include <source_location>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <torus/core/submission.hpp>

namespace torus::inline v0 {

/// Resumes the current task when a coroutine on another loop is done.
class remote_joining : public waiter {
public:
    explicit remote_joining(submission_base& target) noexcept : waiter(wait_kind::remote), target_(&target) {}
    remote_joining(remote_joining&& idle) noexcept = default;
    bool await_ready() const noexcept { return target_->done(); }
    bool await_suspend(std::coroutine_handle<> h);

protected:
    ~remote_joining() { leave(); }

    /// @throws cancelled_error  this task was cancelled, and the coroutine ended without a result
    void finish_join();

private:
    friend class remote_listener;
    void cancel() noexcept override;
    void dropped() noexcept override { leave(); }
    void leave() noexcept;

    submission_base* target_;
    remote_listener* listener_ = nullptr;  // while it waits
    bool forwarded_ = false;  // a cancellation of the awaiting task, to the coroutine
};

/// A coroutine that was given to a loop: a handle for every thread. Copies refer to the same one.
///
/// Tasks await it, of whatever loop; threads without one call `get()`, which a loop's own thread can't: it would wait for
/// itself.
///
/// @cancel awaiting passes a cancellation on to the coroutine, waits for its end, then throws. If the coroutine succeeds
///         all the same, its result is delivered and the cancellation stays pending.
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

    class awaiter final : public remote_joining {
    public:
        explicit awaiter(submission<T>& whole) noexcept : remote_joining(whole), kept_(whole) { whole.retain(); }
        T await_resume() {
            finish_join();
            return kept_.get();
        }

    private:
        submitted kept_;
    };
    /// Waits for the end, and gives the result as `get` does.
    awaiter operator co_await() const { return awaiter(*whole_); }

private:
    submission<T>* whole_;
};

// ------------------------------------------------------------------------------------------------------------------

template <class T> submitted<T> event_loop::submit(async<T> coroutine, std::source_location created) {
    auto& whole = *new submission<T>(*this, std::move(coroutine), created);
    const submitted<T> handle(whole);
    const std::shared_ptr<inbox> letters = inbox_;  // the coroutine may end the loop before post() has woken it
    if (!letters->post(whole)) throw std::runtime_error("torus: the event loop has closed");
    return handle;
}

template <class Function, class... Arguments>
    requires std::invocable<std::decay_t<Function>&, std::decay_t<Arguments>...>
auto event_loop::submit(Function&& function, Arguments&&... arguments) {
    return submit(call_owned<std::decay_t<Function>, std::decay_t<Arguments>...>(
        std::forward<Function>(function), std::forward<Arguments>(arguments)...));
}

/// Starts a coroutine, or `function(arguments...)`, as a task of another loop, and gives a handle that can be awaited
/// here. The other loop's thread owns the function and copies of the arguments, and destroys them, perhaps a little
/// after the result is here; what they refer to is shared by both. Context variables are copied.
///
///     int n = co_await spawn_on(other, count_words, std::move(text));
///
/// @throws std::runtime_error  the loop has closed; the coroutine is destroyed
template <class T>
submitted<T> spawn_on(event_loop& loop, async<T> coroutine,
                      std::source_location created = std::source_location::current()) {
    return loop.submit(std::move(coroutine), created);
}
template <class Function, class... Arguments>
    requires coroutine_function<Function, Arguments...>
auto spawn_on(event_loop& loop, Function&& function, Arguments&&... arguments) {
    return loop.submit(std::forward<Function>(function), std::forward<Arguments>(arguments)...);
}

/// asyncio's name for `loop.submit(coroutine)`.
template <class T> submitted<T> run_coroutine_threadsafe(async<T> coroutine, event_loop& loop) {
    return loop.submit(std::move(coroutine));
}

}  // namespace torus::inline v0
