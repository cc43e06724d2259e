// torus/sync/event.hpp: a flag that tasks wait for.
#pragma once

#include <torus/sync/waiting_line.hpp>

namespace torus::inline v0 {

/// A flag. Tasks wait until it is set; it stays set until it is cleared.
///
///     event ready;
///     co_await ready.wait();     // in some tasks
///     ready.set();               // in another one: all of them go on, in a later pass
///
/// It belongs to one loop's thread: to set it from another one, use `call_soon_threadsafe`.
///
/// @source asyncio.Event
class event {
public:
    class waiting;

    bool is_set() const noexcept { return set_; }

    /// Sets the flag. Everybody who waits is resumed, in order of arrival, even if `clear()` follows at once.
    /// @throws std::runtime_error  tasks of another loop wait for it; nothing has changed
    void set() {
        line_.require_loop();
        set_ = true;
        line_.serve_all();
    }

    void clear() noexcept { set_ = false; }

    /// Waits until the flag is set; goes on at once if it is.
    /// @throws std::runtime_error  tasks of another loop wait for it
    /// @cancel takes effect at once; after `set()` it stays pending
    /// @cost   no allocation
    waiting wait() noexcept;

private:
    bool set_ = false;
    waiting_line line_;
};

/// What `event::wait` returns.
class [[nodiscard("co_await it")]] event::waiting final : public line_waiter {
public:
    explicit waiting(event& awaited) noexcept : line_waiter(wait_kind::event), event_(&awaited) {}
    bool await_ready() const noexcept { return event_->set_; }
    bool await_suspend(std::coroutine_handle<> h) { return line_up(event_->line_, h); }
    void await_resume() { end_wait(); }

private:
    event* event_;
};

inline event::waiting event::wait() noexcept { return waiting(*this); }

}  // namespace torus::inline v0
