// src/testing/steps.cpp: waiting for a quiet moment, and for one's turn.
#include <torus/testing/steps.hpp>

#include <string>

namespace torus::inline v0::testing {

/// Timers expire when the loop has asked its backend, which it does when nothing is ready, or once in a while.
bool quiet_moment::await_suspend(std::coroutine_handle<> h) {
    if (!begin_wait(h)) return false;
    event_loop& loop = waiting_task()->loop();
    deadline_ = loop.time();
    loop.add_timer(*this);
    return true;
}

void quiet_moment::expired() noexcept {
    quiet_ = !waiting_task()->loop().has_ready();
    make_ready();
}

void quiet_moment::cancel() noexcept {
    waiting_task()->loop().remove_timer(*this);
    make_cancelled();
}

async<> wait_all_blocked() {
    for (bool quiet = false; !quiet;) quiet = co_await quiet_moment();
}

async<sequencer::place> sequencer::turn(std::size_t number) {
    if (given_up_) throw std::logic_error("torus: the order of this sequencer was given up");
    const auto [mine, is_new] = turns_.try_emplace(number);
    if (!is_new || number < current_) throw std::logic_error("torus: turn " + std::to_string(number) + " is taken");
    if (number > current_) {
        try {
            co_await mine->second.wait();
        } catch (const cancelled_error&) {
            give_up();
            throw;
        }
    }
    if (given_up_) throw std::logic_error("torus: the order of this sequencer was given up");
    co_return place(*this, number);
}

void sequencer::begin(std::size_t number) {
    current_ = number;
    const auto next = turns_.find(number);
    if (next != turns_.end()) next->second.set();
}

void sequencer::give_up() noexcept {
    given_up_ = true;
    for (auto& [number, each] : turns_) each.set();
}

}  // namespace torus::inline v0::testing
