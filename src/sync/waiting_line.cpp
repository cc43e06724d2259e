// src/sync/waiting_line.cpp: standing in a line, being served, leaving it.
#include <torus/sync/waiting_line.hpp>

#include <stdexcept>
#include <utility>

#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

bool line_waiter::line_up(waiting_line& line, std::coroutine_handle<> h) {
    line.require_loop();
    if (!running.task || running.task->cancel_pending()) [[unlikely]]
        return begin_wait(h);  // throws, or notes the cancellation
    begin_wait_of(*running.task, h);
    line_ = &line;
    line.list_.push_back(*this);
    return true;
}

bool line_waiter::leave() noexcept {
    waiting_line* const line = std::exchange(line_, nullptr);
    if (line) line->list_.erase(*this);
    return line;
}

void line_waiter::cancel() noexcept {
    leave();
    make_cancelled();
}

void line_waiter::move_to(waiting_line& line) noexcept {
    leave();
    line_ = &line;
    line.list_.push_back(*this);
}

bool line_waiter::pause(std::coroutine_handle<> h) {
    begin_wait_anyway(h);
    make_ready();
    return true;
}

void waiting_line::serve_first() noexcept {
    line_waiter& served = *static_cast<line_waiter*>(list_.pop_front());
    served.line_ = nullptr;
    served.make_ready();
}

void waiting_line::serve_all() noexcept {
    while (!list_.empty()) serve_first();
}

void waiting_line::abandon() noexcept {
    while (waiter* w = list_.pop_front()) static_cast<line_waiter*>(w)->line_ = nullptr;
}

void waiting_line::check_loop() const {
    if (&list_.front()->waiting_task()->loop() != running.loop) loop_binding::refuse();
}

void loop_binding::refuse() {
    throw std::runtime_error("torus: this lock, event or queue is bound to a different event loop");
}

}  // namespace torus::inline v0
