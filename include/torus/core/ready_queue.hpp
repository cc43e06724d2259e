// torus/core/ready_queue.hpp: what the loop resumes next, first in, first out.
#pragma once

#include <utility>

#include <torus/core/waiter.hpp>

namespace torus::inline v0 {

/// A queue of coroutines to resume, first in, first out, threaded through the coroutines' own waiters.
class ready_queue {
public:
    bool empty() const noexcept { return !first_; }
    void push(runnable& r) noexcept {
        r.next_ = nullptr;
        if (last_) last_->next_ = &r;
        else first_ = &r;
        last_ = &r;
    }
    runnable* take_first() noexcept {
        runnable* const first = first_;
        if (first && !(first_ = first->next_)) last_ = nullptr;
        return first;
    }
    /// It is in the queue. Takes time in proportion to its place.
    void erase(runnable& r) noexcept {
        runnable* before = nullptr;
        for (runnable* each = first_; each != &r; each = each->next_) before = each;
        (before ? before->next_ : first_) = r.next_;
        if (last_ == &r) last_ = before;
    }
    runnable* take_all() noexcept {
        last_ = nullptr;
        return std::exchange(first_, nullptr);
    }

private:
    friend class event_loop;
    friend class task_record;
    runnable* first_ = nullptr;
    runnable* last_ = nullptr;
};

}  // namespace torus::inline v0
