// torus/sync/barrier.hpp: a point that a number of tasks pass together.
#pragma once

#include <cstddef>
#include <stdexcept>

#include <torus/sync/waiting_line.hpp>

namespace torus::inline v0 {

/// Thrown to those who wait at a barrier that is reset or aborted, and to those who come to an aborted one.
class broken_barrier_error : public std::runtime_error {
public:
    broken_barrier_error() : std::runtime_error("the barrier is broken") {}
};

/// A point where tasks wait until a given number of them has arrived; then all go on, and the next ones gather.
///
///     barrier start{3};
///     if (co_await start.wait() == 0) log("all three are here");
///
/// The last to arrive lets the others go before it goes on itself: whoever comes then, though those have not run yet,
/// belongs to the next round. It belongs to one loop's thread.
///
/// @source asyncio.Barrier
class barrier {
public:
    class waiting;

    /// @throws std::invalid_argument  no parties
    explicit barrier(std::size_t parties);
    barrier(const barrier&) = delete;
    barrier& operator=(const barrier&) = delete;

    /// Waits until all parties are here. The last one does not suspend.
    /// @return this task's place in the order of arrival, from 0; a different one for each of them
    /// @throws broken_barrier_error  the barrier was reset or aborted while this waited, or aborted before
    /// @throws std::runtime_error    tasks of another loop wait here
    /// @cancel takes effect at once: this task has not arrived; once the last has, a cancellation stays pending
    /// @cost   no allocation
    waiting wait() noexcept;

    /// Throws `broken_barrier_error` to those who wait, and makes an aborted barrier usable again.
    /// @throws std::runtime_error  tasks of another loop wait here; nothing has changed
    void reset();

    /// Throws `broken_barrier_error` to those who wait, and to all who come until `reset()`.
    /// @throws std::runtime_error  tasks of another loop wait here; nothing has changed
    void abort();

    /// How many tasks pass together.
    std::size_t parties() const noexcept { return parties_; }

    /// How many wait now.
    std::size_t n_waiting() const noexcept { return waiting_; }

    /// Whether it has been aborted.
    bool broken() const noexcept { return broken_; }

private:
    bool arrive(waiting& last);
    void break_all();

    std::size_t parties_;
    std::size_t waiting_ = 0;
    bool broken_ = false;
    waiting_line line_;
};

/// What `barrier::wait` returns.
class [[nodiscard("co_await it")]] barrier::waiting final : public line_waiter {
public:
    explicit waiting(barrier& at) noexcept : line_waiter(wait_kind::barrier), barrier_(&at) {}
    bool await_ready() { return barrier_->arrive(*this); }
    bool await_suspend(std::coroutine_handle<> h);
    std::size_t await_resume() {
        end_wait();
        if (place_ == none) throw broken_barrier_error();
        return place_;
    }

private:
    friend class barrier;
    static constexpr std::size_t none = ~std::size_t{0};
    void cancel() noexcept override;

    barrier* barrier_;  // it may be gone once the wait has ended
    std::size_t place_ = none;
};

inline barrier::waiting barrier::wait() noexcept { return waiting(*this); }

}  // namespace torus::inline v0
