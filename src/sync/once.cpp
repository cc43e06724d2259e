// src/sync/once.cpp: whose turn it is.
#include <torus/sync/once.hpp>

#include <torus/core/error.hpp>

namespace torus::inline v0 {

/// Whether there is no need to wait: it has been done, or it is this caller's turn at once.
bool once_base::enter(entering& who) {
    if (state_ == state::done) return true;
    if (state_ == state::busy) {
        if (runner_ == running.task) throw deadlock_error("torus: a once is called from within what it calls");
        return false;
    }
    line_.require_loop();
    state_ = state::busy;
    runner_ = running.task;
    who.is_turn_ = true;
    return true;
}

void once_base::pass_on() noexcept {
    if (line_.empty()) {
        state_ = state::idle;
        runner_ = nullptr;
        return;
    }
    entering& next = static_cast<entering&>(*line_.first());
    next.is_turn_ = true;
    runner_ = next.waiting_task();
    line_.serve_first();
}

void once_base::finish() noexcept {
    state_ = state::done;
    runner_ = nullptr;
    line_.serve_all();
}

}  // namespace torus::inline v0
