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

namespace {

/// A task of another loop of this thread, such as one that is not running.
[[gnu::cold, gnu::noinline]] void schedule_elsewhere(event_loop& loop, runnable& r) noexcept { loop.schedule(r); }

}  // namespace

/// The queue of the loop that runs is at hand. Finding it by way of the task would take two loads more, one after the
/// other, and the coroutine can't go on before they have come.
void waiter::make_ready() noexcept {
    event_loop* const here = running.loop;
    progress_ = progress::ready;
    task_->leaf_ = nullptr;
    if (task_->loop_ != here) [[unlikely]]
        return schedule_elsewhere(*task_->loop_, *this);
    here->schedule(*this);
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
