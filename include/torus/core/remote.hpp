// torus/core/remote.hpp: reaching a loop from other threads.
#pragma once

#include <atomic>
#include <memory>

namespace torus::inline v0 {

class backend;
class event_loop;

/// Something to do on a loop's thread, sent from anywhere. It belongs to the sender until it is posted, and to the
/// loop until `arrived()` is called.
class remote_call {
public:
    remote_call() noexcept = default;
    remote_call(const remote_call&) = delete;
    remote_call& operator=(const remote_call&) = delete;

    /// Called once on the loop's thread, outside of any task; it may destroy this object.
    virtual void arrived(event_loop& loop) noexcept = 0;

    /// Called instead, on the posting thread or the one that closes the loop, where the loop is gone.
    virtual void returned() noexcept = 0;

protected:
    ~remote_call() = default;

private:
    friend class inbox;
    remote_call* next_ = nullptr;
};

/// A loop's letter box: calls from one thread arrive in the order in which they were posted.
///
/// Threads share it with the loop, so that it outlives the loop: a thread that ends late finds it closed.
class inbox {
public:
    explicit inbox(std::shared_ptr<backend> world) noexcept;
    ~inbox();
    inbox(const inbox&) = delete;
    inbox& operator=(const inbox&) = delete;

    /// Hands `call` over and wakes the loop if it sleeps. From any thread. False if the loop has closed: then the call has
    /// been returned.
    bool post(remote_call& call) noexcept;

    /// Wakes the loop, as if something had been posted. From any thread, and from signal handlers.
    void wake() noexcept;

    /// @{ The loop's side.
    void deliver(event_loop& loop) noexcept;
    bool prepare_sleep() noexcept;  // false if something has arrived: don't sleep
    bool has_letters() const noexcept;  // that are not delivered yet
    bool end_sleep() noexcept;  // whether wake() was called since the last time
    void close() noexcept;  // returns what is there and all that comes later
    /// @}

private:
    static remote_call* reversed(remote_call* newest) noexcept;
    static remote_call* closed_mark() noexcept;

    std::atomic<remote_call*> newest_{nullptr};  // a stack of what was posted since the last delivery
    std::atomic<bool> asleep_{false};
    std::atomic<bool> woken_{false};  // wake() without a call
    std::shared_ptr<backend> world_;
};

}  // namespace torus::inline v0
