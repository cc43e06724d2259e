// src/sync/condition.cpp: from the line of those who wait to the line for the lock.
#include <torus/sync/condition.hpp>

#include <torus/core/error.hpp>

namespace torus::inline v0 {

void condition::require_held(const mutex::guard& held) const {
    if (!held.holds(*mutex_)) throw invalid_state_error("torus: wait() of a condition without holding its lock");
}

void condition::notify(std::size_t count) {
    if (!mutex_->locked()) throw invalid_state_error("torus: notify() of a condition whose lock nobody holds");
    line_.require_loop();
    mutex_->line_.require_loop();
    for (; count > 0 && !line_.empty(); --count) {
        waiting& woken = static_cast<waiting&>(*line_.first());
        woken.phase_ = waiting::phase::notified;
        woken.move_to(mutex_->line_);
    }
}

bool condition::waiting::await_suspend(std::coroutine_handle<> h) {
    if (!line_up(condition_->line_, h)) return false;
    held_->forget();
    mutex_->release();
    return true;
}

/// Whoever has been notified waits for nothing but the lock, which it needs to return. Who has been cancelled needs it
/// to throw; a second cancellation changes nothing.
void condition::waiting::cancel() noexcept {
    if (!is_in_line()) return make_cancelled();  // of something that has been destroyed
    if (phase_ != phase::waiting) return;
    phase_ = phase::cancelled;
    if (mutex_->locked_) return move_to(mutex_->line_);
    mutex_->locked_ = true;
    mutex_->note_holder(waiting_task());
    leave();
    make_ready();
}

void condition::waiting::dropped() noexcept {
    leave();
    make_cancelled();
}

void condition::waiting::await_resume() {
    end_wait();
    *held_ = mutex::guard(*mutex_);
    if (phase_ == phase::cancelled) throw_cancelled();
}

}  // namespace torus::inline v0
