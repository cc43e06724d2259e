// src/core/callback.cpp: the life of a function that a loop is to call.
#include <torus/core/callback.hpp>

#include <new>
#include <stdexcept>
#include <string>

#include <torus/core/any_task.hpp>

#include "core/describe.hpp"
#include "core/task_list.hpp"

namespace torus::inline v0 {

namespace {

// Functions that are called at a loop's end may ask for others to be called: so many times in a row they are heard.
constexpr int last_passes = 64;

}  // namespace

void scheduled_call::belong_to(event_loop& loop, held_context context, std::source_location where) noexcept {
    loop_ = &loop;
    context_ = std::move(context);
    where_ = where;
    loop.tasks_->calls.push_back(*this);
}

void scheduled_call::call_soon() noexcept {
    stage_ = stage::queued;
    loop_->schedule(*this);
}

void scheduled_call::call_at(time_point when) noexcept {
    deadline_ = when;
    if (when <= loop_->time()) return call_soon();
    stage_ = stage::timed;
    if (when != time_point::max()) loop_->add_timer(*this);
}

void scheduled_call::call_after(wait_list& line) noexcept {
    stage_ = stage::lined_up;
    line_ = &line;
    line.push_back(*this);
}

void scheduled_call::call_off() noexcept {
    if (stage_ == stage::called || called_off_) return;
    called_off_ = true;
    if (stage_ == stage::queued) return;  // the queue cannot be left: the function dies when its turn comes
    if (stage_ == stage::lined_up) line_->erase(*this);
    if (stage_ == stage::timed && deadline_ != time_point::max()) loop_->remove_timer(*this);
    handle_.resume();
}

void scheduled_call::end() noexcept {
    stage_ = stage::called;
    leave();
    release();
}

void scheduled_call::report_failure() noexcept {
    try {
        const entered_context of_registration(context_.cell());
        report_problem(("an exception left a callback, scheduled at " + describe(where_)).c_str(),
                       std::current_exception(), nullptr);
    } catch (const std::bad_alloc&) {
        report_problem("an exception left a callback", std::current_exception(), nullptr);
    }
}

held_context calling::context_for(const event_loop& loop, std::source_location where) {
    loop.require_callable(where);
    return held_context::copied();
}

bool any_task::remove_done_callback(const callback_handle& id) const noexcept {
    return id.cancel_in(record_->joiners());
}

void event_loop::require_callable(std::source_location where) const {
    if (closed_) throw std::runtime_error("torus: the event loop has closed");
    if (debug_ && running.loop != this)
        throw std::runtime_error("torus: call_soon from a foreign thread; use call_soon_threadsafe: " +
                                 describe(where));
}

/// What was to be called in the next pass when the last task ended is called yet.
void event_loop::run_last_calls() noexcept {
    for (int pass = 0; pass < last_passes && !ready_.empty(); ++pass) run_once(duration::zero());
}

/// Destroys what will not be called any more. Nothing is ready, no timer expires, and nothing more is accepted.
void event_loop::drop_calls() noexcept {
    ready_.take_all();
    while (!tasks_->calls.empty()) {
        auto& call = *static_cast<scheduled_call*>(tasks_->calls.first());
        const bool queued = call.stage_ == scheduled_call::stage::queued;
        call.call_off();
        if (queued) call.handle_.resume();
    }
}

}  // namespace torus::inline v0
