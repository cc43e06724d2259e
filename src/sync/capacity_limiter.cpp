// src/sync/capacity_limiter.cpp: who has borrowed a token.
#include <torus/sync/capacity_limiter.hpp>

#include <algorithm>
#include <stdexcept>

#include <torus/core/error.hpp>
#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

void capacity_limiter::set_total_tokens(std::size_t tokens) {
    line_.require_loop();
    std::size_t soon = borrowers_.size();
    for (const line_waiter* each = line_.first(); each && soon < tokens; each = line_.behind(*each)) ++soon;
    borrowers_.reserve(soon);
    total_ = tokens;
    serve();
}

/// Whether the current task has borrowed a token, now.
bool capacity_limiter::take() {
    if (!running.task) throw std::runtime_error("torus: a token of a capacity_limiter is borrowed outside of a task");
    if (!binding_.is_here()) {
        if (!borrowers_.empty() || !line_.empty()) loop_binding::refuse();
        binding_.bind();
    }
    const borrower who = running.task->id();
    if (std::binary_search(borrowers_.begin(), borrowers_.end(), who))
        throw invalid_state_error("torus: this task has borrowed a token of this capacity_limiter already");
    if (borrowers_.size() >= total_) return false;  // nobody waits while there are tokens
    lend(who);
    return true;
}

void capacity_limiter::lend(borrower to) {
    borrowers_.insert(std::upper_bound(borrowers_.begin(), borrowers_.end(), to), to);
}

/// The next borrower takes the place of this one, so that there is memory for it.
void capacity_limiter::give_back(borrower from) noexcept {
    borrowers_.erase(std::lower_bound(borrowers_.begin(), borrowers_.end(), from));
    serve();
}

void capacity_limiter::serve() noexcept {
    while (borrowers_.size() < total_ && !line_.empty()) {
        lend(line_.first()->waiting_task()->id());
        line_.serve_first();
    }
}

capacity_limiter::token capacity_limiter::try_acquire() { return take() ? token::of_current_task(*this) : token(); }

capacity_limiter::token capacity_limiter::token::of_current_task(capacity_limiter& from) noexcept {
    return token(from, running.task->id());
}

}  // namespace torus::inline v0
