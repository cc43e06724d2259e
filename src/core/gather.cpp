// src/core/gather.cpp: counting the children of a gather, and deciding what it throws.
#include <torus/core/gather.hpp>

#include <torus/core/loop.hpp>

#include "core/describe.hpp"

namespace torus::inline v0 {

void task_watch::end() noexcept {
    if (task_record* child = std::exchange(child_, nullptr)) child->remove_joiner(*this);
}

void gather_base::watch::begin(gather_base& gather, task_record& child) {
    child.require_awaitable();
    gather.note_watched(child);
    if (child.done()) return gather.note_end(child);
    ++gather.watched_pending_;
    gather_ = &gather;
    task_watch::begin(child);
}

void gather_base::watch::notify() noexcept {
    task_record& child = take_watched();
    --gather_->watched_pending_;
    gather_->note_end(child);
    gather_->wake_if_over();
}

task_record& gather_base::adopt(promise_base& root) {
    task_record& child = task_record::start(root, {}, this, root.location());
    child.mark_observed();
    ++owned_pending_;
    return child;
}

cancel_scope* gather_base::scope_of_children() const noexcept { return waiting_task()->scope(); }

void gather_base::note_watched(task_record& child) noexcept {
    if (!child.loop().debug()) child.mark_observed();
}

bool gather_base::await_suspend_on(std::coroutine_handle<> h) {
    begin_wait_anyway(h);
    try {
        start_children();
    } catch (...) {  // those that were started must end first
        error_ = std::current_exception();
        decided_ = true;
    }
    started_ = true;
    if (decided_) {
        leave_children();
        cancel_children(reach::owned, nullptr);
    }
    if (waiting_task()->cancel_pending()) cancel();  // coroutines never begin then, and tasks are told
    wake_if_over();
    return true;
}

void gather_base::child_done(task_record& child) noexcept {
    --owned_pending_;
    if (child.state() != unremarkable_) [[unlikely]]
        note_end(child);
    wake_if_over();
}

void gather_base::note_end(task_record& child) noexcept {
    child.mark_observed();
    if (child.state() == task_state::succeeded) return;
    if (child.state() == task_state::cancelled) child_cancelled_ = true;
    else if (!error_) error_ = child.root().error();
    else report_another_error(child);
    decide();
}

void gather_base::decide() noexcept {
    // Those that a cancellation of the awaiter has reached are cleaning up: they are not interrupted in that.
    if (!std::exchange(decided_, true) && started_ && !forwarded_) cancel_children(reach::owned, nullptr);
}

void gather_base::report_another_error(task_record& child) noexcept {
    if (child.loop().debug() && child.root().error() != error_)
        report_problem("another child of a gather failed after the first one", child.root().error(), &child);
}

void gather_base::wake_if_over() noexcept {
    if (!started_ || !is_waiting() || owned_pending_ > 0) return;
    // The tasks among the children are waited for, unless it is decided; a cancelled gather waits for all.
    if (watched_pending_ > 0 && (!decided_ || forwarded_)) return;
    make_ready();
}

void gather_base::cancel() noexcept {
    forwarded_ = true;
    cancel_children(reach::all, waiting_task()->cancel_reason());
}

void gather_base::finish_gather() {
    end_wait();
    if (decided_) leave_children();  // else all were started, and have ended
    if (error_) std::rethrow_exception(error_);
    if (!child_cancelled_) return;
    if (forwarded_ && running.task->cancel_pending()) throw_cancelled();
    throw cancelled_error({}, false);
}

/// What the children of a gather of outcomes throw are results. If it was cancelled itself, they are not complete.
void outcomes_base::note_end(task_record& child) noexcept {
    child.mark_observed();
    if (child.state() == task_state::cancelled && forwarded_) child_cancelled_ = true;
}

}  // namespace torus::inline v0
