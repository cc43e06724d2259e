// torus/core/task_watch.hpp: hearing of the end of a task that has an owner of its own.
#pragma once

#include <utility>

#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

/// One of those who join a task, without a task of its own that waits: it is told, by `notify()`, when the task is done.
/// Whoever has it keeps a handle of the task. It may be moved until it watches.
class task_watch : public waiter {
public:
    task_watch() noexcept : waiter(wait_kind::gather) {}
    task_watch(task_watch&&) noexcept = default;

    /// Begins to watch a task that is not done.
    void begin(task_record& child) noexcept {
        child_ = &child;
        child.add_joiner(*this);
    }

    /// Stops watching, if it still does.
    void end() noexcept;

protected:
    ~task_watch() = default;

    /// The task that was watched: it is not any more.
    task_record& take_watched() noexcept { return *std::exchange(child_, nullptr); }

private:
    void cancel() noexcept final {}  // it is nobody's suspension

    task_record* child_ = nullptr;
};

}  // namespace torus::inline v0
