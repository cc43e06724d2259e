// src/core/task_set.cpp: who of several tasks has ended, and who has been taken.
#include <torus/core/task_set.hpp>

#include <utility>

#include <torus/core/loop.hpp>

namespace torus::inline v0 {

void ending_tasks::note_end() noexcept {
    --running_;
    ++untaken_;
    if (waiting_) waiting_->one_has_ended();
}

bool ending_tasks::awaiter::await_suspend(std::coroutine_handle<> h) {
    if (tasks_.waiting_) throw invalid_state_error("torus: another task waits for the next of these to end");
    if (!begin_wait(h)) return false;
    tasks_.waiting_ = this;
    event_loop& loop = waiting_task()->loop();
    if (deadline_ <= loop.time()) {
        expired();
    } else if (deadline_ != time_point::max()) {
        loop.add_timer(*this);
        armed_ = true;
    }
    return true;
}

void ending_tasks::awaiter::one_has_ended() noexcept {
    if (!is_waiting()) return;
    disarm();
    make_ready();
}

void ending_tasks::awaiter::expired() noexcept {
    armed_ = false;
    expired_ = true;
    make_ready();
}

void ending_tasks::awaiter::cancel() noexcept {
    disarm();
    tasks_.waiting_ = nullptr;
    make_cancelled();
}

void ending_tasks::awaiter::disarm() noexcept {
    if (std::exchange(armed_, false)) waiting_task()->loop().remove_timer(*this);
}

any_task ending_tasks::awaiter::await_resume() {
    if (tasks_.waiting_ == this) tasks_.waiting_ = nullptr;
    end_wait();
    if (tasks_.untaken_ > 0) return tasks_.take();
    if (expired_) throw timeout_error();
    return {};
}

/// Where the loop drops its tasks at its end, some may be left that have not heard of each other any more.
task_set::~task_set() {
    while (children_) {
        task_record& child = *std::exchange(children_, children_->next_sibling);
        child.release();
    }
    while (first_ended_) static_cast<void>(take());
}

task_record& task_set::start(promise_base& root) {
    task_record& child = task_record::start(root, {}, this, root.location());
    child.retain();
    child.next_sibling = children_;
    if (children_) children_->previous_sibling = &child;
    children_ = &child;
    note_begin();
    return child;
}

/// That of the task that begins one.
cancel_scope* task_set::scope_of_children() const noexcept {
    const task_record* const beginning = torus::running.task;
    return beginning ? beginning->scope() : nullptr;
}

void task_set::child_done(task_record& child) noexcept {
    if (child.previous_sibling) child.previous_sibling->next_sibling = child.next_sibling;
    else children_ = child.next_sibling;
    if (child.next_sibling) child.next_sibling->previous_sibling = child.previous_sibling;
    child.next_sibling = nullptr;

    if (last_ended_) last_ended_->next_sibling = &child;
    else first_ended_ = &child;
    last_ended_ = &child;
    note_end();
    if (!children_ && joiner_) std::exchange(joiner_, nullptr)->make_ready();
}

any_task task_set::take() noexcept {
    task_record& child = *std::exchange(first_ended_, first_ended_->next_sibling);
    if (!first_ended_) last_ended_ = nullptr;
    note_taken();
    any_task taken(child);
    child.release();
    return taken;
}

void task_set::cancel(const std::shared_ptr<const std::string>& why) noexcept {
    for (task_record* child = children_; child; child = child->next_sibling)
        child->pass_cancel(why);  // which never ends a child at once
}

void task_set::joining_all::await_suspend(std::coroutine_handle<> h) {
    begin_wait_anyway(h);
    tasks_.joiner_ = this;
}

void task_set::joining_all::cancel() noexcept { tasks_.cancel(waiting_task()->cancel_reason()); }

}  // namespace torus::inline v0
