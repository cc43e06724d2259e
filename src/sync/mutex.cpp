// src/sync/mutex.cpp: the rarer ways of a lock, and who holds it.
#include <torus/sync/mutex.hpp>

#include <new>
#include <string>

#include <torus/core/callback.hpp>
#include <torus/core/task.hpp>

#include "core/describe.hpp"

namespace torus::inline v0 {

namespace {

// Whoever holds a lock for longer while others wait has forgotten it, or awaits something that may never come.
constexpr duration longest_held = std::chrono::seconds(5);

/// "Task-3, created at …, which waits at …, called from …".
std::string describe_holder(std::uint64_t id) {
    if (id == 0) return "somebody who took it before debug mode was on, or outside of tasks";
    for (const any_task& each : all_tasks())
        if (each.record().id() == id) return describe(each.record()) + ", which " + describe_wait(each.record());
    return "Task-" + std::to_string(id) + ", which has ended";
}

}  // namespace

bool mutex::take_unless_held() {
    const bool is_mine = binding_.is_here() || binding_.is_watched_here();
    if (locked_) {
        if (!is_mine) loop_binding::refuse();
        return false;
    }
    locked_ = true;
    note_holder(running.task);
    return true;
}

void mutex::unlock() {
    if (!locked_) throw invalid_state_error("torus: unlock() of a mutex that is not locked");
    line_.require_loop();
    release();
}

void mutex::hand_over() noexcept {
    const task_record* const next = line_.first()->waiting_task();
    line_.serve_first();
    note_holder(next);
    if (line_.empty() || !binding_.is_watched_here()) return;
    try {
        watch(any_task(*line_.first()->waiting_task()), held_since_);
    } catch (const std::exception&) {
        return;  // unwatched: no memory, or the loop has closed
    }
}

/// Binds it to this loop, too. Outside of debug mode nobody asks who it is.
void mutex::note_holder(const task_record* task) noexcept {
    if (!running.loop || !running.loop->debug()) return binding_.bind();
    binding_.bind_watched();
    holder_ = task ? task->id() : 0;
    held_since_ = clock::now();
    reported_ = false;
}

bool mutex::locking::await_suspend(std::coroutine_handle<> h) {
    if (!line_up(mutex_->line_, h)) return false;
    event_loop& loop = *running.loop;
    if (!loop.debug()) return true;
    if (!mutex_->binding_.is_watched_here()) mutex_->note_holder(nullptr);  // debug mode is younger than this holder
    try {
        watch(any_task(*running.task), mutex_->held_since_);
    } catch (const std::bad_alloc&) {
        return true;  // unwatched
    }
    return true;
}

/// While the task waits it keeps the lock alive, or leaves the line. One that waits for a younger holder waits on.
void mutex::watch(any_task waiting, time_point since) {
    event_loop& loop = event_loop::current();
    loop.call_at(later(since, longest_held), [waiting, since] {
        const waiter* const leaf = waiting.record().waiting_for();
        if (!leaf || leaf->kind() != wait_kind::mutex) return;
        mutex* const held = static_cast<const locking*>(leaf)->awaited();
        if (!held || held->reported_) return;
        if (held->held_since_ > since) return watch(waiting, held->held_since_);
        report_holder(waiting, *held);
    });
}

void mutex::report_holder(const any_task& waiting, mutex& held) noexcept {
    held.reported_ = true;
    try {
        report_problem(
            ("a lock has been held for 5 s while others wait for it, by " + describe_holder(held.holder_)).c_str(),
            nullptr, &waiting.record());
    } catch (const std::bad_alloc&) {
        report_problem("a lock has been held for 5 s while others wait for it", nullptr, &waiting.record());
    }
}

}  // namespace torus::inline v0
