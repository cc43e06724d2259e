// src/core/time.cpp: sleeping, yielding, and deadlines.
#include <torus/core/time.hpp>

namespace torus::inline v0 {

bool yielding::await_suspend(std::coroutine_handle<> h) {
    task_ = running.task;
    if (!task_) throw std::runtime_error("torus: awaited outside of a task");
    if (task_->cancel_pending()) {
        cancelled_ = true;
        return false;
    }
    handle_ = h;
    event_loop::current().schedule(*this);
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

timeout_scope::timeout_scope(time_point when) : timer(wait_kind::timeout, when), interruption_(limited_task()) {
    arm();
}

timeout_scope::~timeout_scope() { static_cast<void>(take_back()); }

void timeout_scope::arm() noexcept {
    event_loop& loop = interruption_.target().loop();
    if (deadline_ <= loop.time()) return expired();
    if (deadline_ != time_point::max()) loop.add_timer(*this);
}

void timeout_scope::expired() noexcept {
    state_ = state::expiring;
    expired_ = true;
    interruption_.request();
}

void timeout_scope::reschedule_at(time_point when) {
    if (state_ != state::armed)
        throw invalid_state_error("torus: a timeout that has expired or ended cannot be rescheduled");
    if (deadline_ != time_point::max()) interruption_.target().loop().remove_timer(*this);
    deadline_ = when;
    arm();
}

/// Leaves the scope. True if it had cancelled the task, and nobody else has.
bool timeout_scope::take_back() noexcept {
    const state former = std::exchange(state_, state::left);
    if (former == state::armed && deadline_ != time_point::max()) interruption_.target().loop().remove_timer(*this);
    return former == state::expiring && interruption_.take_back();
}

bool timeout_scope::end_cancelled() noexcept { return take_back(); }

}  // namespace torus::inline v0
