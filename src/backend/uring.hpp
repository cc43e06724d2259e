// src/backend/uring.hpp: the backend that hands operations to the kernel and takes completions back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <torus/core/backend.hpp>

#include "backend/descriptor_table.hpp"
#include "backend/operation_list.hpp"
#include "backend/uring_ring.hpp"
#include "backend/wake_event.hpp"

namespace torus::inline v0 {

/// io_uring. An operation's address is its request's user_data. The queue is handed over together with the wait, once
/// per pass of the loop.
///
/// Where the queue is full, operations and cancels wait in lists, and go in at the next entry into the kernel. A cancel
/// names its target by address, which is safe though the address may be used anew: it stands in the queue before
/// anything that is submitted later, and while it waits in the list it is withdrawn when its operation completes.
class uring_backend final : public backend {
public:
    /// @throws std::system_error  the kernel refuses
    uring_backend() = default;
    ~uring_backend() override;

    bool attempt(operation& op) noexcept override;
    void submit(operation& op) noexcept override;
    void cancel(operation& op) noexcept override;
    void close(int descriptor) noexcept override;
    void wait(duration at_most) noexcept override;
    void wake() noexcept override;
    std::size_t in_flight() const noexcept override { return in_flight_; }
    int descriptor() override;
    bool has_work() const noexcept override;
    std::string_view name() const noexcept override { return "io_uring"; }

private:
    struct descriptor_state {
        operation_list operations;  // in the queue, or in the kernel
        std::uint32_t in_flight = 0;  // those, and those that wait elsewhere
        std::uint32_t receiving = 0;
        std::uint32_t sending = 0;
        bool drained = false;  // there was nothing more to receive when we last looked
        bool asks_before_reading = true;  // a read may be had from the kernel's memory
        bool closing = false;
    };

    descriptor_state* state_of(const operation& op) noexcept;
    bool attempt_receiving(operation& op, descriptor_state& state) noexcept;
    bool attempt_reading(operation& op) noexcept;
    void submit_close(operation& op) noexcept;
    void put_in(operation& op, descriptor_state& state) noexcept;
    bool enqueue(operation& op, descriptor_state& state) noexcept;
    bool enqueue_cancel(operation& op) noexcept;
    void end(operation& op, std::int32_t result) noexcept;
    void end_unsubmitted(int descriptor) noexcept;
    void arm_wake() noexcept;
    void fill_queue() noexcept;
    bool is_backed_up() const noexcept { return !uncancelled_.empty() || !unsubmitted_.empty(); }
    void enter(duration at_most) noexcept;
    void reap() noexcept;
    void complete(operation& op, std::int32_t result, std::uint32_t flags) noexcept;
    void deliver(operation& op, descriptor_state* state) noexcept;
    void close_now(int descriptor, descriptor_state& state) noexcept;

    uring_ring ring_;
    wake_event wake_;
    std::optional<wake_event> news_;  // of completions, for a foreign event loop
    bool wake_armed_ = false;
    bool woken_ = false;  // within the wait() of now
    bool lost_completions_ = false;
    std::size_t in_flight_ = 0;
    operation_list unsubmitted_;  // the queue was full
    operation_list uncancelled_;  // in the kernel, to be cancelled; the queue was full
    operation_list ended_;  // have a result, and wait for wait()
    operation_list closers_;  // wait for what is in flight on their descriptors
    descriptor_state elsewhere_;  // of operations without a descriptor
    descriptor_table<descriptor_state> descriptors_;
};

}  // namespace torus::inline v0
