// torus/sync/broadcast.hpp: everything that is sent, for everybody who listens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/sync/broadcast_base.hpp>

namespace torus::inline v0 {

template <class T> class broadcast_receiver;

/// A sender whose items go to every receiver. It keeps the latest ones, and never waits for those who are slow.
///
///     broadcast<event> events{64};
///     auto heard = events.subscribe();                     // in each task that listens
///     while (auto e = co_await heard.next()) show(*e);
///
///     events.send(e);                                      // in another one
///
/// When it is destroyed, receivers get what is kept for them, and then the end. It belongs to one loop's thread.
///
/// @source tokio::sync::broadcast
template <class T> class broadcast {
    static_assert(std::is_copy_constructible_v<T> && std::is_nothrow_move_constructible_v<T>,
                  "each receiver gets a copy of the item, which must move without throwing: use shared_ptr");

public:
    /// @param capacity  how many items it keeps for those who have not received them
    /// @throws std::invalid_argument  none
    explicit broadcast(std::size_t capacity) : state_(std::make_shared<state>(capacity)) {}
    broadcast(const broadcast&) = delete;
    broadcast& operator=(const broadcast&) = delete;
    ~broadcast() { state_->close(); }

    /// Sends an item to those who listen now, however many it has not been received by. Gives how many that are.
    /// @throws std::runtime_error  tasks of another loop wait; nothing has been sent
    std::size_t send(T item) {
        state_->require_loop();
        std::optional<T>& slot = state_->items[state_->slot(state_->sent())];
        [[maybe_unused]] const std::optional<T> forgotten = std::move(slot);  // destroyed last: its destructor may send
        slot.reset();
        slot.emplace(std::move(item));
        state_->note_sent();
        return state_->receivers();
    }

    /// Someone who gets everything that is sent from now on.
    broadcast_receiver<T> subscribe() const noexcept { return broadcast_receiver<T>(state_); }

private:
    friend class broadcast_receiver<T>;
    struct state : broadcast_base {
        explicit state(std::size_t capacity) : broadcast_base(capacity), items(capacity) {}
        std::vector<std::optional<T>> items;
    };

    std::shared_ptr<state> state_;
};

/// Listens to a `broadcast`, for one task at a time. It may outlive it; a copy goes on from the same place.
template <class T> class broadcast_receiver {
    using state = typename broadcast<T>::state;

public:
    class receiving;
    class next_awaiter;

    broadcast_receiver(const broadcast_receiver& other) noexcept : state_(other.state_), position_(other.position_) {
        state_->add_receiver();
    }
    broadcast_receiver& operator=(const broadcast_receiver& other) noexcept {
        state_->remove_receiver();
        state_ = other.state_;
        state_->add_receiver();
        position_ = other.position_;
        return *this;
    }
    ~broadcast_receiver() { state_->remove_receiver(); }

    /// Takes the next item, as soon as there is one. This must stay alive.
    /// @throws broadcast_lagged    items were missed; the next receive gives the oldest that is kept
    /// @throws broadcast_closed    the sender is gone, and everything has been received
    /// @throws std::runtime_error  tasks of another loop wait
    /// @throws what copying the item throws; the next receive tries again
    /// @cancel takes effect at once, and no item is lost; once one has been sent, it stays pending
    /// @cost   no allocation but the copy's
    receiving receive() noexcept { return receiving(*state_, position_); }

    /// Like `receive()`, but empty instead of `broadcast_closed`: for loops.
    /// @throws broadcast_lagged  as receive()
    /// @cancel as receive()
    next_awaiter next() noexcept { return next_awaiter(*state_, position_); }

private:
    friend class broadcast<T>;
    explicit broadcast_receiver(std::shared_ptr<state> from) noexcept
        : state_(std::move(from)), position_(state_->sent()) {
        state_->add_receiver();
    }

    std::shared_ptr<state> state_;
    std::uint64_t position_;  // of the item that is received next
};

/// What `broadcast_receiver::next` returns.
template <class T> class [[nodiscard("co_await it")]] broadcast_receiver<T>::next_awaiter
    : public broadcast_base::arriving {
public:
    next_awaiter(state& from, std::uint64_t& position) noexcept : arriving(from, position), items_(&from.items) {}
    std::optional<T> await_resume() {
        if (!this->arrived()) return std::nullopt;
        std::optional<T> item = (*items_)[this->base_->slot(*this->position_)];
        ++*this->position_;
        return item;
    }

private:
    std::vector<std::optional<T>>* items_;
};

/// What `broadcast_receiver::receive` returns.
template <class T> class [[nodiscard("co_await it")]] broadcast_receiver<T>::receiving final : public next_awaiter {
public:
    using next_awaiter::next_awaiter;
    T await_resume() {
        std::optional<T> item = next_awaiter::await_resume();
        if (!item) throw broadcast_closed();
        return std::move(*item);
    }
};

}  // namespace torus::inline v0
