// torus/sync/queue.hpp: handing items from task to task, first in, first out.
#pragma once

#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include <torus/core/frame.hpp>
#include <torus/sync/queue_base.hpp>

namespace torus::inline v0 {

/// A queue between tasks of one loop. With a `maxsize`, putting waits while it is full.
///
///     queue<int> q{10};
///     co_await q.put(42);                                  // in the producer
///     q.shutdown();                                        // no more items
///
///     while (auto item = co_await q.next()) use(*item);    // in each consumer
///
/// Getters and putters are served in order of arrival. An item is handed directly to the first getter that waits, so
/// that nobody can snatch it; no item is lost, and none is delivered twice, whoever is cancelled.
///
/// @source asyncio.Queue
template <class T> class queue : public queue_base {
    static_assert(std::is_object_v<T> && std::is_move_constructible_v<T>, "a queue holds movable objects");

protected:
    struct item;

public:
    class put_awaiter;
    class get_awaiter;
    class next_awaiter;

    /// @param maxsize  how many items it may hold; any number if it is zero or negative
    explicit queue(std::ptrdiff_t maxsize = 0) noexcept : queue_base(limit_of(maxsize), destroy) {}

    /// Puts an item in, as soon as there is room.
    /// @throws queue_shutdown  the queue has been shut down, also while this waited; the item is destroyed
    /// @throws std::runtime_error  tasks of another loop wait for the queue
    /// @cancel takes effect at once: the item has not been put, and is destroyed; once it has been, a cancellation
    ///         stays pending
    /// @cost   one recycled block
    put_awaiter put(T value) { return put_awaiter(*this, *new item(std::in_place, std::move(value))); }

    /// Puts an item in now.
    /// @throws queue_full  there is no room
    /// @throws queue_shutdown  the queue has been shut down
    void put_nowait(T value) {
        if (!try_put(std::move(value))) fail_put();
    }

    /// Puts an item in if there is room. False, with `value` untouched, if there is none, or the queue has been shut down.
    template <class U>
        requires std::is_constructible_v<T, U&&>
    bool try_put(U&& value) {
        if (!has_room() || is_shutdown()) return false;
        auto made = std::make_unique<item>(std::in_place, std::forward<U>(value));
        if (offer(*made)) static_cast<void>(made.release());
        return true;
    }

    /// Takes the next item out, as soon as there is one.
    /// @throws queue_shutdown  the queue has been shut down and is empty
    /// @throws std::runtime_error  tasks of another loop wait for the queue
    /// @throws what moving the item out throws; then it is the queue's first item again
    /// @cancel takes effect at once, and no item is lost; whoever has been handed one already receives it, and the
    ///         cancellation stays pending
    /// @cost   no allocation
    get_awaiter get() noexcept { return get_awaiter(*this); }

    /// Takes the next item out now.
    /// @throws queue_empty  there is none
    /// @throws queue_shutdown  there is none, and there won't be
    T get_nowait() {
        element* const e = take();
        if (!e) fail_get();
        return unpack<T>(this, *e);
    }

    /// Takes the next item out if there is one.
    std::optional<T> try_get() {
        element* const e = take();
        if (!e) return std::nullopt;
        return unpack<std::optional<T>>(this, *e);
    }

    /// Like `get()`, but empty once the queue has been shut down and has run empty: for loops.
    /// @cancel as `get()`
    next_awaiter next() noexcept { return next_awaiter(*this); }

protected:
    /// For queues with other limits and orders.
    explicit queue(std::size_t limit, order* kept_by) noexcept : queue_base(limit, destroy, kept_by) {}

    struct item final : element {
        template <class U> item(std::in_place_t, U&& from) : value(std::forward<U>(from)) {}
        T value;

        static void* operator new(std::size_t size) { return frame_memory::allocate(size); }
        static void operator delete(void* memory, std::size_t size) noexcept { frame_memory::deallocate(memory, size); }
        static void* operator new(std::size_t size, std::align_val_t align) { return ::operator new(size, align); }
        static void operator delete(void* memory, std::align_val_t align) noexcept { ::operator delete(memory, align); }
    };

private:
    static void destroy(element* e) noexcept { delete static_cast<item*>(e); }

    /// The value of an element that was taken, which is destroyed; where moving the value throws, it is put back.
    template <class Result> static Result unpack(queue_base* q, element& e) {
        std::unique_ptr<item> owned(static_cast<item*>(&e));
        if constexpr (std::is_nothrow_move_constructible_v<T>) {
            return Result(std::move(owned->value));
        } else {
            try {
                return Result(std::move(owned->value));
            } catch (...) {
                static_cast<queue*>(q)->put_back(*owned.release());
                throw;
            }
        }
    }
};

/// What `queue::put` returns.
template <class T> class [[nodiscard("co_await it")]] queue<T>::put_awaiter : public queue_base::putting {
public:
    put_awaiter(queue& q, item& made) noexcept : putting(q, made) {}
    put_awaiter(put_awaiter&&) noexcept = default;
    ~put_awaiter() { destroy(this->unclaimed()); }
};

/// What `queue::get` returns.
template <class T> class [[nodiscard("co_await it")]] queue<T>::get_awaiter : public queue_base::getting {
public:
    explicit get_awaiter(queue& q) noexcept : getting(q) {}
    get_awaiter(get_awaiter&&) noexcept = default;
    ~get_awaiter() { destroy(this->unclaimed()); }
    T await_resume() {
        element* const e = this->received();
        if (!e) throw queue_shutdown();
        return unpack<T>(this->queue_, *e);
    }
};

/// What `queue::next` returns.
template <class T> class [[nodiscard("co_await it")]] queue<T>::next_awaiter : public queue_base::getting {
public:
    explicit next_awaiter(queue& q) noexcept : getting(q) {}
    next_awaiter(next_awaiter&&) noexcept = default;
    ~next_awaiter() { destroy(this->unclaimed()); }
    std::optional<T> await_resume() {
        element* const e = this->received();
        if (!e) return std::nullopt;
        return unpack<std::optional<T>>(this->queue_, *e);
    }
};

}  // namespace torus::inline v0
