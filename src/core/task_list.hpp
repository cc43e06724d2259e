// src/core/task_list.hpp: a loop's tasks that are not done.
#pragma once

#include <utility>

#include <torus/core/loop.hpp>
#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

/// In order of creation, threaded through the records.
struct event_loop::tasks {
    // Tasks cancel those they await, and destroy those they hold, on the native stack, but not deeper than this.
    static constexpr int most_nested = 64;

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

    /// Empties the list; those that were in it are still linked to the ones before them. Returns the last.
    task_record* take_all() noexcept {
        first = nullptr;
        count = 0;
        return std::exchange(last, nullptr);
    }

    /// @{ Tasks that failed and are still held by somebody, who may look at the error yet: reported when the loop ends.
    void list_unobserved(task_record& t) noexcept {
        t.unobserved_listed_ = true;
        t.next_in_loop_ = unobserved;
        if (unobserved) unobserved->previous_in_loop_ = &t;
        unobserved = &t;
    }

    void unlist_unobserved(task_record& t) noexcept {
        t.unobserved_listed_ = false;
        if (t.previous_in_loop_) t.previous_in_loop_->next_in_loop_ = t.next_in_loop_;
        else unobserved = t.next_in_loop_;
        if (t.next_in_loop_) t.next_in_loop_->previous_in_loop_ = t.previous_in_loop_;
        t.previous_in_loop_ = t.next_in_loop_ = nullptr;
    }

    void report_unobserved() noexcept {
        while (task_record* t = unobserved) {
            unlist_unobserved(*t);
            if (!t->observed_) t->report_unobserved();
        }
    }

    task_record* unobserved = nullptr;
    /// @}

    /// @{ The part of a cancellation that is still on its way down.
    task_record* next_to_cancel() noexcept {
        auto* const t = static_cast<task_record*>(to_cancel.take_first());
        if (t) t->cancel_queued_ = false;
        return t;
    }

    ready_queue to_cancel;
    int cancel_depth = 0;
    /// @}

    static task_record* after(const task_record& t) noexcept { return t.next_in_loop_; }
    static task_record* before(const task_record& t) noexcept { return t.previous_in_loop_; }
};

}  // namespace torus::inline v0
