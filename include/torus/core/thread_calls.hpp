// torus/core/thread_calls.hpp: the threads that work for loops, as a kernel has them or a simulation of one.
#pragma once

#include <memory>
#include <mutex>

#include <torus/core/clock.hpp>

namespace torus::inline v0 {

/// What threads sleep on, and wake each other by; so do loops that wait for a thread.
class thread_condition {
public:
    virtual ~thread_condition() = default;

    /// Gives the mutex back, sleeps until it is notified, and takes the mutex again. Like that of a
    /// `std::condition_variable` it may wake for no reason.
    /// @return false if it is `until` now; also where simulated threads would sleep for ever
    virtual bool wait(std::unique_lock<std::mutex>& held, time_point until = time_point::max()) = 0;
    virtual void notify_one() noexcept = 0;
    virtual void notify_all() noexcept = 0;
};

/// What a thread does from its beginning to its end. It is kept until then.
class thread_program {
public:
    virtual ~thread_program() = default;
    virtual void work() noexcept = 0;
};

/// A thread that was started. It goes its own way when this object goes.
class started_thread {
public:
    virtual ~started_thread() = default;

    /// Waits for its end, which is near.
    virtual void join() = 0;
};

/// The threads of a backend's world. For every thread.
class thread_calls {
public:
    virtual ~thread_calls() = default;

    /// Whether they are part of a simulation: one moves at a time, until it sleeps, while everything else stands still.
    virtual bool are_simulated() const noexcept = 0;

    /// Starts one, which receives no signals.
    /// @throws std::system_error  there can be no more
    virtual std::unique_ptr<started_thread> start(std::shared_ptr<thread_program> what) = 0;

    virtual std::unique_ptr<thread_condition> make_condition() = 0;

    /// Whether the program was killed that they work for: whatever they do is to end soon.
    virtual bool are_ending() const noexcept { return false; }

    /// For a loop that waits for them while time stands still: one of those that would go on later does so now, until it
    /// sleeps. False if there is none, or threads are real.
    virtual bool hurry() { return false; }

    /// The clock of `thread_condition::wait`.
    virtual time_point now() const noexcept = 0;
};

/// Those of the kernel.
thread_calls& kernel_threads() noexcept;

/// Those of the world that this thread is in: that of its loop, or the one that has started it; the kernel's elsewhere.
thread_calls& threads() noexcept;

}  // namespace torus::inline v0
