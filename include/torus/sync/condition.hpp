// torus/sync/condition.hpp: waiting, with a lock, until something is true.
#pragma once

#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>

#include <torus/core/awaitable.hpp>
#include <torus/sync/mutex.hpp>

namespace torus::inline v0 {

/// A lock, and a line of tasks that wait until what it protects has changed.
///
///     condition changed;
///
///     auto held = co_await changed.lock();                                   // the consumer
///     co_await changed.wait_for(held, [&] { return !items.empty(); });
///     use(items.front());
///
///     auto held = co_await changed.lock();                                   // the producer
///     items.push_back(x);
///     changed.notify();
///
/// Who is notified moves on to the line for the lock, and goes on once it has been handed the lock. Waiting empties the
/// guard, and fills it again before it returns or throws. It belongs to one loop's thread.
///
/// @source asyncio.Condition
class condition {
public:
    class waiting;

    /// With a lock of its own.
    condition() noexcept : mutex_(&own_) {}

    /// With a lock that other conditions, and other code, may use as well. It must outlive this.
    explicit condition(mutex& shared) noexcept : mutex_(&shared) {}
    condition(const condition&) = delete;
    condition& operator=(const condition&) = delete;

    /// Waits for the lock.
    /// @throws std::runtime_error  a task of another loop holds it
    /// @cancel as mutex::lock()
    mutex::locking lock() noexcept { return mutex_->lock(); }

    bool locked() const noexcept { return mutex_->locked(); }

    /// Releases the lock, waits until notified, and takes the lock again.
    /// @throws invalid_state_error  `held` does not hold this condition's lock
    /// @throws std::runtime_error   tasks of another loop wait for the condition
    /// @cancel takes effect as soon as the lock is held again, and no notification is lost; whoever has been notified
    ///         already returns, and the cancellation stays pending. If the condition is destroyed meanwhile, it takes
    ///         effect at once, with `held` empty
    /// @cost   no allocation
    waiting wait(mutex::guard& held) noexcept;

    /// Waits until `predicate()` is true, which is asked at once and after each notification. Gives what it gave.
    /// @throws what the predicate throws; what `wait` throws
    /// @cancel as wait(); not at all if the predicate is true at once
    /// @cost   one recycled frame
    template <class Predicate>
    async<std::decay_t<std::invoke_result_t<std::decay_t<Predicate>&>>> wait_for(mutex::guard& held,
                                                                                 Predicate&& predicate) {
        static_assert(safe_temporary<Predicate>, "g++ 12 destroys this closure twice: name it first");
        return repeat_wait(held, std::decay_t<Predicate>(std::forward<Predicate>(predicate)));
    }

    /// Wakes those who wait longest, `count` at most. They go on when they have the lock, which this does not release.
    /// @throws invalid_state_error  nobody holds the lock
    /// @throws std::runtime_error   tasks of another loop wait
    void notify(std::size_t count = 1);

    /// Wakes all who wait.
    /// @throws as notify()
    void notify_all() { notify(std::numeric_limits<std::size_t>::max()); }

private:
    void require_held(const mutex::guard& held) const;
    template <class Predicate>
    async<std::decay_t<std::invoke_result_t<Predicate&>>> repeat_wait(mutex::guard& held, Predicate predicate);

    mutex own_;
    mutex* mutex_;
    waiting_line line_;
};

/// What `condition::wait` returns.
class [[nodiscard("co_await it")]] condition::waiting final : public line_waiter {
public:
    waiting(condition& awaited, mutex::guard& held) noexcept
        : line_waiter(wait_kind::condition), condition_(&awaited), mutex_(awaited.mutex_), held_(&held) {}
    bool await_ready() const {
        condition_->require_held(*held_);
        return false;
    }
    bool await_suspend(std::coroutine_handle<> h);
    void await_resume();

private:
    friend class condition;
    enum class phase : unsigned char { waiting, notified, cancelled };  // the latter two wait for the lock

    void cancel() noexcept override;
    void dropped() noexcept override;

    condition* condition_;  // it may be gone once the phase is another
    mutex* mutex_;
    mutex::guard* held_;
    phase phase_ = phase::waiting;
};

inline condition::waiting condition::wait(mutex::guard& held) noexcept { return waiting(*this, held); }

template <class Predicate>
async<std::decay_t<std::invoke_result_t<Predicate&>>> condition::repeat_wait(mutex::guard& held, Predicate predicate) {
    require_held(held);
    for (;;) {
        auto value = predicate();
        if (value) co_return value;
        co_await wait(held);
    }
}

}  // namespace torus::inline v0
