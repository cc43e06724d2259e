// src/core/wait.cpp: when a wait for tasks is over.
#include <torus/core/wait.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include <torus/core/loop.hpp>

namespace torus::inline v0 {

std::vector<any_task> without_repetitions(std::vector<any_task> tasks) {
    std::vector<std::pair<task_record*, std::size_t>> places;
    places.reserve(tasks.size());
    for (std::size_t i = 0; i < tasks.size(); ++i) places.emplace_back(&tasks[i].record(), i);
    std::sort(places.begin(), places.end());
    for (std::size_t i = 1; i < places.size(); ++i)
        if (places[i].first == places[i - 1].first) tasks[places[i].second] = {};
    std::erase_if(tasks, [](const any_task& each) { return !each; });
    return tasks;
}

waiting_base::waiting_base(std::vector<any_task> tasks, wait_options options)
    : gather_base(task_state::pending), tasks_(std::move(tasks)), timeout_(options.timeout), until_(options.until),
      alarm_(*this, later(clock::now(), options.timeout)) {
    if (tasks_.empty()) throw std::invalid_argument("torus: there is no task to wait for");
}

waiting_base::waiting_base(waiting_base&& idle) noexcept
    : gather_base(static_cast<gather_base&&>(idle)), tasks_(std::move(idle.tasks_)), timeout_(idle.timeout_),
      until_(idle.until_), alarm_(*this, idle.alarm_.deadline()) {}

bool waiting_base::await_suspend(std::coroutine_handle<> h) {
    await_suspend_on(h);
    if (is_waiting()) arm();
    return true;
}

void waiting_base::arm() noexcept {
    event_loop& loop = waiting_task()->loop();
    if (timeout_ <= duration::zero() || alarm_.deadline() <= loop.time()) return expire();
    if (alarm_.deadline() == time_point::max()) return;
    loop.add_timer(alarm_);
    armed_ = true;
}

void waiting_base::disarm() noexcept {
    if (std::exchange(armed_, false)) waiting_task()->loop().remove_timer(alarm_);
}

void waiting_base::expire() noexcept {
    armed_ = false;
    decided_ = true;
    wake_if_over();
}

bool waiting_base::is_over() const noexcept {
    std::size_t pending = 0;
    bool failed = false;
    for (const any_task& each : tasks_) {
        if (!each.done()) ++pending;
        else failed = failed || each.record().state() == task_state::failed;
    }
    return pending == 0 || (until_ == first_completed && pending < tasks_.size()) ||
           (until_ == first_exception && failed);
}

void waiting_base::start_children() {
    watches_.resize(tasks_.size());
    for (std::size_t i = 0; i < tasks_.size(); ++i) watches_[i].begin(*this, tasks_[i].record());
}

void waiting_base::leave_children() noexcept {
    for (watch& each : watches_) each.end();
}

void waiting_base::note_end(task_record& child) noexcept {
    if (until_ == first_completed || (until_ == first_exception && child.state() == task_state::failed))
        decided_ = true;
}

void waiting_base::cancel() noexcept {
    disarm();
    leave_children();
    make_cancelled();
}

const std::vector<any_task>& waiting_base::finish_wait() {
    disarm();
    finish_gather();
    return tasks_;
}

}  // namespace torus::inline v0
