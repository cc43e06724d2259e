// torus/sync/waiting_line.hpp: the line, first come first served, behind every lock, event and queue.
#pragma once

#include <cstdint>

#include <torus/core/running.hpp>
#include <torus/core/waiter.hpp>

namespace torus::inline v0 {

class waiting_line;

/// A task's place in a line. Whoever is served keeps what it was served with: a cancellation that comes later stays
/// pending. One that is cancelled before leaves the line as if it had never stood in it.
class line_waiter : public waiter {
public:
    line_waiter(line_waiter&& idle) noexcept = default;

protected:
    explicit line_waiter(wait_kind kind) noexcept : waiter(kind) {}
    ~line_waiter() = default;

    /// Lines the current task up. False if a cancellation is pending: then don't suspend.
    /// @throws std::runtime_error  tasks of another loop stand there
    bool line_up(waiting_line& line, std::coroutine_handle<> h);

    /// Leaves the line and ends the wait. Where others wait for that, a derived one tells them.
    void cancel() noexcept override;

    /// False once served, or if the line has been destroyed.
    bool is_in_line() const noexcept { return line_; }

    /// Leaves the line, unserved. False if the line has been destroyed.
    bool leave() noexcept;

    /// Waits on at the end of another line of the same loop: for waits of two parts.
    void move_to(waiting_line& line) noexcept;

    /// Suspends with what was received already, so that others have their turn: for what keeps being there at once. See
    /// `spend_completion`. A cancellation stays pending. Always true.
    bool pause(std::coroutine_handle<> h);

private:
    friend class waiting_line;

    waiting_line* line_ = nullptr;  // null once served, or if the line has been destroyed
};

/// Tasks of one loop, in order of arrival. It neither owns nor allocates.
///
/// If it is destroyed while tasks stand in it, they wait on, until they are cancelled: locals of `main` die before `run`
/// cancels the tasks that were left waiting for them.
class waiting_line {
public:
    waiting_line() noexcept = default;
    waiting_line(const waiting_line&) = delete;
    waiting_line& operator=(const waiting_line&) = delete;
    ~waiting_line() {
        if (!list_.empty()) [[unlikely]]
            abandon();
    }

    bool empty() const noexcept { return list_.empty(); }
    line_waiter* first() const noexcept { return static_cast<line_waiter*>(list_.front()); }

    /// The next in line after `w`, which stands in it; null if there is none.
    line_waiter* behind(const line_waiter& w) const noexcept { return static_cast<line_waiter*>(w.following()); }

    /// Serves the first: it leaves the line, and is resumed in a later pass.
    void serve_first() noexcept;

    /// Serves all of them.
    void serve_all() noexcept;

    /// @throws std::runtime_error  tasks of another loop stand here, so that this thread must not serve them
    void require_loop() const {
        if (!list_.empty()) [[unlikely]]
            check_loop();
    }

private:
    friend class line_waiter;
    void abandon() noexcept;
    void check_loop() const;

    wait_list list_;
};

/// Which loop a lock serves: the last that has taken it. Another one may take it over while it is unused.
class loop_binding {
public:
    bool is_here() const noexcept { return loop_ == here(); }
    void bind() noexcept { loop_ = here(); }

    /// @{ The same for a lock that wants to see each taking, because of debug mode: then it never `is_here()`.
    bool is_watched_here() const noexcept { return loop_ == (here() | watched_bit); }
    void bind_watched() noexcept { loop_ = here() | watched_bit; }
    /// @}

    /// @throws std::runtime_error  always: the primitive is in use by another loop
    [[noreturn]] static void refuse();

private:
    static constexpr std::uintptr_t watched_bit = 1;
    static std::uintptr_t here() noexcept { return reinterpret_cast<std::uintptr_t>(running.loop); }

    std::uintptr_t loop_ = 0;
};

}  // namespace torus::inline v0
