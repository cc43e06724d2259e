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

struct submission_base::meeting {
    std::mutex mutex;
    std::condition_variable ended;
    outcome how = outcome::pending;
    const event_loop* loop;  // only to be compared
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
    try {
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
    if (child.state() == task_state::cancelled) return end(outcome::cancelled);
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

/// The loop has done its part. Those that wait are told before the mutex is released: afterwards one of them may destroy
/// all this.
void submission_base::end(outcome how) noexcept {
    {
        const std::lock_guard held(meeting_->mutex);
        meeting_->how = how;
        meeting_->ended.notify_all();
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
    case outcome::cancelled: throw cancelled_error({}, false);
    case outcome::lost: throw std::runtime_error("torus: the event loop closed before the coroutine began");
    default: return;
    }
}

bool submission_base::cancel() {
    if (done()) return false;
    if (cancel_asked_.exchange(true)) return true;
    retain();
    loop_->post(cancelling_);  // or it has closed: then the task has ended, or will not begin
    return true;
}

void submission_base::cancel_call::arrived(event_loop&) noexcept {
    if (whole_.task_) whole_.task_->pass_cancel(nullptr);
    whole_.release();
}

void submission_base::cancel_call::returned() noexcept { whole_.release(); }

}  // namespace torus::inline v0
