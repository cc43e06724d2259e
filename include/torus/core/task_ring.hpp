// torus/core/task_ring.hpp: tasks in a row, threaded through their records.
#pragma once

#include <utility>

namespace torus::inline v0 {

/// A task's place in a ring of tasks.
class task_links {
protected:
    task_links() noexcept = default;
    task_links* after_ = nullptr;
    task_links* before_ = nullptr;

    void leave() noexcept {
        before_->after_ = after_;
        after_->before_ = before_;
    }
    friend class task_ring;
};

/// Tasks in order of arrival. The ring closes in itself, so that no task in it is a first or last one.
class task_ring : public task_links {
public:
    task_ring() noexcept { after_ = before_ = this; }
    task_ring(const task_ring&) = delete;
    task_ring& operator=(const task_ring&) = delete;

    bool empty() const noexcept { return after_ == this; }
    void push_back(task_links& t) noexcept {
        t.after_ = this;
        t.before_ = before_;
        before_->after_ = &t;
        before_ = &t;
    }

    /// Takes all tasks of another ring; this one is empty.
    void take_all(task_ring& other) noexcept {
        if (other.empty()) return;
        after_ = std::exchange(other.after_, &other);
        before_ = std::exchange(other.before_, &other);
        after_->before_ = before_->after_ = this;
    }

    task_links* first() const noexcept { return after_; }
    task_links* last() const noexcept { return before_; }
};

}  // namespace torus::inline v0
