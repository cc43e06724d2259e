// src/io/notice.hpp: waiting until somebody says that something has changed.
#pragma once

#include <torus/core/waiter.hpp>

namespace torus::inline v0 {

/// A bell: it wakes everybody who waits when it rings, and remembers nothing.
class notice {
public:
    class [[nodiscard("co_await it")]] waiting final : public waiter {
    public:
        waiting(notice& bell, wait_kind kind) noexcept : waiter(kind), bell_(bell) {}
        bool await_ready() const noexcept { return false; }
        bool await_suspend(std::coroutine_handle<> h) {
            if (!begin_wait(h)) return false;
            bell_.waiters_.push_back(*this);
            return true;
        }
        void await_resume() { end_wait(); }

    private:
        friend class notice;
        void cancel() noexcept override {
            bell_.waiters_.erase(*this);
            make_cancelled();
        }
        notice& bell_;
    };

    /// @cancel takes effect at once
    waiting wait(wait_kind kind = wait_kind::other) noexcept { return {*this, kind}; }

    void ring() noexcept {
        while (waiter* const first = waiters_.pop_front()) static_cast<waiting*>(first)->make_ready();
    }

private:
    wait_list waiters_;
};

}  // namespace torus::inline v0
