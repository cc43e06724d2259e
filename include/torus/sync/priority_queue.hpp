// torus/sync/priority_queue.hpp: a queue whose most urgent item leaves first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <torus/sync/queue.hpp>

namespace torus::inline v0 {

/// What compares less leaves first: the order of a `priority_queue` unless another one is given.
struct smallest_first {
    template <class T> bool operator()(const T& a, const T& b) const { return a < b; }
};

/// A queue whose first item in the order of `Compare` leaves first; of equal ones, that which was put in first. Everything
/// else is as in `queue`, and it can be used as one.
///
///     priority_queue<job> jobs;                    // job has operator<; as in asyncio, the smallest leaves first
///     co_await jobs.put(job{.due = 3s});
///     auto next = co_await jobs.get();
///
/// Getters that wait are still served in order of arrival, and so are putters that wait for room. `Compare` must not
/// throw: what it throws ends the program.
///
/// @cost a comparison or two for each doubling of the items in it, at each put and each get
/// @source asyncio.PriorityQueue
template <class T, class Compare = smallest_first> class priority_queue final : public queue<T> {
public:
    /// @param maxsize  how many items it may hold; any number if it is zero or negative
    explicit priority_queue(std::ptrdiff_t maxsize = 0, Compare compare = {})
        : queue<T>(queue_base::limit_of(maxsize), &heap_), heap_(std::move(compare)) {}
    ~priority_queue() { this->drop_all(); }

private:
    using element = queue_base::element;
    using item = typename queue<T>::item;

    /// A binary heap, the first on top. Each entry knows when it was put in, so that equal ones keep their order.
    class heap final : public queue_base::order {
    public:
        explicit heap(Compare compare) : before_(std::move(compare)) {}

        void insert(element& e) override {
            make_room();
            push({&e, ++newest_});
        }
        element& take() noexcept override {
            std::pop_heap(entries_.begin(), entries_.end(), later());
            element& taken = *entries_.back().held;
            entries_.pop_back();
            return taken;
        }
        void put_back(element& e) noexcept override { push({&e, --oldest_}); }
        element* take_all() noexcept override {
            element* all = nullptr;
            for (entry& each : entries_) each.held->next = std::exchange(all, each.held);
            entries_.clear();
            return all;
        }

    private:
        struct entry {
            element* held;
            std::int64_t moment;  // in the order of insertion; below all others where it was taken and put back
        };

        /// There is always room for one more, to put back what was taken while another one took its place.
        void make_room() {
            constexpr std::size_t at_first = 16;
            if (entries_.capacity() - entries_.size() < 2)
                entries_.reserve(std::max(at_first, 2 * entries_.capacity()));
        }
        void push(entry e) noexcept {
            entries_.push_back(e);
            std::push_heap(entries_.begin(), entries_.end(), later());
        }
        auto later() noexcept {
            return [this](const entry& a, const entry& b) noexcept {
                const T& first = static_cast<const item*>(a.held)->value;
                const T& second = static_cast<const item*>(b.held)->value;
                if (before_(second, first)) return true;
                return !before_(first, second) && b.moment < a.moment;
            };
        }

        Compare before_;
        std::vector<entry> entries_;
        std::int64_t newest_ = 0;
        std::int64_t oldest_ = 0;
    };

    heap heap_;
};

}  // namespace torus::inline v0
