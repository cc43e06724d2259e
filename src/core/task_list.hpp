// src/core/task_list.hpp: a loop's tasks that are not done.
#pragma once

#include <torus/core/loop.hpp>
#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

/// In order of creation, threaded through the records.
struct event_loop::tasks {
    task_record* first = nullptr;
    task_record* last = nullptr;
    std::size_t count = 0;
    std::uint64_t last_id = 0;

    void add(task_record& t) noexcept {
        t.id_ = ++last_id;
        t.previous_in_loop_ = last;
        if (last) last->next_in_loop_ = &t;
        else first = &t;
        last = &t;
        ++count;
    }

    void remove(task_record& t) noexcept {
        if (t.previous_in_loop_) t.previous_in_loop_->next_in_loop_ = t.next_in_loop_;
        else first = t.next_in_loop_;
        if (t.next_in_loop_) t.next_in_loop_->previous_in_loop_ = t.previous_in_loop_;
        else last = t.previous_in_loop_;
        t.previous_in_loop_ = t.next_in_loop_ = nullptr;
        --count;
    }

    static task_record* after(const task_record& t) noexcept { return t.next_in_loop_; }
    static task_record* before(const task_record& t) noexcept { return t.previous_in_loop_; }
};

}  // namespace torus::inline v0
