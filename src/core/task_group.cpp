// src/core/task_group.cpp: how a group runs its closure, counts its children, and ends.
#include <torus/core/task_group.hpp>

#include "core/describe.hpp"

namespace torus::inline v0 {

/// Suspends the parent until the group has no child. A cancellation is passed on to the children, and held.
class task_group::children_done final : public waiter {
public:
    explicit children_done(task_group& group) noexcept : waiter(wait_kind::group), group_(group) {}
    bool await_ready() const noexcept { return !group_.children_; }
    bool await_suspend(std::coroutine_handle<> h) {
        if (!begin_wait(h)) {  // pending already: the children hear of it now
            cancelled_ = true;
            waiting_task()->take_cancel();
            group_.abort();
            if (!group_.children_ || !begin_wait(h)) return false;
        }
        group_.joiner_ = this;
        return true;
    }
    /// Whether the parent was cancelled meanwhile.
    bool await_resume() noexcept { return cancelled_; }

    void last_child_ended() noexcept { make_ready(); }

private:
    void cancel() noexcept override {
        cancelled_ = true;
        waiting_task()->take_cancel();
        group_.abort();
    }
    task_group& group_;
    bool cancelled_ = false;
};

task_record& task_group::start_child(promise_base& root, const task_options& options, std::source_location created) {
    task_record& child = task_record::start(root, options.name, this, task_record::first_step::scheduled, created);
    child.mark_observed();
    child.next_sibling = children_;
    if (children_) children_->previous_sibling = &child;
    children_ = &child;
    return child;
}

void task_group::refuse_child() const {
    throw invalid_state_error(state_ == state::ended ? "torus: the task group has ended"
                                                     : "torus: the task group is being cancelled");
}

void task_group::child_done(task_record& child) noexcept {
    if (child.previous_sibling) child.previous_sibling->next_sibling = child.next_sibling;
    else children_ = child.next_sibling;
    if (child.next_sibling) child.next_sibling->previous_sibling = child.previous_sibling;

    if (child.state() == task_state::failed) note_error(child.root().error(), child.name());
    if (child.state() == task_state::cancelled && state_ == state::aborting) child_cancelled_ = true;
    if (!children_ && joiner_) std::exchange(joiner_, nullptr)->last_child_ended();
}

/// The first error ends the group; the others are told to the error handler.
void task_group::note_error(std::exception_ptr error, const std::string& culprit) noexcept {
    if (error_) {
        report_error({"another error in a task group whose first error came from " + culprit_, std::move(error), culprit});
        return;
    }
    error_ = std::move(error);
    culprit_ = culprit;
    abort();
    interrupt_body();
}

void task_group::abort() noexcept {
    if (state_ == state::aborting) return;
    state_ = state::aborting;
    for (task_record* child = children_; child;) {
        task_record* const next = child->next_sibling;  // cancelling never ends a child at once
        child->cancel({});
        child = next;
    }
}

/// Cancels the closure, which runs in the parent's own task; taken back when it has ended.
void task_group::interrupt_body() noexcept {
    if (!in_body_ || body_interrupted_) return;
    body_interrupted_ = true;
    parent_->cancel({});
}

void task_group::cancel() {
    if (state_ == state::ended) return;
    if (state_ == state::unentered) {
        state_ = state::aborting;
        return;
    }
    abort();
    interrupt_body();
}

async<> task_group::run() {
    parent_ = running.task;
    const bool cancelled_before = state_ == state::aborting;
    if (!cancelled_before) state_ = state::open;
    std::exception_ptr cancellation;
    try {
        if (cancelled_before) body_.discard();
        else co_await std::move(body_);
    } catch (const cancelled_error&) {
        cancellation = std::current_exception();
    } catch (...) {
        in_body_ = false;
        note_error(std::current_exception(), "the closure");
    }
    in_body_ = false;
    if (body_interrupted_ && parent_->uncancel() == 0) cancellation = nullptr;
    if (cancellation) abort();

    bool cancelled_while_joining = false;
    while (children_) {
        const bool cancelled = co_await children_done(*this);
        cancelled_while_joining = cancelled_while_joining || cancelled;
    }
    state_ = state::ended;
    finish(cancellation, cancelled_while_joining);
}

void task_group::finish(std::exception_ptr cancellation, bool cancelled_while_joining) {
    if (error_) {
        // The error goes first; a cancellation from outside comes up again at the next suspension.
        if (cancellation || cancelled_while_joining) parent_->restore_cancel();
        std::rethrow_exception(error_);
    }
    if (cancellation) std::rethrow_exception(cancellation);
    if (!cancelled_while_joining) return;
    if (child_cancelled_) throw cancelled_error(parent_->cancel_reason());
    parent_->restore_cancel();  // all have succeeded: the result wins
}

}  // namespace torus::inline v0
