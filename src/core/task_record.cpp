// src/core/task_record.cpp: the life of a task, from its start to its last reference.
#include <torus/core/task_record.hpp>

#include <torus/core/loop.hpp>

#include "core/describe.hpp"
#include "core/task_list.hpp"

namespace torus::inline v0 {

static_assert(sizeof(task_record) <= 128, "a million sleeping tasks are to fit into 256 bytes each");

/// What few tasks have.
struct task_record::extra {
    std::string name;
    std::shared_ptr<const std::string> cancel_reason;
};

task_record::task_record(promise_base& root, event_loop& loop, task_owner* owner, std::source_location created) noexcept
    : loop_(&loop), owner_(owner), created_(created) {
    handle_ = root.handle();
    task_ = this;
}

task_record::~task_record() = default;

task_record& task_record::start(promise_base& root, std::string_view name, task_owner* owner, first_step first,
                                std::source_location created) {
    struct frame_guard {  // until the task owns the frame
        promise_base* root;
        ~frame_guard() {
            if (root) root->handle().destroy();
        }
    } guard{&root};
    event_loop& loop = event_loop::current();
    std::unique_ptr<extra> named;
    if (!name.empty()) named = std::make_unique<extra>(extra{std::string(name), nullptr});
    auto* const task = new task_record(root, loop, owner, created);
    guard.root = nullptr;
    task->extra_ = std::move(named);
    loop.tasks_->add(*task);
    if (first == first_step::at_once) loop.run_eagerly(*task);
    else loop.schedule(*task);
    return *task;
}

task_record::extra& task_record::more() {
    if (!extra_) extra_ = std::make_unique<extra>();
    return *extra_;
}

std::string task_record::name() const {
    if (extra_ && !extra_->name.empty()) return extra_->name;
    return "Task-" + std::to_string(id_);
}

void task_record::set_name(std::string_view name) { more().name = name; }

const std::shared_ptr<const std::string>& task_record::cancel_reason() const noexcept {
    static const std::shared_ptr<const std::string> none;
    return extra_ ? extra_->cancel_reason : none;
}

bool task_record::cancel(std::string_view reason) {
    if (done()) return false;
    if (!reason.empty()) more().cancel_reason = std::make_shared<const std::string>(reason);
    else if (extra_) extra_->cancel_reason = nullptr;
    ++cancel_requests_;
    must_cancel_ = true;
    if (leaf_) leaf_->cancel();
    return true;
}

int task_record::uncancel() noexcept {
    if (cancel_requests_ > 0) --cancel_requests_;
    if (cancel_requests_ == 0) must_cancel_ = false;
    return cancelling();
}

std::exception_ptr task_record::error() noexcept {
    observed_ = true;
    return done() && !frameless_ ? root().error() : nullptr;
}

promise_base* task_record::innermost() const noexcept {
    return leaf_ ? &promise_base::of(leaf_->handle_) : nullptr;
}

void finish_current_task() noexcept { running.task->finish(); }

void task_record::finish() noexcept {
    const std::exception_ptr& error = root().error();
    if (!error) end(task_state::succeeded);
    else end(is_cancellation(error) ? task_state::cancelled : task_state::failed);
}

/// The task was cancelled before its first step: its body never runs, and its arguments are not needed.
void task_record::end_unstarted() noexcept {
    frameless_ = true;
    root().handle().destroy();
    end(task_state::cancelled);
}

void task_record::end(task_state how) noexcept {
    state_ = how;
    loop_->tasks_->remove(*this);
    if (owner_) std::exchange(owner_, nullptr)->child_done(*this);
    while (waiter* joiner = joiners_.pop_front()) joiner->notify();
    release();
}

void task_record::destroy() noexcept {
    if (state_ == task_state::failed && !observed_) report_unobserved();
    if (!frameless_) root().handle().destroy();
    delete this;
}

void task_record::report_unobserved() noexcept {
    observed_ = true;
    try {
        report_error({"task exception was never retrieved", root().error(), describe(*this)});
    } catch (...) {  // no memory to say it: the error itself is all that can be passed on
        report_error({{}, root().error(), {}});
    }
}

bool joining::await_suspend(std::coroutine_handle<> h) {
    if (target_ == running.task) throw std::runtime_error("torus: a task cannot await itself");
    if (event_loop::current().debug()) refuse_cycle();
    if (!begin_wait(h)) return false;
    target_->add_joiner(*this);
    return true;
}

/// Follows whom the target waits for; a chain that comes back to the current task would never end.
void joining::refuse_cycle() const {
    const task_record* each = target_;
    while (each && each != running.task) {
        const waiter* leaf = each->waiting_for();
        each = leaf && leaf->kind() == wait_kind::join ? &static_cast<const joining*>(leaf)->target() : nullptr;
    }
    if (each) throw deadlock_error("torus: deadlock: " + running.task->name() + " awaits " + target_->name() + ", which waits for it");
}

void joining::cancel() noexcept {
    forwarded_ = true;
    const auto& reason = waiting_task()->cancel_reason();
    target_->cancel(reason ? std::string_view(*reason) : std::string_view());
}

void joining::finish_join() {
    end_wait();
    target_->mark_observed();
    if (target_->state() != task_state::cancelled) return;  // a value, or an error that the result throws
    if (forwarded_ && running.task->cancel_pending()) throw_cancelled();
    throw cancelled_error(target_->cancel_reason(), false);
}

}  // namespace torus::inline v0
