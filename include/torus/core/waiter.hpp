// torus/core/waiter.hpp: the one thing under everything that waits.
#pragma once

#include <coroutine>
#include <cstdint>

#include <torus/core/error.hpp>

namespace torus::inline v0 {

class event_loop;
class task_record;

/// A coroutine to resume, once: what the loop's ready queue holds.
class runnable {
public:
    runnable() noexcept = default;
    runnable(const runnable&) = delete;
    runnable& operator=(const runnable&) = delete;

protected:
    ~runnable() = default;

    friend class event_loop;
    friend class ready_queue;
    friend class task_record;

    runnable* next_ = nullptr;          // in the ready queue; free for other lists while it waits
    std::coroutine_handle<> handle_;    // what is resumed
    task_record* task_ = nullptr;       // in whose name
};

/// What a task waits for; shown by `dump_tasks`.
enum class wait_kind : std::uint8_t {
    none,
    yield,
    sleep,
    timeout,
    join,
    gather,
    group,
    shield,
    event,
    mutex,
    semaphore,
    queue_get,
    queue_put,
    queue_join,
    condition,
    barrier,
    capacity,
    read_lock,
    write_lock,
    once,
    watch,
    broadcast,
    operation,
    thread,
    signal,
    future,
    callback,  // of no task: the loop calls a function
    other,
    remote  // a coroutine on another loop
};

/// One suspension of one task. Timers, kernel operations, locks and joins derive from it, so that cancellation and
/// introspection work for all of them.
///
/// A waiter is queued (`begin_wait`), then either made ready (`make_ready`) with its result, or cancelled: the loop
/// calls `cancel()`, which takes it out of whatever holds it and calls `make_cancelled()`. Once ready it is never
/// cancelled: *the result wins*, and the cancellation stays pending until the task's next suspension.
///
/// The shape of an awaitable built on it:
///
///     bool await_ready() noexcept;                               // can be had without waiting
///     bool await_suspend(std::coroutine_handle<> h) {
///         if (!begin_wait(h)) return false;                      // a cancellation is pending
///         list.push_back(*this);
///         return true;
///     }
///     void await_resume() { end_wait(); }                        // throws cancelled_error where it must
///     void cancel() noexcept override { list.erase(*this); make_cancelled(); }
class waiter : public runnable {
public:
    /// A waiter may be moved until it waits, as an argument of `gather` is.
    waiter(waiter&& idle) noexcept : runnable(), kind_(idle.kind_) {}
    waiter& operator=(waiter&&) = delete;

    wait_kind kind() const noexcept { return kind_; }
    task_record* waiting_task() const noexcept { return task_; }

    /// The task that is to go on when what this waits for has happened: its own, unless this is a part of another wait.
    virtual task_record* on_behalf_of() const noexcept { return task_; }

    /// Whether the wait ends only when all that it waits for has happened; a race, say, ends with the first.
    virtual bool needs_all() const noexcept { return true; }

protected:
    enum class progress : std::uint8_t { idle, waiting, ready, cancelled };

    explicit waiter(wait_kind kind) noexcept : kind_(kind) {}
    ~waiter() = default;

    /// Called once, on the loop's thread, when the task is cancelled while this waits: ends the wait now with
    /// `make_cancelled()`, or makes sure that it ends soon (a kernel operation, a join) with whatever result it has.
    virtual void cancel() noexcept = 0;

    /// Called when the task is about to be destroyed, and waits although it was cancelled: leaves whatever holds it.
    virtual void dropped() noexcept {}

    /// What it waits for has happened: called for those that join a task. Most are then ready.
    virtual void notify() noexcept { make_ready(); }

    /// Enters the wait of the current task. False if a cancellation is pending: then don't suspend.
    /// @throws std::runtime_error  outside of a task
    bool begin_wait(std::coroutine_handle<> h);

    /// The same, even if a cancellation is pending: for those who hold it, or pass it on.
    void begin_wait_anyway(std::coroutine_handle<> h);

    /// The same, in the name of a task that is known to run.
    inline void begin_wait_of(task_record& task, std::coroutine_handle<> h) noexcept;

    /// Ends the wait with a result: the task is resumed in a later pass.
    void make_ready() noexcept;

    /// Ends the wait without one: `end_wait()` will throw `cancelled_error`.
    void make_cancelled() noexcept;

    /// First thing in `await_resume()`.
    /// @throws cancelled_error  the wait ended without a result
    void end_wait() {
        if (progress_ == progress::cancelled) [[unlikely]]
            throw_cancelled();
    }

    bool is_waiting() const noexcept { return progress_ == progress::waiting; }
    bool is_cancelled() const noexcept { return progress_ == progress::cancelled; }

    /// The one behind it in its wait_list.
    waiter* following() const noexcept { return static_cast<waiter*>(next_); }

    /// Consumes the pending cancellation of the current task and throws it.
    [[noreturn]] void throw_cancelled();
    [[noreturn]] static void throw_outside_of_tasks();

    waiter* previous_ = nullptr;  // in the list that holds it while it waits
    wait_kind kind_;
    progress progress_ = progress::idle;

    friend class event_loop;
    friend class task_record;
    friend class wait_list;
    friend class timer_wheel;
};

/// A list of waiters in order of arrival: the queue behind every lock, event and channel.
///
/// It neither owns nor allocates. All functions take constant time.
class wait_list {
public:
    bool empty() const noexcept { return !first_; }
    waiter* front() const noexcept { return first_; }
    static waiter* after(const waiter& w) noexcept { return w.following(); }

    void push_back(waiter& w) noexcept {
        w.previous_ = last_;
        w.next_ = nullptr;
        if (last_) last_->next_ = &w;
        else first_ = &w;
        last_ = &w;
    }

    void erase(waiter& w) noexcept {
        waiter* const next = static_cast<waiter*>(w.next_);
        if (w.previous_) w.previous_->next_ = next;
        else first_ = next;
        if (next) next->previous_ = w.previous_;
        else last_ = w.previous_;
        w.previous_ = nullptr;
        w.next_ = nullptr;
    }

    /// Tells each of them, in order, that it has happened.
    void notify_all() noexcept {
        while (waiter* const w = pop_front()) w->notify();
    }

    waiter* pop_front() noexcept {
        waiter* const w = first_;
        if (!w) return nullptr;
        if (w->next_) {
            first_ = static_cast<waiter*>(w->next_);
            first_->previous_ = nullptr;
        } else {
            first_ = last_ = nullptr;
        }
        return w;
    }

private:
    waiter* first_ = nullptr;
    waiter* last_ = nullptr;
};

}  // namespace torus::inline v0
