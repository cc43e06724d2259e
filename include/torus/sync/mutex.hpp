// torus/sync/mutex.hpp: a lock between tasks, held across awaits.
#pragma once

#include <cstdint>
#include <utility>

#include <torus/core/clock.hpp>
#include <torus/sync/waiting_line.hpp>

namespace torus::inline v0 {

class any_task;

/// A lock that at most one task holds. Between two awaits nothing else of the loop runs, so it is needed only where
/// something must stay as it is across an await.
///
///     mutex m;
///     {
///         auto held = co_await m.lock();
///         co_await connection.send(request);
///         answer = co_await connection.receive();
///     }                                             // released here, by exceptions and cancellations too
///
/// Who waits gets it in order of arrival: it is handed over directly, so that nobody can slip in between. It is not
/// reentrant. It belongs to one loop's thread. In debug mode one that is held for more than 5 s while others wait is
/// reported, with where its holder is.
///
/// @source asyncio.Lock
class mutex {
public:
    class guard;
    class locking;

    mutex() noexcept = default;
    mutex(const mutex&) = delete;
    mutex& operator=(const mutex&) = delete;

    bool locked() const noexcept { return locked_; }

    /// Waits for the lock, and gives a guard that releases it at the end of its scope.
    /// @throws std::runtime_error  a task of another loop holds it
    /// @cancel takes effect at once, and the next in line is not affected; whoever has been handed the lock already
    ///         receives it, and the cancellation stays pending
    /// @cost   no allocation; a free lock is taken without suspending
    locking lock() noexcept;

    /// Takes the lock if it is free. The guard is empty (and false) if it is not.
    /// @throws std::runtime_error  a task of another loop holds it
    guard try_lock();

    /// Releases the lock, for those who don't use the guard: the next in line has it then.
    /// @throws invalid_state_error  it is not locked
    /// @throws std::runtime_error   tasks of another loop wait for it
    void unlock();

private:
    friend class condition;
    bool take() {
        if (locked_ || !binding_.is_here()) [[unlikely]]
            return take_unless_held();
        locked_ = true;
        return true;
    }
    bool take_unless_held();
    void hand_over() noexcept;
    void note_holder(const task_record* task) noexcept;
    static void watch(any_task waiting, time_point since);
    static void report_holder(const any_task& waiting, mutex& held) noexcept;
    void release() noexcept {
        if (line_.empty()) [[likely]]
            locked_ = false;
        else hand_over();  // it stays locked: the next in line holds it from now on
    }

    bool locked_ = false;
    bool reported_ = false;  // of this holder, which
    std::uint64_t holder_ = 0;  // is this task: only in debug mode, and 0 if unknown
    time_point held_since_{};  // likewise
    loop_binding binding_;
    waiting_line line_;
};

/// Holds a mutex for as long as it lives.
class [[nodiscard("the lock is released when this is destroyed")]] mutex::guard {
public:
    guard() noexcept = default;
    guard(guard&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    guard& operator=(guard other) noexcept {
        std::swap(held_, other.held_);
        return *this;
    }
    ~guard() { unlock(); }

    explicit operator bool() const noexcept { return held_; }

    /// Whether it is this mutex that it holds.
    bool holds(const mutex& m) const noexcept { return held_ == &m; }

    /// Releases the lock early. Harmless when repeated.
    void unlock() noexcept {
        if (mutex* m = std::exchange(held_, nullptr)) m->release();
    }

    /// Leaves the lock locked: somebody else calls `mutex::unlock`.
    void forget() noexcept { held_ = nullptr; }

private:
    friend class mutex;
    friend class locking;
    friend class condition;
    explicit guard(mutex& held) noexcept : held_(&held) {}

    mutex* held_ = nullptr;
};

/// What `mutex::lock` returns.
class [[nodiscard("co_await it")]] mutex::locking final : public line_waiter {
public:
    explicit locking(mutex& wanted) noexcept : line_waiter(wait_kind::mutex), mutex_(&wanted) {}
    bool await_ready() { return mutex_->take(); }
    bool await_suspend(std::coroutine_handle<> h);
    mutex* awaited() const noexcept { return is_in_line() ? mutex_ : nullptr; }  // null once served, or if it is gone
    guard await_resume() {
        end_wait();
        return guard(*mutex_);
    }

private:
    mutex* mutex_;
};

inline mutex::locking mutex::lock() noexcept { return locking(*this); }
inline mutex::guard mutex::try_lock() { return take() ? guard(*this) : guard(); }

}  // namespace torus::inline v0
