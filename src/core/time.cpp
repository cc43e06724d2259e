// src/core/time.cpp: sleeping, yielding, and deadlines.
#include <torus/core/time.hpp>

#include <stdexcept>
#include <utility>

#include <torus/core/loop.hpp>

namespace torus::inline v0 {

bool yielding::await_suspend(std::coroutine_handle<> h) {
    task_ = running.task;
    if (!task_) [[unlikely]]
        throw std::runtime_error("torus: awaited outside of a task");
    if (task_->cancel_pending()) [[unlikely]] {
        cancelled_ = true;
        return false;
    }
    handle_ = h;
    running.loop->schedule(*this);
    return true;
}

void yielding::throw_cancelled() {
    running.task->take_cancel();
    throw cancelled_error(running.task->cancel_reason());
}

bool sleeping::await_suspend(std::coroutine_handle<> h) {
    if (!begin_wait(h)) return false;
    event_loop& loop = waiting_task()->loop();
    if (deadline_ == time_point::min() || deadline_ <= loop.time()) make_ready();  // one pass
    else if (deadline_ != time_point::max()) loop.add_timer(*this);
    return true;
}

void sleeping::cancel() noexcept {
    if (deadline_ != time_point::max()) waiting_task()->loop().remove_timer(*this);
    make_cancelled();
}

namespace {

task_record& limited_task() {
    if (!running.task) throw std::runtime_error("torus: a timeout needs a task");
    return *running.task;
}

}  // namespace

timeout_scope::timeout_scope(time_point when) : interruption_(limited_task()), alarm_(*this, when) { arm(); }

timeout_scope::~timeout_scope() { static_cast<void>(end_cancelled()); }

void timeout_scope::arm() noexcept {
    event_loop& loop = interruption_.target().loop();
    if (when() <= loop.time()) return expire();
    if (when() != time_point::max()) loop.add_timer(alarm_);
}

void timeout_scope::disarm() noexcept {
    if (!expired_ && when() != time_point::max()) interruption_.target().loop().remove_timer(alarm_);
}

void timeout_scope::expire() noexcept {
    expired_ = true;
    interruption_.request();
}

void timeout_scope::reschedule_at(time_point when) {
    if (expired_) throw invalid_state_error("torus: a timeout that has expired cannot be rescheduled");
    if (ended_) throw invalid_state_error("torus: a timeout that has ended cannot be rescheduled");
    disarm();
    alarm_.set(when);
    arm();
}

bool timeout_scope::end_cancelled() noexcept {
    if (std::exchange(ended_, true)) return false;
    disarm();
    return interruption_.take_back();
}

}  // namespace torus::inline v0
