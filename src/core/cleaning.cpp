// src/core/cleaning.cpp: which cancellation reaches a clean-up, and which error is thrown after it.
#include <torus/core/cleaning.hpp>

#include <new>
#include <string>

#include <torus/core/loop.hpp>

#include "core/describe.hpp"

namespace torus::inline v0 {

bool cleaning::await_suspend(std::coroutine_handle<> h) {
    if (!running.task) throw_outside_of_tasks();
    task_record& self = *running.task;
    task_ = &self;  // also where nothing is waited for
    promise_base& root = clean_up_.release().promise();
    running_ = task<>(task_record::prepare(root, {}, this, root.location()));
    running_.record().mark_observed();
    body_cancelled_ = is_own_cancellation(body_error_);
    spared_ = body_cancelled_ || self.cancel_pending();
    const int cancelled_before = self.cancelling();
    running_.record().begin_now();
    const bool cancelled_meanwhile = self.cancelling() > cancelled_before;
    if (running_.done()) return false;
    begin_wait_anyway(h);
    if (cancelled_meanwhile) cancel();
    return true;
}

void cleaning::cancel() noexcept {
    if (std::exchange(spared_, true)) running_.record().pass_cancel(waiting_task()->cancel_reason());
}

void cleaning::child_done(task_record&) noexcept {
    if (is_waiting()) make_ready();
}

void cleaning::await_resume() {
    const task_state how = running_.record().state();
    if (how == task_state::failed) return finish_failed();
    task_record& self = *running.task;
    // What was cancelled throws that now, whatever it was told again since.
    if (body_cancelled_) return self.take_cancel();
    if (how == task_state::succeeded || body_error_) return;
    if (self.cancel_pending()) throw_cancelled();
    throw cancelled_error({}, false);
}

/// The clean-up has failed: its error is thrown, or, if there is one of the body's before it, reported.
void cleaning::finish_failed() {
    const std::exception_ptr error = running_.record().error();
    if (!body_error_ || is_cancellation(body_error_)) {
        if (body_cancelled_) running.task->restore_cancel();
        std::rethrow_exception(error);
    }
    try {
        const std::string text = "a clean-up has failed, after " + describe(body_error_);
        report_problem(text.c_str(), error, &running_.record());
    } catch (const std::bad_alloc&) {
        report_problem("a clean-up has failed, after another error", error, nullptr);
    }
}

}  // namespace torus::inline v0
