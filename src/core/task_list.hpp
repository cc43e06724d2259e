// src/core/task_list.hpp: a loop's tasks that are not done.
#pragma once

#include <unordered_map>

#include <torus/core/loop.hpp>
#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

class generator_promise;

/// In order of creation.
struct event_loop::tasks {
    // Tasks cancel those they await, and destroy those they hold, on the native stack, but not deeper than this.
    static constexpr int most_nested = 64;

    task_ring all;
    std::uint64_t last_id = 0;

    bool empty() const noexcept { return all.empty(); }
    task_record* first() const noexcept { return at(all, all.first()); }
    task_record* last() const noexcept { return last_of(all); }
    task_record* after(const task_record& t) const noexcept { return at(all, t.after_); }
    task_record* before(const task_record& t) const noexcept { return at(all, t.before_); }

    static task_record* last_of(const task_ring& ring) noexcept { return at(ring, ring.last()); }

    void add(task_record& t) noexcept {
        t.id_ = ++last_id;
        all.push_back(t);
    }

    static void remove(task_record& t) noexcept { t.leave(); }

    /// @{ Tasks that failed and are still held by somebody, who may look at the error yet: reported when the loop ends.
    void list_unobserved(task_record& t) noexcept {
        t.unobserved_listed_ = true;
        unobserved.push_back(t);
    }

    static void unlist_unobserved(task_record& t) noexcept {
        t.unobserved_listed_ = false;
        t.leave();
    }

    void report_unobserved() noexcept {
        while (task_record* t = last_of(unobserved)) {  // the last failure first
            unlist_unobserved(*t);
            if (!t->observed_) t->report_unobserved();
        }
    }

    task_ring unobserved;
    /// @}

    /// What debug mode knows about each task's steps.
    struct wakes {
        std::uint32_t all = 0;
        std::uint32_t by_itself = 0;
        bool reported = false;
    };
    std::unordered_map<std::uint64_t, wakes> wakes_of;  // by id

    task_ring calls;  // what the loop is to call: of each `scheduled_call` the links
    generator_promise* generators = nullptr;  // begun and not ended, the youngest first

    /// @{ A cancellation on its way down, beyond the task that it was asked of.
    void finish_cancel() noexcept {
        while (runnable* const next = to_cancel.take_first()) {
            cancel_told.push(*next);
            if (waiter* const leaf = static_cast<task_record*>(next)->leaf_) leaf->cancel();
        }
        while (runnable* const told = cancel_told.take_first()) static_cast<task_record*>(told)->cancel_noted_ = false;
    }

    ready_queue to_cancel;  // their leaves are told later in the same call
    ready_queue cancel_told;
    int cancel_depth = 0;
    /// @}

private:
    static task_record* at(const task_ring& ring, task_links* place) noexcept {
        return place == &ring ? nullptr : static_cast<task_record*>(place);
    }
};

}  // namespace torus::inline v0
