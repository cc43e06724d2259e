// src/core/shield.cpp: waiting for a task without passing a cancellation on.
#include <torus/core/shield.hpp>

namespace torus::inline v0 {

bool shielding_base::await_suspend(std::coroutine_handle<> h) {
    target_->require_awaitable();
    if (!begin_wait(h)) return false;
    target_->add_joiner(*this);
    return true;
}

void shielding_base::cancel() noexcept {
    target_->remove_joiner(*this);
    make_cancelled();
}

void shielding_base::finish_shield() {
    end_wait();
    target_->mark_observed();
    if (target_->state() == task_state::cancelled) throw cancelled_error(target_->cancel_reason(), false);
}

task_record& shielding_coroutine_base::start(promise_base& root) {
    if (!running.task) throw_outside_of_tasks();
    task_record& inner = task_record::start(root, {}, this, root.location());
    inner.mark_observed();
    return inner;
}

void shielding_coroutine_base::suspend_for(std::coroutine_handle<> h) { begin_wait_anyway(h); }

void shielding_coroutine_base::child_done(task_record&) noexcept { make_ready(); }

void shielding_coroutine_base::finish_shield(task_record& inner) {
    if (inner.state() == task_state::failed) return;  // the result throws
    if (running.task->cancel_pending()) throw_cancelled();
    if (inner.state() == task_state::cancelled) throw cancelled_error(inner.cancel_reason(), false);
}

}  // namespace torus::inline v0
