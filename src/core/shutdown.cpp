// src/core/shutdown.cpp: how a loop ends: cancel, wait, drop what refuses, drain the kernel.
#include <algorithm>
#include <vector>

#include <torus/core/task.hpp>

#include "core/describe.hpp"
#include "core/task_list.hpp"
#include "core/thread_pool.hpp"
#include "core/timer_wheel.hpp"

namespace torus::inline v0 {

namespace {

constexpr int cancel_rounds = 3;  // a task that has swallowed three cancellations will swallow the fourth

// A task that never suspends for long, but never ends, is not waited for by time alone: a simulated clock stands still.
constexpr int passes_per_round = 100'000;

// How long the kernel may take to give cancelled operations back. Sockets answer at once; a file on a dead disk may not.
constexpr duration drain_grace = std::chrono::seconds(2);

time_point real_now() noexcept {
    return time_point(std::chrono::duration_cast<duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

bool is_left_to_owner(const task_record& t) noexcept { return t.owner() && t.owner()->awaits_children(); }

}  // namespace

/// Tasks that are started by the clean-up of others: those that somebody waits for may run, the others are cancelled.
void event_loop::cancel_newcomers(std::uint64_t after_id) noexcept {
    for (task_record* t = tasks_->last; t && t->id() > after_id; t = tasks::before(*t))
        if (!is_left_to_owner(*t) && t->cancelling() == 0) t->cancel({});
}

bool event_loop::run_until_no_tasks(duration grace) {
    const time_point deadline = later(time(), grace);
    std::uint64_t known = tasks_->last_id;
    for (int pass = 0; tasks_->count > 0 && pass < passes_per_round; ++pass) {
        const duration left = deadline - time();
        if (left <= duration::zero()) break;
        run_once(left);
        if (tasks_->last_id > known) cancel_newcomers(known);
        known = tasks_->last_id;
    }
    return tasks_->count == 0;
}

void event_loop::cancel_all_tasks(duration grace) {
    for (int round = 0; round < cancel_rounds && tasks_->count > 0; ++round) {
        std::vector<any_task> remaining = all_tasks();
        for (any_task& t : remaining) {
            // A child is first left to whoever waits for it: a shielded rollback is to finish.
            if (round > 0 || !is_left_to_owner(t.record())) t.cancel();
        }
        remaining.clear();
        if (run_until_no_tasks(grace)) return;
    }
    drop_tasks();
}

bool event_loop::drain_operations() noexcept {
    const time_point deadline = real_now() + drain_grace;
    while (backend_->in_flight() > 0) {
        const duration left = deadline - real_now();
        if (left <= duration::zero()) return false;
        backend_->wait(left);
        inbox_->deliver(*this);
    }
    return true;
}

/// A task and its innermost coroutine.
struct event_loop::remains {
    any_task task;
    promise_base* innermost;

    /// Destroys every frame of the chain, the innermost first, without recursion.
    void destroy_frames() const noexcept {
        for (promise_base* each = innermost; each && each->link();) {
            frame_link& link = *each->link();
            each = link.caller;
            std::exchange(link.frame, nullptr).destroy();
        }
        task.record().root().handle().destroy();
    }
};

/// The last resort: tasks that have refused to end are taken apart. Nothing of theirs runs but destructors.
void event_loop::drop_tasks() noexcept {
    std::vector<remains> dropped;
    for (task_record* t = tasks_->first; t; t = tasks::after(*t)) dropped.push_back({any_task(*t), t->innermost()});
    for (runnable* r = ready_.first_; r; r = r->next_)
        for (remains& each : dropped)
            if (&each.task.record() == r->task_) each.innermost = &promise_base::of(r->handle_);

    for (remains& each : dropped) each.task.cancel();  // out of every wait list, and out of the kernel
    const bool drained = drain_operations();
    ready_.take_all();

    for (remains& each : dropped) {
        task_record& task = each.task.record();
        tasks_->remove(task);
        task.owner_ = nullptr;
        task.joiners_ = {};
        task.state_ = task_state::cancelled;
    }
    for (remains& each : dropped) {
        task_record& task = each.task.record();
        report({drained ? "a task refused to end and was dropped"
                        : "a task refused to end; the kernel still holds its operations, so its memory is leaked",
                nullptr, describe(task)});
        task.frameless_ = true;
        if (drained) each.destroy_frames();
        task.release();  // the loop's reference
    }
    ready_.take_all();
}

void event_loop::close(duration thread_grace) {
    if (closed_) return;
    if (tasks_->count > 0) cancel_all_tasks(duration::zero());
    if (threads_) {
        for (const std::source_location& where : threads_->close(thread_grace))
            report({"a thread has not stopped and is left behind; it runs what was started at " + describe(where),
                    nullptr, {}});
    }
    inbox_->deliver(*this);
    inbox_->close();
    drop_services();
    drain_operations();
    closed_ = true;
}

}  // namespace torus::inline v0
