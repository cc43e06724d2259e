// torus/sync/priority_queue.hpp: a queue whose most urgent item leaves first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <torus/sync/queue.hpp>

namespace torus::inline v0 {

/// A binary heap of elements, the first on top. Each entry knows when it was put in, so that equal ones keep their order.
class queue_base::heap : public queue_base::order {
public:
    void insert(element& e) final;
    element& take() noexcept final;
    void put_back(element& e) noexcept final;
    element* take_all() noexcept final;

protected:
    ~heap() = default;

    virtual bool is_before(const element& a, const element& b) noexcept = 0;

private:
    struct entry {
        element* held;
        std::int64_t moment;  // in the order of insertion; below all others where it was taken and put back
    };

    void push(entry e) noexcept;
    auto is_behind() noexcept;

    std::vector<entry> entries_;
    std::int64_t newest_ = 0;
    std::int64_t oldest_ = 0;
};

/// What compares less leaves first: the order of a `priority_queue` unless another one is given.
struct smallest_first {
    template <class T> bool operator()(const T& a, const T& b) const { return a < b; }
};

/// A queue whose first item in the order of `Compare` leaves first; of equal ones, that which was put in first. Everything
/// else is as in `queue`, and it can be used as one.
///
///     priority_queue<job> jobs;                    // job has operator<; as in asyncio, the smallest leaves first
///     co_await jobs.put(urgent);
///     auto next = co_await jobs.get();
///
/// Getters that wait are still served in order of arrival, and so are putters that wait for room. `Compare` must not
/// throw: what it throws ends the program.
///
/// @cost   a comparison or two for each doubling of the items in it, at each put and each get
/// @source asyncio.PriorityQueue
template <class T, class Compare = smallest_first> class priority_queue final : public queue<T> {
public:
    /// @param maxsize  how many items it may hold; any number if it is zero or negative
    explicit priority_queue(std::ptrdiff_t maxsize = 0, Compare compare = {})
        : queue<T>(queue_base::limit_of(maxsize), &kept_), kept_(std::move(compare)) {}
    ~priority_queue() { this->drop_all(); }

private:
    using element = queue_base::element;
    using item = typename queue<T>::item;

    class ordered final : public queue_base::heap {
    public:
        explicit ordered(Compare compare) : compare_(std::move(compare)) {}

    private:
        bool is_before(const element& a, const element& b) noexcept override {
            return compare_(static_cast<const item&>(a).value, static_cast<const item&>(b).value);
        }
        Compare compare_;
    };

    ordered kept_;
};

}  // namespace torus::inline v0
