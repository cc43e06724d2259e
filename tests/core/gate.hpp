// tests/core/gate.hpp: something to wait for that a test opens; also the smallest waiter that one can write.
#pragma once

#include <torus/core/waiter.hpp>

namespace torus {

class gate {
public:
    class passing final : public waiter {
    public:
        explicit passing(gate& g) noexcept : waiter(wait_kind::other), gate_(g) {}
        bool await_ready() const noexcept { return gate_.open_; }
        bool await_suspend(std::coroutine_handle<> h) {
            if (!begin_wait(h)) return false;
            gate_.line_.push_back(*this);
            return true;
        }
        void await_resume() { end_wait(); }
        using waiter::make_ready;

    private:
        void cancel() noexcept override {
            gate_.line_.erase(*this);
            make_cancelled();
        }
        gate& gate_;
    };

    passing pass() noexcept { return passing(*this); }

    void open() noexcept {
        open_ = true;
        while (waiter* w = line_.pop_front()) static_cast<passing*>(w)->make_ready();
    }

private:
    wait_list line_;
    bool open_ = false;
};

}  // namespace torus
