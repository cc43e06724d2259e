// src/backend/uring_ring.cpp: how a ring is made, probed, entered and given back.
#include "backend/uring_ring.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <memory>
#include <system_error>

#include <unistd.h>

namespace torus::inline v0 {

namespace {

// Since Linux 6.15, newer than the headers of liburing 2.3: waiting for a ring is not waiting for a disk, and must not
// be shown as such by top(1).
constexpr unsigned feature_no_iowait = 1U << 17;
constexpr unsigned enter_no_iowait = 1U << 7;

// Since 6.1 at the latest. Without them: completions are lost when the queue is full; sockets wait on threads; a wait
// has no time limit; each cancel has a completion of its own; a request's parameters must outlive its submission;
// read(2)'s own offset can't be named.
constexpr unsigned needed_features = IORING_FEAT_NODROP | IORING_FEAT_FAST_POLL | IORING_FEAT_EXT_ARG |
                                     IORING_FEAT_CQE_SKIP | IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_RW_CUR_POS;

// The kernel adds the time it may wait to its clock, which must not overflow. Waking once a year costs nothing.
constexpr duration longest_wait = std::chrono::years(1);

// A request for nothing is answered at once by any ring that works.
constexpr duration answer_time = std::chrono::seconds(1);

constexpr std::array needed_operations{
    IORING_OP_NOP,         IORING_OP_READ,     IORING_OP_WRITE,  IORING_OP_RECV,      IORING_OP_SEND,
    IORING_OP_RECVMSG,     IORING_OP_SENDMSG,  IORING_OP_ACCEPT, IORING_OP_CONNECT,   IORING_OP_POLL_ADD,
    IORING_OP_OPENAT,      IORING_OP_FSYNC,    IORING_OP_STATX,  IORING_OP_FALLOCATE, IORING_OP_UNLINKAT,
    IORING_OP_MKDIRAT,     IORING_OP_RENAMEAT, IORING_OP_LINKAT, IORING_OP_SYMLINKAT, IORING_OP_CLOSE,
    IORING_OP_ASYNC_CANCEL};

/// The memory of a ring that has ended may come back as that of another thread's ring. The order of the two is known to
/// the kernel only; this tells it to whoever watches this process for data races.
void note_change_of_hands() noexcept {
    static std::atomic<unsigned> changes{0};
    changes.fetch_add(1, std::memory_order_acq_rel);  // after mapping and before unmapping: the kernel orders the two
}

[[noreturn]] void refuse(int error, const char* why) {
    throw std::system_error(error, std::system_category(), std::string("torus: io_uring: ") + why);
}

const char* explain_setup(int error) noexcept {
    switch (error) {
    case EPERM: return "forbidden here, by a container's seccomp filter or by kernel.io_uring_disabled";
    case EACCES: return "forbidden here by a security module";
    case ENOSYS: return "not in this kernel";
    case EINVAL: return "this kernel's is older than that of Linux 6.1";
    case ENOMEM: return "no memory for a ring (see ulimit -l)";
    default: return "no ring can be made";
    }
}

}  // namespace

uring_ring::uring_ring() : thread_(::gettid()) {
    io_uring_params parameters{};
    // TASKRUN_FLAG tells without a system call that the kernel has deferred work: see has_more().
    parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG |
                       IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE;
    parameters.cq_entries = completion_entries;
    if (const int result = io_uring_queue_init_params(submission_entries, &ring_, &parameters); result < 0)
        refuse(-result, explain_setup(-result));
    note_change_of_hands();
    entered_as_ = ring_.ring_fd;
    try {
        require(needed_features);
        require_operations();
        if (ring_.features & feature_no_iowait) enter_flags_ |= enter_no_iowait;
        register_descriptor();
        require_answer();
    } catch (...) {
        give_back();
        throw;
    }
}

uring_ring::~uring_ring() { give_back(); }

void uring_ring::give_back() noexcept {
    unregister_descriptor();
    note_change_of_hands();
    io_uring_queue_exit(&ring_);
}

void uring_ring::require(unsigned features) const {
    if ((ring_.features & features) != features) refuse(EOPNOTSUPP, explain_setup(EINVAL));
}

void uring_ring::require_operations() {
    const std::unique_ptr<io_uring_probe, decltype(&io_uring_free_probe)> probe(io_uring_get_probe_ring(&ring_),
                                                                                &io_uring_free_probe);
    if (!probe) refuse(EOPNOTSUPP, "it can't be asked what it is able to do");
    for (const auto each : needed_operations)
        if (!io_uring_opcode_supported(probe.get(), each)) refuse(EOPNOTSUPP, "an operation is missing or forbidden");
}

/// A sandbox may let a ring be made, but not be used.
void uring_ring::require_answer() {
    io_uring_sqe* const entry = next_entry();
    io_uring_prep_nop(entry);
    entry->user_data = 0;
    if (const int result = enter(answer_time); result < 0) refuse(-result, "a ring can't be entered");
    if (reap([](std::uint64_t, std::int32_t, std::uint32_t) {}) != 1) refuse(EIO, "a ring doesn't answer");
}

/// Spares the kernel the look-up of the ring's descriptor at each entry. A thread can register sixteen; the ring works
/// without. (liburing's own function would unregister on whatever thread the ring dies.)
void uring_ring::register_descriptor() noexcept {
    io_uring_rsrc_update update{};
    update.offset = ~0U;  // any index
    update.data = static_cast<std::uint64_t>(ring_.ring_fd);
    if (io_uring_register(static_cast<unsigned>(ring_.ring_fd), IORING_REGISTER_RING_FDS, &update, 1) != 1) return;
    entered_as_ = static_cast<int>(update.offset);
    enter_flags_ |= IORING_ENTER_REGISTERED_RING;
}

/// On another thread the index would mean another ring. The kernel drops the registration with the thread.
void uring_ring::unregister_descriptor() noexcept {
    if (!(enter_flags_ & IORING_ENTER_REGISTERED_RING) || !is_own_thread()) return;
    io_uring_rsrc_update update{};
    update.offset = static_cast<unsigned>(entered_as_);
    io_uring_register(static_cast<unsigned>(ring_.ring_fd), IORING_UNREGISTER_RING_FDS, &update, 1);
}

void uring_ring::announce_completions(int event) {
    const int result = io_uring_register(static_cast<unsigned>(ring_.ring_fd), IORING_REGISTER_EVENTFD, &event, 1);
    if (result < 0) refuse(-result, "completions can't be announced to an eventfd");
}

bool uring_ring::is_own_thread() const noexcept { return thread_ == ::gettid(); }

int uring_ring::enter(duration at_most) noexcept {
    // Released: the kernel must see the entries before their number.
    io_uring_smp_store_release(ring_.sq.ktail, ring_.sq.sqe_tail);
    const unsigned to_submit = unsubmitted();
    const auto descriptor = static_cast<unsigned>(entered_as_);
    int result = 0;
    if (at_most <= duration::zero()) {
        result = io_uring_enter2(descriptor, to_submit, 0, enter_flags_, nullptr, _NSIG / 8);
    } else if (at_most == duration::max()) {
        result = io_uring_enter2(descriptor, to_submit, 1, enter_flags_, nullptr, _NSIG / 8);
    } else {
        at_most = std::min(at_most, longest_wait);
        const auto seconds = std::chrono::floor<std::chrono::seconds>(at_most);
        __kernel_timespec time{seconds.count(), (at_most - seconds).count()};
        io_uring_getevents_arg argument{};
        argument.ts = reinterpret_cast<std::uintptr_t>(&time);
        result = io_uring_enter2(descriptor, to_submit, 1, enter_flags_ | IORING_ENTER_EXT_ARG,
                                 reinterpret_cast<sigset_t*>(&argument), sizeof argument);
    }
    return result < 0 ? result : 0;
}

const std::string& why_no_uring() {
    static const std::string why = [] {
        try {
            const uring_ring ring;
            return std::string();
        } catch (const std::system_error& refused) {
            return std::string(refused.what());
        }
    }();
    return why;
}

}  // namespace torus::inline v0
