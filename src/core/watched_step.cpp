// src/core/watched_step.cpp: the mistakes that debug mode sees in a step of a task.
#include "core/watched_step.hpp"

#include <cstdio>
#include <new>
#include <string>

#include <torus/core/scheduled_call.hpp>

#include "core/describe.hpp"
#include "core/task_list.hpp"

namespace torus::inline v0 {

namespace {

// A task that wakes itself in more than half of its steps polls for something that it should wait for. It may do so for
// a while: fewer steps than these say nothing.
constexpr std::uint32_t telling_steps = 1000;

// A task that goes on for so long before it has ever waited is no good neighbour (tokio-console's figure).
constexpr duration never_yielding = std::chrono::seconds(1);

time_point real_now() noexcept {
    return time_point(std::chrono::duration_cast<duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

}  // namespace

event_loop::watched_step::watched_step(event_loop& loop, const runnable& resumed) noexcept
    : loop_(loop), task_(resumed.task_), place_(place_of(resumed)), is_first_(&resumed == resumed.task_),
      began_(real_now()) {
    if (task_) task_->retain();
}

/// Where it goes on: behind an await, at a coroutine's beginning, or at what was asked to be called.
std::source_location event_loop::watched_step::place_of(const runnable& resumed) noexcept {
    if (!resumed.task_) return static_cast<const scheduled_call&>(resumed).scheduled();
    return promise_base::of(resumed.handle_).location();
}

void event_loop::watched_step::report_slow(duration took) noexcept {
    try {
        char seconds[32];
        std::snprintf(seconds, sizeof seconds, "%.3f", std::chrono::duration<double>(took).count());
        std::string text = task_ ? "a step that began at " : "a callback, scheduled at ";
        text += describe(place_) + " took " + seconds + " s, and nothing else of the loop ran meanwhile";
        if (is_first_ && took > never_yielding) text += "; the task has never yielded";
        report_problem(text.c_str(), nullptr, task_);
    } catch (const std::bad_alloc&) {
        report_problem("a step took long", nullptr, task_);
    }
}

/// A task that is ready again as soon as it has suspended has woken itself.
void event_loop::watched_step::note_wake() noexcept {
    try {
        tasks::wakes& of = loop_.tasks_->wakes_of[task_->id()];
        ++of.all;
        if (!task_->waiting_for()) ++of.by_itself;
        if (of.reported || of.all < telling_steps || of.by_itself * 2 <= of.all) return;
        of.reported = true;
        report_problem(("a task mostly wakes itself; it polls at " + describe(place_)).c_str(), nullptr, task_);
    } catch (const std::bad_alloc&) {
        return;  // then this step isn't counted
    }
}

void event_loop::watched_step::end() noexcept {
    const duration took = real_now() - began_;
    if (took > loop_.slow_callback_duration) report_slow(took);
    if (!task_) return;
    if (!task_->done()) {
        note_wake();
    } else {
        loop_.tasks_->wakes_of.erase(task_->id());
        if (task_->state() == task_state::succeeded && task_->delivered() > 0)
            report_problem("a task has swallowed its cancellation: catch cancelled_error, clean up, and throw it on",
                           nullptr, task_);
    }
    task_->release();
}

}  // namespace torus::inline v0
