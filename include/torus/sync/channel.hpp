// torus/sync/channel.hpp: a queue with two kinds of ends, which knows when nobody is left at the other.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <torus/sync/queue.hpp>

namespace torus::inline v0 {

template <class T> class channel_state;
template <class T> class channel_receiver;
template <class T> class channel_pair;

/// The end of a channel where items go in. Move-only; `clone()` makes another one.
template <class T> class [[nodiscard("the end is closed when this is destroyed")]] channel_sender {
public:
    class sending;

    channel_sender(channel_sender&&) noexcept = default;
    channel_sender& operator=(channel_sender other) noexcept {
        state_.swap(other.state_);
        return *this;
    }
    ~channel_sender() { close(); }

    /// Sends an item, as soon as there is room; without capacity, as soon as a receiver takes it.
    /// @throws channel_closed  no receiver is left, also while this waited; the item is destroyed
    /// @throws std::runtime_error  tasks of another loop wait at the channel
    /// @cancel takes effect at once: the item has not been sent, and is destroyed; once it has been, a cancellation stays
    ///         pending
    /// @cost   one recycled block
    sending send(T value) { return sending(use(), std::move(value)); }

    /// Sends an item if there is room, or a receiver waits. False, with `value` untouched, if not, or no receiver is left.
    /// @throws channel_closed  this end is closed
    template <class U>
        requires std::is_constructible_v<T, U&&>
    bool try_send(U&& value) {
        return use().try_put(std::forward<U>(value));
    }

    /// Another end of the same kind.
    /// @throws channel_closed  this end is closed
    channel_sender clone() const { return channel_sender((use(), state_)); }

    /// Closes this end. If it was the last one, receivers get what is left, and then the end. Harmless when repeated.
    void close() noexcept {
        if (const auto state = std::exchange(state_, nullptr)) state->drop_sender();
    }

private:
    friend class channel_pair<T>;
    explicit channel_sender(std::shared_ptr<channel_state<T>> state) noexcept : state_(std::move(state)) {
        state_->add_sender();
    }
    channel_state<T>& use() const {
        if (!state_) throw channel_closed();
        return *state_;
    }

    std::shared_ptr<channel_state<T>> state_;
};

/// The end of a channel where items come out. Move-only; `clone()` makes another one: each item goes to one of them.
template <class T> class [[nodiscard("the end is closed when this is destroyed")]] channel_receiver {
public:
    class receiving;
    using next_awaiter = typename queue<T>::next_awaiter;

    channel_receiver(channel_receiver&&) noexcept = default;
    channel_receiver& operator=(channel_receiver other) noexcept {
        state_.swap(other.state_);
        return *this;
    }
    ~channel_receiver() { close(); }

    /// Takes the next item, as soon as there is one.
    /// @throws channel_closed  no item and no sender is left; or the last receiving end was closed while this waited
    /// @throws std::runtime_error  tasks of another loop wait at the channel
    /// @cancel takes effect at once, and no item is lost; whoever has been handed one already receives it, and the
    ///         cancellation stays pending
    /// @cost   no allocation
    receiving receive() { return receiving(use()); }

    /// Like `receive()`, but empty instead of `channel_closed`: for loops.
    /// @throws channel_closed  this end is closed
    /// @cancel as receive()
    next_awaiter next() { return use().next(); }

    /// Takes the next item if there is one.
    /// @throws channel_closed  this end is closed
    std::optional<T> try_receive() { return use().try_get(); }

    /// Another end of the same kind.
    /// @throws channel_closed  this end is closed
    channel_receiver clone() const { return channel_receiver((use(), state_)); }

    /// Closes this end. If it was the last one, what is left is dropped, and sends fail. Harmless when repeated.
    void close() noexcept {
        if (const auto state = std::exchange(state_, nullptr)) state->drop_receiver();
    }

private:
    friend class channel_pair<T>;
    explicit channel_receiver(std::shared_ptr<channel_state<T>> state) noexcept : state_(std::move(state)) {
        state_->add_receiver();
    }
    channel_state<T>& use() const {
        if (!state_) throw channel_closed();
        return *state_;
    }

    std::shared_ptr<channel_state<T>> state_;
};

/// What `channel` returns: `auto [sender, receiver] = channel<int>(16);`
template <class T> class channel_pair {
public:
    explicit channel_pair(const std::shared_ptr<channel_state<T>>& state) noexcept : sender(state), receiver(state) {}

    channel_sender<T> sender;
    channel_receiver<T> receiver;
};

/// Makes a channel: a queue between tasks of one loop that ends by itself when one side is gone.
///
///     auto [tx, rx] = channel<int>(16);
///     spawn(produce(std::move(tx)));
///     while (auto item = co_await rx.next()) use(*item);           // until the producer has ended
///
///     async<> produce(channel_sender<int> given) {
///         auto tx = std::move(given);                              // a local: closed when the body ends
///         for (int i = 0; i < 100; ++i) co_await tx.send(i);
///     }
///
/// A coroutine's parameters live until its result has been taken: those of a task while there is a handle of it, those
/// of a gather until all of it has ended. An end that is to close with the body is moved into a local. Both sides are
/// served in order of arrival, and items are handed over directly.
///
/// @param capacity  how many items it holds that nobody waits for; with 0, sender and receiver meet
/// @source anyio.create_memory_object_stream
template <class T> channel_pair<T> channel(std::size_t capacity = 0) {
    return channel_pair<T>(std::make_shared<channel_state<T>>(capacity));
}

// ------------------------------------------------------------------------------------------------------------------

/// What the ends of a channel share.
template <class T> class channel_state final : public queue<T> {
    static_assert(std::is_nothrow_move_constructible_v<T>,
                  "a channel's item must move without throwing: use unique_ptr");

public:
    explicit channel_state(std::size_t capacity) noexcept : queue<T>(capacity, nullptr) {}

    void add_sender() noexcept { ++senders_; }
    void add_receiver() noexcept { ++receivers_; }
    void drop_sender() noexcept {
        if (--senders_ == 0) this->end_puts();
    }
    void drop_receiver() noexcept {
        if (--receivers_ > 0) return;
        this->end_puts();
        this->drop_all();
    }

private:
    std::size_t senders_ = 0;
    std::size_t receivers_ = 0;
};

/// What `channel_sender::send` returns.
template <class T> class [[nodiscard("co_await it")]] channel_sender<T>::sending final : public queue<T>::put_awaiter {
public:
    sending(queue<T>& to, T value) : queue<T>::put_awaiter(to.put(std::move(value))) {}
    void await_resume() {
        if (!this->unclaimed()) [[likely]]
            return;
        this->end_wait();
        throw channel_closed();
    }
};

/// What `channel_receiver::receive` returns.
template <class T> class [[nodiscard("co_await it")]] channel_receiver<T>::receiving final
    : public queue<T>::next_awaiter {
public:
    explicit receiving(queue<T>& from) noexcept : queue<T>::next_awaiter(from) {}
    T await_resume() {
        std::optional<T> item = queue<T>::next_awaiter::await_resume();
        if (!item) throw channel_closed();
        return std::move(*item);
    }
};

}  // namespace torus::inline v0
