// src/core/task_group.cpp: how a group runs its closure, counts its children, and ends.
#include <torus/core/task_group.hpp>

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include <torus/core/exception_group.hpp>
#include <torus/core/loop.hpp>

#include "core/describe.hpp"

namespace torus::inline v0 {

/// Suspends the parent until the group has no child. A cancellation is passed on to the children, and held.
class task_group::children_done final : public waiter {
public:
    explicit children_done(task_group& group) noexcept : waiter(wait_kind::group), group_(group) {}
    bool await_ready() const noexcept { return !group_.children_; }
    void await_suspend(std::coroutine_handle<> h) {
        begin_wait_anyway(h);
        group_.joiner_ = this;
        if (waiting_task()->cancel_pending()) cancel();
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

/// Also where the group is ending, if the caller is to be interrupted for that: it is told where it awaits next, and
/// must not fail here, with an error of its own, before.
bool task_group::accepts_children() const noexcept {
    return state_ == state::open || (state_ == state::aborting && running.task && running.task->cancel_pending());
}

task_record& task_group::add_child(promise_base& root, std::string_view name, std::source_location created) {
    task_record& child = task_record::prepare(root, name, this, created);
    if (policy_ != policy::supervising) child.mark_observed();
    child.next_sibling = children_;
    if (children_) children_->previous_sibling = &child;
    children_ = &child;
    if (state_ == state::aborting) child.pass_cancel(nullptr);
    return child;
}

void task_group::refuse_child() const {
    switch (state_) {
    case state::unentered: throw invalid_state_error("torus: the task group has not been entered");
    case state::ended: throw invalid_state_error("torus: the task group has ended");
    default: throw invalid_state_error("torus: the task group is being cancelled");
    }
}

void task_group::remove_child(task_record& child) noexcept {
    if (child.previous_sibling) child.previous_sibling->next_sibling = child.next_sibling;
    else children_ = child.next_sibling;
    if (child.next_sibling) child.next_sibling->previous_sibling = child.previous_sibling;
    if (child.state() == task_state::cancelled && state_ == state::aborting) child_cancelled_ = true;
    if (!children_ && joiner_) std::exchange(joiner_, nullptr)->last_child_ended();
}

void task_group::child_done(task_record& child) noexcept {
    if (child.state() == task_state::failed && policy_ != policy::supervising) note_error(child.root().error(), &child);
    remove_child(child);
}

/// The first error ends the group; the others are told to the error handler, or kept. One that comes up again where a
/// child was awaited is no other.
void task_group::note_error(std::exception_ptr error, const task_record* culprit) noexcept {
    if (!error_) {
        error_ = std::move(error);
        return cancel();
    }
    if (error == error_ || std::find(further_.begin(), further_.end(), error) != further_.end()) return;
    if (is_interrupt(error) && !is_interrupt(error_)) {
        std::swap(error, error_);
        culprit = nullptr;
    }
    if (policy_ != policy::strict || is_interrupt(error_)) return report_sibling(std::move(error), culprit);
    try {
        further_.push_back(error);
    } catch (const std::bad_alloc&) {
        report_sibling(std::move(error), culprit);
    }
}

/// Throws what the group throws, if that is an error.
void task_group::end_with_errors() const {
    if (!error_) return;
    if (policy_ != policy::strict || is_interrupt(error_)) {
        for (const std::exception_ptr& each : further_) report_sibling(each, nullptr);
        std::rethrow_exception(error_);
    }
    std::vector<std::exception_ptr> all{error_};
    all.insert(all.end(), further_.begin(), further_.end());
    throw exception_group(std::move(all));
}

void task_group::report_sibling(std::exception_ptr error, const task_record* culprit) const noexcept {
    try {
        const std::string whose = culprit ? "another child" : "the closure";
        report_problem(
            (whose + " of a task group failed, after the first error of the group, " + describe(error_)).c_str(), error,
            culprit);
    } catch (const std::bad_alloc&) {
        report_problem("another error of a task group", error, nullptr);
    }
}

void task_group::abort() noexcept {
    if (std::exchange(state_, state::aborting) == state::aborting) return;
    for (task_record* child = children_; child; child = child->next_sibling)
        child->pass_cancel(nullptr);  // which never ends a child at once
}

void task_group::cancel() noexcept {
    if (state_ == state::ended) return;
    abort();
    if (interrupting_) interrupting_->request();
}

/// It says more than that the coroutine around its closure was forgotten.
void task_group::report_unawaited() noexcept {
    body_.discard();
    report_never_awaited(where_, "task group");
}

async<> task_group::run() {
    if (std::exchange(entered_, true)) throw invalid_state_error("torus: a task group can be awaited only once");
    if (state_ == state::aborting) {  // cancelled before it was entered
        body_.discard();
        state_ = state::ended;
        co_return;
    }
    task_record& parent = *running.task;
    parent_ = &parent;
    scope_ = parent.scope();
    interruption of_body(parent);
    std::exception_ptr cancellation;
    state_ = state::open;
    interrupting_ = &of_body;
    try {
        co_await std::move(body_);
    } catch (const cancelled_error&) {
        cancellation = std::current_exception();
    } catch (...) {
        interrupting_ = nullptr;
        note_error(std::current_exception(), nullptr);
    }
    interrupting_ = nullptr;
    if (of_body.take_back()) cancellation = nullptr;
    if (cancellation) abort();

    bool cancelled_while_joining = false;
    while (children_) {
        const bool cancelled = co_await children_done(*this);
        cancelled_while_joining = cancelled_while_joining || cancelled;
    }
    state_ = state::ended;

    const bool cancelled = cancellation || cancelled_while_joining;
    if (!error_ && cancellation) std::rethrow_exception(cancellation);
    if (!error_ && cancelled && child_cancelled_) throw cancelled_error(parent.cancel_reason());
    // An error, or the result, goes first: a cancellation from outside comes up again at the next suspension.
    if (cancelled && of_body.others()) parent.restore_cancel();
    end_with_errors();
}

void child_start::await_suspend(std::coroutine_handle<> h) {
    begin_wait_anyway(h);
    place_.waiting = this;
    child_.set_owner(this);
    child_.loop().schedule(child_);
    if (waiting_task()->cancel_pending()) cancel();
}

void child_start::cancel() noexcept { child_.pass_cancel(waiting_task()->cancel_reason()); }

void child_start::started() noexcept {
    started_ = true;
    child_.set_owner(&group_);
    make_ready();
}

void child_start::child_done(task_record& child) noexcept {
    child.retain();  // for await_resume
    child.mark_observed();
    group_.remove_child(child);
    make_ready();
}

void child_start::await_resume() {
    if (started_) return;
    const any_task child(child_);
    child_.release();
    switch (child_.state()) {
    case task_state::failed: std::rethrow_exception(child_.error());
    case task_state::cancelled:
        if (running.task->cancel_pending()) throw_cancelled();
        throw cancelled_error(child_.cancel_reason(), false);
    default: throw invalid_state_error("torus: a child ended before it was ready: " + child_.name());
    }
}

void task_status_base::require_unstarted() const {
    if (!place_) throw invalid_state_error("torus: a task has said before that it is ready");
}

}  // namespace torus::inline v0
