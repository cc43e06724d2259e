// src/core/race.cpp: who came first, and what that means for the others.
#include <torus/core/race.hpp>

#include <stdexcept>

#include <torus/core/loop.hpp>

namespace torus::inline v0 {

void race_base::note_end(task_record& child) noexcept {
    if (decided_) {  // then tasks are not watched any more, unless the race was cancelled
        if (child.state() == task_state::failed && !forwarded_) report_another_error(child);
        return;
    }
    if (child.state() == task_state::cancelled && forwarded_) {
        child_cancelled_ = true;  // one of the others may have a result all the same
        return;
    }
    first_ = &child;
    child.mark_observed();
    child_cancelled_ = child.state() == task_state::cancelled;
    if (child.state() == task_state::failed) error_ = child.root().error();
    if (!forwarded_) leave_children();
    decide();
}

/// A race that is decided has a result or an error, and no cancellation changes that; it may hurry the losers.
void race_base::cancel() noexcept {
    if (decided_) cancel_children(reach::owned, waiting_task()->cancel_reason());
    else gather_base::cancel();
}

void refuse_empty_race() { throw std::invalid_argument("torus: a race of nothing never ends"); }

}  // namespace torus::inline v0
