// src/backend/uring_ring.hpp: one io_uring, entered by one thread; the only file that knows liburing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <torus/core/clock.hpp>

#include <liburing.h>
#include <sys/types.h>

namespace torus::inline v0 {

/// An io_uring of this thread. Every function belongs to the thread that constructed it, but the destructor.
class uring_ring {
public:
    /// How many requests wait at most for the next entry into the kernel; a full queue costs one entry more.
    static constexpr unsigned submission_entries = 1024;

    /// How many completions wait at most to be looked at. What comes beyond is kept by the kernel, but slowly.
    static constexpr unsigned completion_entries = 8192;

    /// @throws std::system_error  the kernel refuses it, or is too old
    uring_ring();
    ~uring_ring();
    uring_ring(const uring_ring&) = delete;
    uring_ring& operator=(const uring_ring&) = delete;

    /// An empty entry of the submission queue, to be filled in; null while the queue is full.
    io_uring_sqe* next_entry() noexcept { return io_uring_get_sqe(&ring_); }

    /// Hands the queue over, and waits for a completion, for `at_most`; zero doesn't wait.
    /// Zero, or a negative errno: -ETIME and -EINTR are as good as zero, else what was not taken stays in the queue.
    int enter(duration at_most) noexcept;

    /// Requests in the queue that the kernel has not taken yet.
    unsigned unsubmitted() const noexcept { return ring_.sq.sqe_tail - IO_URING_READ_ONCE(*ring_.sq.khead); }

    /// The kernel has completions that only another enter() brings.
    bool has_more() const noexcept {
        return IO_URING_READ_ONCE(*ring_.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW);
    }

    bool has_completions() const noexcept { return *ring_.cq.khead != io_uring_smp_load_acquire(ring_.cq.ktail); }

    /// Calls `each(user_data, result, flags)` for the completions there are; returns how many.
    template <class Each> unsigned reap(Each each) noexcept {
        const unsigned begin = *ring_.cq.khead;
        const unsigned end = io_uring_smp_load_acquire(ring_.cq.ktail);
        for (unsigned i = begin; i != end; ++i) {
            const io_uring_cqe& entry = ring_.cq.cqes[i & ring_.cq.ring_mask];
            each(entry.user_data, entry.res, entry.flags);
        }
        if (end != begin) io_uring_smp_store_release(ring_.cq.khead, end);
        return end - begin;
    }

    /// Has the kernel write to `event` for completions, and for deferred work that makes some. Who polls the ring itself
    /// does not hear of deferred work.
    /// @throws std::system_error  the kernel refuses
    void announce_completions(int event);

    /// Whether this is the thread that may enter the ring.
    bool is_own_thread() const noexcept;

private:
    void require(unsigned features) const;
    void require_operations();
    void require_answer();
    void give_back() noexcept;
    void register_descriptor() noexcept;
    void unregister_descriptor() noexcept;

    io_uring ring_{};
    unsigned enter_flags_ = IORING_ENTER_GETEVENTS;
    int entered_as_ = -1;  // the ring's descriptor, or its index among the thread's registered ones
    pid_t thread_;
};

/// Why there can be no io_uring here, in a sentence; empty if there can be one. Tried once per process.
const std::string& why_no_uring();

}  // namespace torus::inline v0
