// src/core/future.cpp: how a result that is given by hand reaches those who wait for it.
#include <torus/core/future.hpp>

#include <stdexcept>

#include "core/describe.hpp"

namespace torus::inline v0 {

future_state::~future_state() {
    if (progress_ == progress::error && !observed_)
        report_problem("future exception was never retrieved", error_, nullptr);
}

void future_state::require_here() {
    if (is_elsewhere()) throw std::runtime_error("torus: the future belongs to a different event loop");
    loop_ = running.loop;
}

void future_state::require_pending() const {
    if (is_elsewhere())
        throw std::runtime_error("torus: a result was given on a foreign thread; use call_soon_threadsafe");
    if (done()) throw invalid_state_error("torus: the future is done; its result is given once");
}

void future_state::end(progress how) noexcept {
    progress_ = how;
    waiting_.notify_all();
}

void future_state::succeed() noexcept { end(progress::value); }

void future_state::fail(std::exception_ptr error) {
    require_pending();
    if (!error) throw std::invalid_argument("torus: set_exception without an exception");
    if (is_cancellation(error)) return end(progress::cancelled);
    error_ = std::move(error);
    end(progress::error);
}

bool future_state::cancel(std::string_view reason) {
    if (done()) return false;
    require_pending();
    if (!reason.empty()) reason_ = std::make_shared<const std::string>(reason);
    end(progress::cancelled);
    return true;
}

/// Nobody can be told on another thread: then it is only reported.
void future_state::break_promise() noexcept {
    if (done()) return;
    if (is_elsewhere() && !waiting_.empty())
        return report_problem("a promise without a result was destroyed on a foreign thread", nullptr, nullptr);
    error_ = std::make_exception_ptr(broken_promise_error("torus: the promise was destroyed without a result"));
    observed_ = true;  // it is news only for those who wait
    end(progress::error);
}

std::exception_ptr future_state::error() {
    if (progress_ == progress::pending) throw invalid_state_error("torus: the future is not done");
    if (progress_ == progress::cancelled) throw cancelled_error(reason_, false);
    observed_ = true;
    return error_;
}

void future_state::require_value() {
    if (const std::exception_ptr failure = error()) std::rethrow_exception(failure);
}

callback_id future_state::call_when_done(scheduled_call& call) {
    if (done()) call.call_soon();
    else call.call_after(waiting_);
    return callback_id(call);
}

bool future_waiting::await_suspend(std::coroutine_handle<> h) {
    state_->require_here();
    if (!begin_wait(h)) return false;
    state_->waiting_.push_back(*this);
    return true;
}

void future_waiting::cancel() noexcept {
    state_->waiting_.erase(*this);
    make_cancelled();
}

void throw_result_taken() { throw invalid_state_error("torus: the result was taken out of the future before"); }

void throw_moved_promise() { throw invalid_state_error("torus: the promise has been moved from"); }

}  // namespace torus::inline v0
