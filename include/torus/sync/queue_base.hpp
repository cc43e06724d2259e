// torus/sync/queue_base.hpp: the part of a queue that does not depend on what is in it.
#pragma once

#include <cstddef>
#include <utility>

#include <torus/sync/queue_error.hpp>
#include <torus/sync/waiting_line.hpp>

namespace torus::inline v0 {

/// `q.shutdown(immediate)`: what is still in the queue is dropped.
struct immediate_t {};
inline constexpr immediate_t immediate;

/// A line of elements, first in, first out unless a derived queue orders them otherwise. They are linked by pointers:
/// whatever moves within the queue, or from a putter to a getter, is a pointer, and cannot fail.
class queue_base {
public:
    class joining;

    queue_base(const queue_base&) = delete;
    queue_base& operator=(const queue_base&) = delete;

    /// How many items can be had. Those that were handed to a waiting getter are its own already.
    std::size_t qsize() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    bool full() const noexcept { return size_ >= limit_; }

    /// How many items it may hold; 0 for any number.
    std::size_t maxsize() const noexcept { return limit_ == unlimited ? 0 : limit_; }

    /// Says that what was got has been dealt with: for `join`.
    /// @throws invalid_state_error  there were fewer items than calls
    /// @throws std::runtime_error   tasks of another loop wait in `join`
    void task_done();

    /// Waits until `task_done` has been called for every item that was put.
    /// @cancel takes effect at once
    joining join() noexcept;

    /// No more items: puts fail from now on, those that wait too. Gets succeed until the queue is empty, then they fail.
    /// @throws std::runtime_error  tasks of another loop wait for the queue; nothing has changed
    void shutdown();

    /// The same, and drops what is in the queue; it counts as done.
    void shutdown(immediate_t);

    bool is_shutdown() const noexcept { return shut_down_; }

protected:
    /// An item's place in the queue; `queue<T>` derives the one that holds a T.
    struct element {
        element* next = nullptr;
    };
    using destroyer = void (*)(element*) noexcept;

    /// Keeps the elements of a queue in another order. Its queue calls `drop_all()` before it is gone.
    class order {
    public:
        /// @throws std::bad_alloc  nothing has changed; not if an element was taken since the last insertion
        virtual void insert(element& e) = 0;

        /// The element whose turn it is; there is one.
        virtual element& take() noexcept = 0;

        /// Undoes the last `take()`; others may have been inserted since.
        virtual void put_back(element& e) noexcept = 0;

        /// All elements, linked, in any order.
        virtual element* take_all() noexcept = 0;

    protected:
        ~order() = default;
    };

    class heap;  // see priority_queue
    class putting;
    class getting;

    static constexpr std::size_t unlimited = ~std::size_t{0};
    static constexpr std::size_t limit_of(std::ptrdiff_t maxsize) noexcept {
        return maxsize > 0 ? static_cast<std::size_t>(maxsize) : unlimited;
    }

    /// @param limit  how many elements it may hold; if none, putters and getters meet
    queue_base(std::size_t limit, destroyer destroy, order* kept_by = nullptr) noexcept
        : limit_(limit), order_(kept_by), destroy_(destroy) {}
    ~queue_base() { drop_all(); }

    /// Whether an element could be put in without waiting.
    bool has_room() const noexcept { return size_ < limit_ || !getters_.empty(); }

    /// Gives `e` to the first waiting getter, or puts it in the queue. False if there is no room.
    bool offer(element& e);

    /// Takes the first element, and lets the first waiting putter put its own. Null if there is none.
    element* take();

    /// Undoes a `take()` whose receiver could not take the item: it is the first again.
    void put_back(element& e) noexcept;

    [[noreturn]] void fail_put() const;  // queue_shutdown or queue_full
    [[noreturn]] void fail_get() const;  // queue_shutdown or queue_empty

    /// The same as `shutdown()`, for those who know that they are on the right thread.
    void end_puts() noexcept;

    /// Takes out and destroys all elements. Gives how many there were.
    std::size_t drop_all() noexcept;

private:
    void insert(element& e);
    element* take_from_putter();

    element* first_ = nullptr;
    element* last_ = nullptr;
    std::size_t size_ = 0;
    std::size_t limit_;
    std::size_t unfinished_ = 0;  // items put, for which task_done was not called
    order* order_;  // null for first in, first out: then the list above holds the elements
    destroyer destroy_;
    bool shut_down_ = false;
    waiting_line getters_;  // somebody stands here only while the queue is empty
    waiting_line putters_;  // somebody stands here only while the queue is full
    waiting_line joiners_;
};

/// The part of `put` that waits. It owns the element until the queue, or a getter, has it.
class queue_base::putting : public line_waiter {
public:
    putting(putting&& idle) noexcept
        : line_waiter(static_cast<line_waiter&&>(idle)), queue_(idle.queue_),
          element_(std::exchange(idle.element_, nullptr)) {}
    bool await_ready();
    bool await_suspend(std::coroutine_handle<> h) { return element_ ? line_up(queue_->putters_, h) : pause(h); }
    void await_resume() {
        if (element_) [[unlikely]]
            fail();
    }

protected:
    putting(queue_base& queue, element& e) noexcept : line_waiter(wait_kind::queue_put), queue_(&queue), element_(&e) {}
    ~putting() = default;

    /// What has not been put, if anything: for the destructor of who knows its type.
    element* unclaimed() const noexcept { return element_; }

private:
    friend class queue_base;
    [[noreturn]] void fail();

    queue_base* queue_;
    element* element_;
};

/// The part of `get` and `next` that waits. What was received is its own until it is resumed.
class queue_base::getting : public line_waiter {
public:
    getting(getting&& idle) noexcept : line_waiter(static_cast<line_waiter&&>(idle)), queue_(idle.queue_) {}
    bool await_ready();
    bool await_suspend(std::coroutine_handle<> h) { return received_ ? pause(h) : line_up(queue_->getters_, h); }

protected:
    explicit getting(queue_base& queue) noexcept : line_waiter(wait_kind::queue_get), queue_(&queue) {}
    ~getting() = default;

    /// What was received, now the caller's; null if the queue has been shut down, and is empty.
    element* received() {
        end_wait();
        return std::exchange(received_, nullptr);
    }
    element* unclaimed() const noexcept { return received_; }

    queue_base* queue_;  // it may be gone once the wait has ended

private:
    friend class queue_base;
    element* received_ = nullptr;
};

/// What `queue::join` returns.
class [[nodiscard("co_await it")]] queue_base::joining final : public line_waiter {
public:
    explicit joining(queue_base& queue) noexcept : line_waiter(wait_kind::queue_join), queue_(&queue) {}
    bool await_ready() const noexcept { return queue_->unfinished_ == 0; }
    bool await_suspend(std::coroutine_handle<> h) { return line_up(queue_->joiners_, h); }
    void await_resume() { end_wait(); }

private:
    queue_base* queue_;
};

inline queue_base::joining queue_base::join() noexcept { return joining(*this); }

}  // namespace torus::inline v0
