// src/core/shutdown.cpp: how a loop ends: cancel, wait, drop what refuses, drain the kernel.
#include <algorithm>
#include <utility>

#include <torus/core/callback.hpp>
#include <torus/core/task.hpp>
#include <torus/core/thread_calls.hpp>
#include <torus/core/thread_pool.hpp>

#include "core/describe.hpp"
#include "core/ending.hpp"
#include "core/heart.hpp"
#include "core/steady_now.hpp"
#include "core/task_list.hpp"
#include "core/timer_wheel.hpp"
#include "core/watchdog.hpp"

namespace torus::inline v0 {

namespace {

// A task that never lets time pass, but never ends, is not waited for by time alone: a simulated clock stands still.
constexpr int passes_without_time = 100'000;

// What tasks get that are left where run() itself has failed, or a loop without it is destroyed.
constexpr duration closing_grace = std::chrono::seconds(1);

// Destructors of dropped tasks may start tasks, whose arguments' destructors may: not for ever.
constexpr int drop_rounds = 100;

bool is_left_to_owner(const task_record& t) noexcept { return t.owner() && t.owner()->awaits_children(); }

/// Whether a task that still waits after it has been cancelled waits for other tasks. Everything else that doesn't let
/// go, a thread say, refers to the task's frame, and will write to it.
bool waits_for_tasks(const waiter& leaf) noexcept {
    switch (leaf.kind()) {
    case wait_kind::join:
    case wait_kind::gather:
    case wait_kind::group:
    case wait_kind::shield:
    case wait_kind::remote: return true;
    default: return false;
    }
}

}  // namespace

/// Tasks that are started by the clean-up of others: those that somebody waits for may run, the others are cancelled.
void event_loop::cancel_newcomers(std::uint64_t after_id) noexcept {
    for (task_record* t = tasks_->last(); t && t->id() > after_id; t = tasks_->before(*t))
        if (!is_left_to_owner(*t) && t->cancelling() == 0) t->pass_cancel(nullptr);
}

bool event_loop::run_until_no_tasks(duration grace) {
    const time_point deadline = later(time(), grace);
    const time_point real_deadline = later(steady_now(), grace);  // operations in flight hold a simulated clock up
    std::uint64_t known = tasks_->last_id;
    time_point before = time();
    for (int still = 0; !tasks_->empty() && still < passes_without_time; ++still) {
        const time_point now = time();
        if (now >= deadline || (simulated_clock_ && steady_now() >= real_deadline)) break;
        if (now != before) still = 0;
        before = now;
        run_once(deadline - now);
        if (tasks_->last_id > known) cancel_newcomers(known);
        known = tasks_->last_id;
    }
    return tasks_->empty();
}

/// A child is first left to whoever waits for it: a shielded rollback is to finish.
void event_loop::cancel_round(int round) noexcept {
    ending_ = true;
    for (task_record* t = tasks_->first(); t; t = tasks_->after(*t))
        if (round > 0 || !is_left_to_owner(*t)) t->pass_cancel(nullptr);
}

void event_loop::cancel_all_tasks(duration grace) {
    for (int round = 0; round < cancel_rounds && !tasks_->empty(); ++round) {
        cancel_round(round);
        if (run_until_no_tasks(grace)) break;
    }
    if (!tasks_->empty()) drop_tasks();
    run_last_calls();
}

/// Whether a kernel or a thread still refers to the frames of this loop's tasks.
bool event_loop::frames_are_in_use() const noexcept {
    if (backend_->in_flight() > 0) return true;
    for (const task_record* t = tasks_->first(); t; t = tasks_->after(*t))
        if (t->leaf_ && !waits_for_tasks(*t->leaf_)) return true;
    return false;
}

bool event_loop::drain_operations() noexcept {
    const time_point deadline = steady_now() + drain_grace;
    while (frames_are_in_use()) {
        const duration left = deadline - steady_now();
        if (left <= duration::zero()) return false;
        if (backend_->threads().hurry()) {
            inbox_->deliver(*this);
            continue;
        }
        end_run();  // whom we wait for is the kernel, for a bounded time
        backend_->wait(inbox_->prepare_sleep() ? left : duration::zero());
        begin_run();
        inbox_->end_sleep();
        inbox_->deliver(*this);
    }
    return true;
}

/// Destroys every frame of a suspended task, the innermost first, without recursion. `suspended` is what it is
/// suspended in; null if it has not begun.
void event_loop::destroy_frames(task_record& task, runnable* suspended) noexcept {
    promise_base* each = suspended ? &promise_base::of(suspended->handle_) : nullptr;
    while (each && each->link()) {
        frame_link& link = *each->link();
        each = link.caller;
        destroy_quietly(std::exchange(link.frame, nullptr));
    }
    destroy_quietly(task.root().handle());
}

/// Those that wait for a task to end are dropped, too, or will not be called.
void event_loop::leave_joiners(wait_list& joiners) noexcept {
    while (waiter* const each = joiners.front()) {
        if (each->kind() == wait_kind::callback) static_cast<scheduled_call*>(each)->call_off();
        else joiners.erase(*each);
    }
}

/// The last resort: tasks that have refused to end are taken apart. Nothing of theirs runs but destructors; they see
/// tasks that have ended.
void event_loop::drop_tasks() noexcept {
    for (int round = 0; round < drop_rounds && !tasks_->empty(); ++round) {
        for (task_record* t = tasks_->first(); t; t = tasks_->after(*t))
            t->pass_cancel(nullptr);  // out of every line, and out of the kernel
        for (task_record* t = tasks_->first(); t; t = tasks_->after(*t))
            if (t->leaf_) t->leaf_->dropped();
        const bool drained = drain_operations();
        note_where_suspended();
        for (task_record* t = tasks_->first(); t; t = tasks_->after(*t)) {
            if (t->owner_ && !t->owner_->child_dropped()) t->owner_ = nullptr;
            leave_joiners(t->joiners_);
            t->leaf_ = nullptr;
            t->state_ = task_state::cancelled;
            t->frameless_ = true;
        }
        task_ring dropped;  // destructors may start others, which go into the loop's
        dropped.take_all(tasks_->all);
        drop(dropped, drained);
    }
    ready_.take_all();
}

/// From here on each task's own link tells what the task is suspended in: null if it has not begun. All tasks wait, or
/// are ready: in the queue, which is empty then. Callbacks there will not be called.
void event_loop::note_where_suspended() noexcept {
    for (runnable* r = ready_.take_all(); r;) {
        runnable* const next = r->next_;
        if (r->task_) r->task_->next_ = r == r->task_ ? nullptr : r;
        r = next;
    }
    for (task_record* t = tasks_->first(); t; t = tasks_->after(*t))
        if (t->leaf_) t->next_ = t->leaf_;
}

/// The youngest first: children may refer to the frames of those that started them.
void event_loop::drop(task_ring& dropped, bool drained) noexcept {
    while (task_record* const t = tasks::last_of(dropped)) {
        tasks::remove(*t);
        runnable* const suspended = std::exchange(t->next_, nullptr);
        if (!drained) {
            report_problem("a task refused to end; the kernel or a thread still uses its memory, which is leaked",
                           nullptr, t);
            continue;  // with the loop's reference
        }
        if (suspended) report_problem("a task refused to end and was dropped", nullptr, t);
        destroy_frames(*t, suspended);
        if (t->owner_) std::exchange(t->owner_, nullptr)->child_destroyed(*t);
        t->release();
    }
}

void event_loop::close(duration thread_grace) {
    if (closed_) return;
    watchdog::forget(*heart_);  // what follows is bounded by graces
    cancel_all_tasks(closing_grace);
    close_generators(closing_grace);
    if (threads_) threads_->close(thread_grace);
    inbox_->deliver(*this);
    cancel_all_tasks(closing_grace);  // what a late call has started
    inbox_->close();
    closed_ = true;
    drop_generators();
    drop_calls();
    drop_services();
    drop_tasks();
    drain_operations();
    tasks_->report_unobserved();
}

}  // namespace torus::inline v0
