// torus/core/task_ring.hpp: tasks in a row, threaded through their records.
#pragma once

#include <utility>

namespace torus::inline v0 {

/// A task's place in a ring of tasks.
class task_links {
protected:
    task_links() noexcept = default;
    task_links* next = nullptr;
    task_links* previous = nullptr;

    void leave() noexcept {
        previous->next = next;
        next->previous = previous;
    }
    friend class task_ring;
};

/// Tasks in order of arrival. The ring closes in itself, so that no task in it is a first or last one.
class task_ring : public task_links {
public:
    task_ring() noexcept { next = previous = this; }
    task_ring(const task_ring&) = delete;
    task_ring& operator=(const task_ring&) = delete;

    bool empty() const noexcept { return next == this; }
    void push_back(task_links& t) noexcept {
        t.next = this;
        t.previous = previous;
        previous->next = &t;
        previous = &t;
    }

    /// Takes all tasks of another ring; this one is empty.
    void take_all(task_ring& other) noexcept {
        if (other.empty()) return;
        next = std::exchange(other.next, &other);
        previous = std::exchange(other.previous, &other);
        next->previous = previous->next = this;
    }

    task_links* first() const noexcept { return next; }
    task_links* last() const noexcept { return previous; }
};

}  // namespace torus::inline v0
