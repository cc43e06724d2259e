// src/sync/barrier.cpp: arriving, going on together, breaking.
#include <torus/sync/barrier.hpp>

namespace torus::inline v0 {

barrier::barrier(std::size_t parties) : parties_(parties) {
    if (parties == 0) throw std::invalid_argument("torus: a barrier needs at least one party");
}

/// Whether the wait is over at once: `last` is the last to arrive, or the barrier is broken.
bool barrier::arrive(waiting& last) {
    if (broken_) return true;
    if (waiting_ + 1 < parties_) return false;
    line_.require_loop();
    for (std::size_t place = 0; !line_.empty(); ++place) {
        static_cast<waiting&>(*line_.first()).place_ = place;
        line_.serve_first();
    }
    last.place_ = waiting_;
    waiting_ = 0;
    return true;
}

void barrier::break_all() {
    line_.require_loop();
    waiting_ = 0;
    line_.serve_all();  // with no place
}

void barrier::reset() {
    break_all();
    broken_ = false;
}

void barrier::abort() {
    break_all();
    broken_ = true;
}

bool barrier::waiting::await_suspend(std::coroutine_handle<> h) {
    if (!line_up(barrier_->line_, h)) return false;
    ++barrier_->waiting_;
    return true;
}

void barrier::waiting::cancel() noexcept {
    if (leave()) --barrier_->waiting_;
    make_cancelled();
}

}  // namespace torus::inline v0
