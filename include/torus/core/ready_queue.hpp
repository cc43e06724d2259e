// torus/core/ready_queue.hpp: what the loop resumes next, first in, first out.
#pragma once

#include <utility>

#include <torus/core/waiter.hpp>

namespace torus::inline v0 {

/// A queue of coroutines to resume, first in, first out, threaded through the coroutines' own waiters.
class ready_queue {
public:
    ready_queue() noexcept = default;
    ready_queue(const ready_queue&) = delete;
    ready_queue& operator=(const ready_queue&) = delete;

    bool empty() const noexcept { return !first_; }
    void push(runnable& r) noexcept {
        r.next_ = nullptr;
        *end_ = &r;
        end_ = &r.next_;
    }
    runnable* take_first() noexcept {
        runnable* const first = first_;
        if (first && !(first_ = first->next_)) end_ = &first_;
        return first;
    }
    /// It is in the queue. Takes time in proportion to its place.
    void erase(runnable& r) noexcept {
        runnable** place = &first_;
        while (*place != &r) place = &(*place)->next_;
        *place = r.next_;
        if (end_ == &r.next_) end_ = place;
    }
    runnable* take_all() noexcept {
        end_ = &first_;
        return std::exchange(first_, nullptr);
    }

private:
    friend class event_loop;
    friend class task_record;
    runnable* first_ = nullptr;
    runnable** end_ = &first_;  // where the next one goes: known without looking at who is there
};

}  // namespace torus::inline v0
