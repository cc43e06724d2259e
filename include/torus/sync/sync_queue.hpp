// torus/sync/sync_queue.hpp: handing items from any thread to the tasks of a loop.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <torus/sync/queue_base.hpp>
#include <torus/sync/queue_error.hpp>

namespace torus::inline v0 {

/// The part of a `sync_queue` that does not depend on what is in it.
class sync_queue_base {
public:
    sync_queue_base(const sync_queue_base&) = delete;
    sync_queue_base& operator=(const sync_queue_base&) = delete;

    /// How many items are in it now. From any thread.
    std::size_t qsize() const noexcept;

    /// No more items: pushes fail from now on, those that wait too. Pops succeed until it is empty. From any thread.
    void shutdown() noexcept;

    /// The same, and destroys what is in it.
    void shutdown(immediate_t) noexcept;

protected:
    struct element {
        element* next = nullptr;
    };
    using destroyer = void (*)(element*) noexcept;
    class popping;
    struct state;  // what the threads and the loop share

    sync_queue_base(std::ptrdiff_t maxsize, destroyer destroy);
    ~sync_queue_base();

    /// Puts it in if there is room, and the queue has not been shut down.
    bool offer(element& e) noexcept;

    /// Puts it in, and blocks the thread until there is room.
    /// @throws queue_shutdown, deadlock_error
    void insert(element& e);

    /// Takes the first one that nobody waits for, if any.
    element* take() noexcept;

private:
    void drop_all() noexcept;

    std::shared_ptr<state> state_;
    destroyer destroy_;
};

/// A queue from threads to the tasks of a loop.
///
///     sync_queue<frame> frames{8};
///     std::thread camera([&] { while (auto f = capture()) frames.push(std::move(f)); frames.shutdown(); });
///
///     while (auto f = co_await frames.next()) show(*f);
///
/// Items leave in the order they came; tasks that wait are served in order of arrival. Tasks of one loop at a time wait
/// for it. It must outlive the threads that use it.
///
/// @source queue.Queue; janus.Queue
template <class T> class sync_queue : public sync_queue_base {
    static_assert(std::is_nothrow_move_constructible_v<T>, "what passes between threads must move without throwing");
    struct item;

public:
    class pop_awaiter;
    class next_awaiter;

    /// @param maxsize  how many items it may hold; any number if it is zero or negative
    explicit sync_queue(std::ptrdiff_t maxsize = 0) : sync_queue_base(maxsize, destroy) {}

    /// Puts an item in, from any thread. Blocks the thread while the queue is full.
    /// @throws queue_shutdown  the queue has been shut down, also while this waited
    /// @throws deadlock_error  this is a loop's thread, which would have to wait: use `try_push` there
    /// @cost   one allocation; the loop is woken if a task waits
    void push(T value) {
        auto made = std::make_unique<item>(std::move(value));
        this->insert(*made);
        static_cast<void>(made.release());
    }

    /// Puts an item in if there is room, from any thread. False, with `value` as it was, if there is none, or the queue
    /// has been shut down.
    bool try_push(T&& value)
        requires std::is_move_assignable_v<T>
    {
        auto made = std::make_unique<item>(std::move(value));
        const bool taken = this->offer(*made);
        if (taken) static_cast<void>(made.release());
        else value = std::move(made->value);
        return taken;
    }

    /// Takes the next item, as soon as there is one.
    /// @throws queue_shutdown      the queue has been shut down and is empty
    /// @throws std::runtime_error  tasks of another loop wait for the queue
    /// @cancel takes effect at once, and no item is lost; whoever has been handed one already receives it, and the
    ///         cancellation stays pending
    /// @cost   no allocation
    pop_awaiter pop() noexcept { return pop_awaiter(*this); }

    /// Like `pop()`, but empty once the queue has been shut down and has run empty: for loops.
    /// @cancel as pop()
    next_awaiter next() noexcept { return next_awaiter(*this); }

    /// Takes the next item, from any thread, if there is one that no task waits for.
    std::optional<T> try_pop() noexcept { return unpack(this->take()); }

private:
    struct item final : element {
        explicit item(T&& from) noexcept : value(std::move(from)) {}
        T value;
    };
    static void destroy(element* e) noexcept { delete static_cast<item*>(e); }
    static std::optional<T> unpack(element* e) noexcept {
        if (!e) return std::nullopt;
        const std::unique_ptr<item> owned(static_cast<item*>(e));
        return std::optional<T>(std::move(owned->value));
    }
};

/// The part of `pop` and `next` that waits.
class sync_queue_base::popping : public line_waiter {
public:
    popping(popping&& idle) noexcept : line_waiter(static_cast<line_waiter&&>(idle)), state_(idle.state_) {}
    bool await_ready();
    bool await_suspend(std::coroutine_handle<> h);

protected:
    explicit popping(sync_queue_base& queue) noexcept : line_waiter(wait_kind::queue_get), state_(queue.state_.get()) {}
    ~popping() = default;

    /// What was received, now the caller's; null at the end.
    element* received() {
        end_wait();
        return std::exchange(received_, nullptr);
    }
    element* unclaimed() const noexcept { return received_; }

private:
    friend struct sync_queue_base::state;
    void cancel() noexcept override;

    state* state_;
    element* received_ = nullptr;
};

/// What `sync_queue::next` returns.
template <class T> class [[nodiscard("co_await it")]] sync_queue<T>::next_awaiter : public sync_queue_base::popping {
public:
    explicit next_awaiter(sync_queue& q) noexcept : popping(q) {}
    next_awaiter(next_awaiter&&) noexcept = default;
    ~next_awaiter() { destroy(this->unclaimed()); }
    std::optional<T> await_resume() { return unpack(this->received()); }
};

/// What `sync_queue::pop` returns.
template <class T> class [[nodiscard("co_await it")]] sync_queue<T>::pop_awaiter final : public next_awaiter {
public:
    using next_awaiter::next_awaiter;
    T await_resume() {
        std::optional<T> item = next_awaiter::await_resume();
        if (!item) throw queue_shutdown();
        return std::move(*item);
    }
};

}  // namespace torus::inline v0
