// torus/sync/capacity_limiter.hpp: how many tasks may do something at once, known by task, and changeable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <torus/sync/waiting_line.hpp>

namespace torus::inline v0 {

/// A number of tokens, of which a task may borrow one at a time. The number may change while it is in use.
///
///     capacity_limiter downloads{10};
///     auto token = co_await downloads.acquire();
///     auto page = co_await fetch(url);
///     downloads.set_total_tokens(5);                     // from elsewhere: takes effect as tokens come back
///
/// Unlike a semaphore it knows who has borrowed: a task that asks for a second token, and so might wait for itself, gets
/// an error. Who waits gets a token in order of arrival: it is handed over directly. It belongs to one loop's thread.
///
/// @source anyio.CapacityLimiter
class capacity_limiter {
public:
    class token;
    class acquiring;

    explicit capacity_limiter(std::size_t tokens) noexcept : total_(tokens) {}
    capacity_limiter(const capacity_limiter&) = delete;
    capacity_limiter& operator=(const capacity_limiter&) = delete;

    std::size_t total_tokens() const noexcept { return total_; }
    std::size_t borrowed_tokens() const noexcept { return borrowers_.size(); }

    /// The tokens that could be had now; none where more are borrowed than there are by now.
    std::size_t available_tokens() const noexcept {
        return borrowers_.size() < total_ ? total_ - borrowers_.size() : 0;
    }

    /// Changes how many tokens there are. More of them go to those who wait; if there are fewer, none is taken away, but
    /// those that come back are not lent again until it fits.
    /// @throws std::bad_alloc      nothing has changed
    /// @throws std::runtime_error  tasks of another loop wait; nothing has changed
    void set_total_tokens(std::size_t tokens);

    /// Waits for a token in the name of the current task. It goes back at the end of the scope, in whatever task that is.
    /// @throws invalid_state_error  the task has one already
    /// @throws std::runtime_error   tasks of another loop use the limiter
    /// @cancel takes effect at once, and no token is lost; whoever has been handed one already receives it, and the
    ///         cancellation stays pending
    /// @cost   no allocation but for the list of borrowers, which stays; finding one's place there is a binary search
    acquiring acquire() noexcept;

    /// Borrows a token if one is free. It is empty (and false) if none is.
    /// @throws invalid_state_error  the task has one already
    /// @throws std::runtime_error   outside of a task, or tasks of another loop use the limiter
    token try_acquire();

private:
    using borrower = std::uint64_t;  // a task's id, which no other task of the loop ever has

    bool take();
    void lend(borrower to);
    void give_back(borrower from) noexcept;
    void serve() noexcept;

    std::size_t total_;
    std::vector<borrower> borrowers_;  // sorted; ids grow, so most are added at the end
    loop_binding binding_;
    waiting_line line_;
};

/// Holds a token for as long as it lives.
class [[nodiscard("the token goes back when this is destroyed")]] capacity_limiter::token {
public:
    token() noexcept = default;
    token(token&& other) noexcept : from_(std::exchange(other.from_, nullptr)), borrower_(other.borrower_) {}
    token& operator=(token other) noexcept {
        std::swap(from_, other.from_);
        std::swap(borrower_, other.borrower_);
        return *this;
    }
    ~token() { release(); }

    explicit operator bool() const noexcept { return from_; }

    /// Gives the token back early. Harmless when repeated.
    void release() noexcept {
        if (capacity_limiter* const l = std::exchange(from_, nullptr)) l->give_back(borrower_);
    }

private:
    friend class capacity_limiter;
    token(capacity_limiter& from, borrower who) noexcept : from_(&from), borrower_(who) {}
    static token of_current_task(capacity_limiter& from) noexcept;

    capacity_limiter* from_ = nullptr;
    borrower borrower_ = 0;
};

/// What `capacity_limiter::acquire` returns.
class [[nodiscard("co_await it")]] capacity_limiter::acquiring final : public line_waiter {
public:
    explicit acquiring(capacity_limiter& from) noexcept : line_waiter(wait_kind::capacity), limiter_(&from) {}
    bool await_ready() { return limiter_->take(); }
    bool await_suspend(std::coroutine_handle<> h) { return line_up(limiter_->line_, h); }
    token await_resume() {
        end_wait();
        return token::of_current_task(*limiter_);
    }

private:
    capacity_limiter* limiter_;
};

inline capacity_limiter::acquiring capacity_limiter::acquire() noexcept { return acquiring(*this); }

}  // namespace torus::inline v0
