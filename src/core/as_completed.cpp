// src/core/as_completed.cpp: the ends of tasks that belong to others.
#include <torus/core/as_completed.hpp>

#include <stdexcept>

namespace torus::inline v0 {

watched_tasks::watched_tasks(const std::vector<any_task>& tasks, duration timeout)
    : deadline_(later(clock::now(), timeout)) {
    entries_.reserve(tasks.size());
    for (const any_task& each : tasks) {
        each.record().require_awaitable();
        entries_.emplace_back(*this, each);
    }
    for (entry& each : entries_) each.begin();
}

any_task watched_tasks::take() noexcept {
    note_taken();
    return static_cast<entry*>(ended_.pop_front())->take();
}

/// A task that is done here without having told so was dropped at the end of its loop: nobody has it in a list any more.
watched_tasks::entry::~entry() {
    if (task_ && !task_.done()) end();
}

void watched_tasks::entry::begin() noexcept {
    all_->note_begin();
    if (task_.done()) return ended();
    task_watch::begin(task_.record());
}

void watched_tasks::entry::notify() noexcept {
    take_watched();
    ended();
}

void watched_tasks::entry::ended() noexcept {
    all_->ended_.push_back(*this);
    all_->note_end();
}

void refuse_limit_of_zero() { throw std::invalid_argument("torus: a limit of zero lets nothing run"); }

}  // namespace torus::inline v0
