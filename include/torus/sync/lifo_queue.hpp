// torus/sync/lifo_queue.hpp: a queue whose newest item leaves first.
#pragma once

#include <cstddef>
#include <utility>

#include <torus/sync/queue.hpp>

namespace torus::inline v0 {

/// A queue whose newest item leaves first. Everything else is as in `queue`, and it can be used as one.
///
///     lifo_queue<connection> idle;
///     idle.put_nowait(std::move(c));
///     auto warmest = co_await idle.get();
///
/// Getters that wait are still served in order of arrival, and so are putters that wait for room.
///
/// @source asyncio.LifoQueue
template <class T> class lifo_queue final : public queue<T> {
public:
    /// @param maxsize  how many items it may hold; any number if it is zero or negative
    explicit lifo_queue(std::ptrdiff_t maxsize = 0) noexcept : queue<T>(queue_base::limit_of(maxsize), &stack_) {}
    ~lifo_queue() { this->drop_all(); }

private:
    using element = queue_base::element;

    class stack final : public queue_base::order {
    public:
        void insert(element& e) noexcept override {
            e.next = top_;
            top_ = &e;
        }
        element& take() noexcept override { return *std::exchange(top_, top_->next); }
        void put_back(element& e) noexcept override { insert(e); }
        element* take_all() noexcept override { return std::exchange(top_, nullptr); }

    private:
        element* top_ = nullptr;
    };

    stack stack_;
};

}  // namespace torus::inline v0
