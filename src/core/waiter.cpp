// src/core/waiter.cpp: how a task is suspended, made ready, and cancelled.
#include <torus/core/waiter.hpp>

#include <stdexcept>

#include <torus/core/loop.hpp>
#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

bool waiter::begin_wait(std::coroutine_handle<> h) {
    task_record* const task = running.task;
    if (!task) [[unlikely]]
        throw_outside_of_tasks();
    task_ = task;
    if (task->cancel_pending()) [[unlikely]] {
        progress_ = progress::cancelled;
        return false;
    }
    begin_wait_of(*task, h);
    return true;
}

void waiter::begin_wait_anyway(std::coroutine_handle<> h) {
    if (!running.task) [[unlikely]]
        throw_outside_of_tasks();
    begin_wait_of(*running.task, h);
}

void waiter::throw_outside_of_tasks() { throw std::runtime_error("torus: awaited outside of a task"); }

void waiter::make_ready() noexcept {
    progress_ = progress::ready;
    task_->leaf_ = nullptr;
    task_->loop_->ready_.push(*this);
}

void waiter::make_cancelled() noexcept {
    make_ready();
    progress_ = progress::cancelled;
}

void waiter::throw_cancelled() {
    progress_ = progress::ready;
    task_->take_cancel();
    throw cancelled_error(task_->cancel_reason());
}

}  // namespace torus::inline v0
