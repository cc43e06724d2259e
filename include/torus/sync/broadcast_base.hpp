// torus/sync/broadcast_base.hpp: the part of a broadcast that does not depend on what is sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include <torus/sync/waiting_line.hpp>

namespace torus::inline v0 {

/// Thrown by a receive where the sender is gone and everything has been received.
class broadcast_closed : public std::runtime_error {
public:
    broadcast_closed() : std::runtime_error("the broadcast is over") {}
};

/// Thrown by a receive where items were sent that are not kept any more. The next receive gives the oldest that is.
class broadcast_lagged : public std::runtime_error {
public:
    explicit broadcast_lagged(std::uint64_t missed);

    /// How many items this receiver has missed since it last received.
    std::uint64_t missed() const noexcept { return missed_; }

private:
    std::uint64_t missed_;
};

/// What a `broadcast` shares with its receivers, but for the items.
class broadcast_base {
public:
    class arriving;

    explicit broadcast_base(std::size_t capacity);

    /// @{ Positions in all that was ever sent: the oldest item that is kept, and the next one.
    std::uint64_t oldest() const noexcept { return sent_ > capacity_ ? sent_ - capacity_ : 0; }
    std::uint64_t sent() const noexcept { return sent_; }
    /// @}

    std::size_t slot(std::uint64_t position) const noexcept { return static_cast<std::size_t>(position % capacity_); }
    std::size_t receivers() const noexcept { return receivers_; }
    void add_receiver() noexcept { ++receivers_; }
    void remove_receiver() noexcept { --receivers_; }

    /// @throws std::runtime_error  tasks of another loop wait
    void require_loop() const { line_.require_loop(); }

    void note_sent() noexcept {
        ++sent_;
        line_.serve_all();
    }
    void close() noexcept {
        closed_ = true;
        line_.serve_all();
    }

    /// Whether there is an item at `position`; false at the end of everything.
    /// @throws broadcast_lagged     it is not kept any more; `position` is the oldest that is
    /// @throws invalid_state_error  another task has received it meanwhile, with the same receiver
    bool is_there(std::uint64_t& position) const;

private:
    std::uint64_t sent_ = 0;
    std::size_t capacity_;
    std::size_t receivers_ = 0;
    bool closed_ = false;
    waiting_line line_;
};

/// The part of a receive that waits.
class broadcast_base::arriving : public line_waiter {
public:
    bool await_ready() noexcept {
        there_ = base_->sent_ != *position_;
        return there_ ? spend_completion() : base_->closed_;
    }
    bool await_suspend(std::coroutine_handle<> h) { return there_ ? pause(h) : line_up(base_->line_, h); }

protected:
    arriving(broadcast_base& from, std::uint64_t& position) noexcept
        : line_waiter(wait_kind::broadcast), base_(&from), position_(&position) {}
    ~arriving() = default;
    arriving(arriving&&) noexcept = default;

    /// Whether there is an item, and not the end.
    bool arrived() {
        end_wait();
        return base_->is_there(*position_);
    }

    broadcast_base* base_;
    std::uint64_t* position_;
    bool there_ = false;
};

}  // namespace torus::inline v0
