// src/core/submitted.cpp: how a coroutine gets to another thread's loop, and its result back.
#include <torus/core/submitted.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/describe.hpp"

namespace torus::inline v0 {

namespace {

// Coroutines come from the threads that submit them, and their memory stays here: this often it is given back.
constexpr int arrivals_between = 1024;

void give_back_frames() noexcept {
    thread_local int arrivals = 0;
    if (++arrivals % arrivals_between == 0) frame_memory::give_back();
}

}  // namespace

struct submission_base::meeting {
    std::mutex mutex;
    std::condition_variable ended;
    outcome how = outcome::pending;
    const event_loop* loop;  // only to be compared
    remote_listener* listeners = nullptr;
};

submission_base::submission_base(const event_loop& loop, std::source_location created)
    : loop_(loop.letters()), meeting_(std::make_unique<meeting>()), created_(created) {
    meeting_->loop = &loop;
}

submission_base::~submission_base() {
    if (meeting_->how != outcome::error || looked_at_) return;
    try {
        report_problem(("exception of a coroutine was never retrieved, submitted at " + describe(created_)).c_str(),
                       error_, nullptr);
    } catch (const std::bad_alloc&) {
        report_problem("exception of a submitted coroutine was never retrieved", error_, nullptr);
    }
}

void submission_base::release() noexcept {
    // Acquire and release: the last holder destroys what the others have written.
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void submission_base::arrived(event_loop&) noexcept {
    give_back_frames();
    try {
        const entered_context of_sender(context_.cell());
        task_ = &task_record::start(*coroutine(), {}, this, created_);
        task_->mark_observed();
    } catch (...) {
        error_ = std::current_exception();
        end(outcome::error);
    }
}

void submission_base::returned() noexcept { end(outcome::lost); }

void submission_base::child_done(task_record& child) noexcept {
    task_ = nullptr;
    if (child.state() == task_state::cancelled) {
        reason_ = child.cancel_reason();
        return end(outcome::cancelled);
    }
    error_ = child.root().error();
    if (error_) return end(outcome::error);
    try {
        take_result(child);
    } catch (...) {
        error_ = std::current_exception();
        return end(outcome::error);
    }
    end(outcome::value);
}

bool submission_base::child_dropped() noexcept {
    task_ = nullptr;
    end(outcome::cancelled);
    return false;
}

/// The loop has done its part. Its reference keeps all this until those that wait have been told.
void submission_base::end(outcome how) noexcept {
    remote_listener* each = nullptr;
    {
        const std::lock_guard held(meeting_->mutex);
        meeting_->how = how;
        meeting_->ended.notify_all();
        each = std::exchange(meeting_->listeners, nullptr);
    }
    while (each) {
        remote_listener* const next = each->next_listener_;  // it may be destroyed
        each->notify();
        each = next;
    }
    release();
}

bool submission_base::done() const noexcept {
    const std::lock_guard held(meeting_->mutex);
    return meeting_->how != outcome::pending;
}

void submission_base::require_other_loop() const {
    if (running.loop == meeting_->loop && !done())
        throw deadlock_error("torus: a loop's thread would wait for what only itself can do");
}

void submission_base::wait() {
    require_other_loop();
    std::unique_lock held(meeting_->mutex);
    meeting_->ended.wait(held, [this] { return meeting_->how != outcome::pending; });
}

bool submission_base::wait_for(duration at_most) {
    require_other_loop();
    const auto now = std::chrono::steady_clock::now();
    if (at_most > std::chrono::steady_clock::time_point::max() - now) {
        wait();
        return true;
    }
    std::unique_lock held(meeting_->mutex);
    return meeting_->ended.wait_until(held, now + at_most, [this] { return meeting_->how != outcome::pending; });
}

void submission_base::require_value() {
    wait();
    switch (meeting_->how) {
    case outcome::error: looked_at_ = true; std::rethrow_exception(error_);
    case outcome::cancelled: throw cancelled_error(reason_, false);
    case outcome::lost: throw std::runtime_error("torus: the event loop closed before the coroutine began");
    default: return;
    }
}

bool submission_base::cancel(std::shared_ptr<const std::string> reason) {
    if (done()) return false;
    if (cancel_asked_.exchange(true)) return true;
    cancelling_.reason = std::move(reason);
    retain();
    loop_->post(cancelling_);  // or it has closed: then the task has ended, or will not begin
    return true;
}

/// When several loops end at once, a task is cancelled by the end of its own, and by who waits for it on another: only the
/// first counts, or the second one would cut its clean-up short.
void submission_base::cancel_task(const event_loop& loop, const std::shared_ptr<const std::string>& reason) noexcept {
    told_to_end_ = true;
    if (task_ && !(loop.ending_ && task_->cancelling() > 0)) task_->pass_cancel(reason);
}

void submission_base::cancel_call::arrived(event_loop& loop) noexcept {
    whole_.cancel_task(loop, reason);
    whole_.release();
}

void submission_base::cancel_call::returned() noexcept { whole_.release(); }

bool submission_base::tell(remote_listener& listener) {
    const std::lock_guard held(meeting_->mutex);
    if (meeting_->how != outcome::pending) return false;
    listener.next_listener_ = std::exchange(meeting_->listeners, &listener);
    return true;
}

bool submission_base::is_of(const event_loop& loop) const noexcept { return meeting_->loop == &loop; }

bool submission_base::has_no_result() const noexcept {
    const std::lock_guard held(meeting_->mutex);
    return meeting_->how == outcome::cancelled || meeting_->how == outcome::lost;
}

remote_listener::remote_listener(remote_joining& waiting, event_loop& loop, bool counts)
    : waiting_(&waiting), reply_to_(loop.letters()), counts_(counts) {}

void remote_listener::release() noexcept {
    // Acquire and release: the last holder destroys what the other has written.
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void remote_listener::notify() noexcept {
    const std::shared_ptr<inbox> letters = reply_to_;  // this may be gone before post() returns
    letters->post(*this);
}

void remote_listener::forget() noexcept {
    waiting_ = nullptr;
    release();
}

void remote_listener::arrived(event_loop& loop) noexcept {
    if (counts_) loop.job_returned();
    if (waiting_) waiting_->make_ready();
    release();
}

bool remote_joining::await_suspend(std::coroutine_handle<> h) {
    if (!running.task) throw_outside_of_tasks();
    event_loop& here = *running.loop;
    // Virtual time waits for other loops. Not for those that have the same: there the coroutine may wait for it.
    const bool counts = !target_->is_of(here) && !here.world().shares_time();
    auto listener = std::make_unique<remote_listener>(*this, here, counts);
    if (!target_->tell(*listener)) return false;
    listener_ = listener.release();
    if (counts) here.job_left();
    begin_wait_of(*running.task, h);
    if (running.task->cancel_pending()) cancel();  // it is passed on even so
    return true;
}

void remote_joining::cancel() noexcept {
    forwarded_ = true;
    target_->cancel(waiting_task()->cancel_reason());
}

void remote_joining::leave() noexcept {
    if (listener_) std::exchange(listener_, nullptr)->forget();
}

void remote_joining::finish_join() {
    leave();
    if (forwarded_ && running.task->cancel_pending() && target_->has_no_result()) throw_cancelled();
}

}  // namespace torus::inline v0
