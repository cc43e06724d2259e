// src/backend/uring.cpp: operations on their way into the ring, and completions on their way out.
#include "backend/uring.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include <torus/core/loop.hpp>

#include "backend/direct.hpp"
#include "backend/uring_prepare.hpp"

#include <poll.h>
#include <unistd.h>

namespace torus::inline v0 {

namespace {

using namespace std::chrono_literals;

// user_data is an operation's address, or one of these, which no address is.
constexpr std::uint64_t wake_mark = 1;
constexpr std::uint64_t cancel_mark = 2;

// Where an operation is, in `in_backend.state`, and what else is known of it.
enum : std::uint32_t {
    in_kernel = 0,  // or in the queue: in its descriptor's list
    in_unsubmitted = 1,
    in_uncancelled = 2,
    in_ended = 3,
    in_closers = 4,
    place_mask = 7,
    cancel_asked = 8,
    uncounted = 16,  // its descriptor has no state
};

// While memory is too short for the kernel to take requests, it is asked this often.
constexpr duration pressure_pause = 1ms;

// How long the destructor waits for requests that the loop could not get back.
constexpr duration last_wait = 1s;

std::uint32_t place_of(const operation& op) noexcept { return op.in_backend.state & place_mask; }

void put_into(operation& op, std::uint32_t place) noexcept {
    op.in_backend.state = (op.in_backend.state & ~place_mask) | place;
}

bool receives(verb what) noexcept {
    return what == verb::receive || what == verb::receive_message || what == verb::accept;
}

bool sends(verb what) noexcept { return what == verb::send || what == verb::send_message; }

/// Whether a request ended without an answer: a thread of the kernel was interrupted, by a cancel or by something else;
/// or somebody else was quicker, and an older kernel does not wait a second time on a non-blocking socket.
bool came_to_nothing(const operation& op, std::int32_t result) noexcept {
    if (result == -EINTR) return op.what != verb::close;  // which has happened nevertheless
    return result == -EAGAIN && (receives(op.what) || sends(op.what)) && !(op.flags & MSG_DONTWAIT);
}

std::uint64_t user_data(const operation& op) noexcept { return reinterpret_cast<std::uintptr_t>(&op); }

}  // namespace

/// The loop has cancelled and drained. What the kernel holds still, on a disk that doesn't answer, gets one last chance
/// to stop writing into this process; its operations may be gone, and are not touched.
uring_backend::~uring_backend() {
    if (in_flight_ == 0 || !ring_.is_own_thread()) return;
    const auto end = std::chrono::steady_clock::now() + last_wait;
    if (io_uring_sqe* const entry = ring_.next_entry()) {
        io_uring_prep_cancel64(entry, 0, IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL);
        entry->user_data = cancel_mark;
    }
    for (auto now = end - last_wait; in_flight_ > 0 && now < end; now = std::chrono::steady_clock::now()) {
        ring_.enter(end - now);
        ring_.reap([this](std::uint64_t of, std::int32_t, std::uint32_t) {
            if (of != wake_mark && of != cancel_mark) --in_flight_;
        });
    }
    for (std::size_t i = 0; i < descriptors_.size(); ++i)
        if (descriptors_.find(static_cast<int>(i))->closing) ::close(static_cast<int>(i));
}

uring_backend::descriptor_state* uring_backend::state_of(const operation& op) noexcept {
    if (op.descriptor < 0 || (op.in_backend.state & uncounted)) [[unlikely]]
        return &elsewhere_;
    return descriptors_.find(op.descriptor);
}

// ------------------------------------------------------------------------------------------------------------------
// Operations on their way in

bool uring_backend::attempt(operation& op) noexcept {
    if (op.flags & MSG_WAITALL) return false;  // a partial result could not be taken back
    const bool is_send = sends(op.what);
    if (!is_send && !receives(op.what)) return op.what == verb::read && attempt_reading(op);
    descriptor_state* const state = descriptors_.reach(op.descriptor);
    if (!state) return false;
    if (state->closing) {
        op.result = -EBADF;
        return true;
    }
    if (!is_send) return attempt_receiving(op, *state);
    if (state->sending > 0) return false;  // not past the one that waits
    op.result = direct::call(op);
    return op.result != -EAGAIN;
}

/// Tries only where something may have arrived: not where the last look found all of it.
bool uring_backend::attempt_receiving(operation& op, descriptor_state& state) noexcept {
    if (state.drained || state.receiving > 0) return false;
    op.result = direct::call(op);
    if (op.result == -EAGAIN) {
        state.drained = op.what != verb::accept;  // a listener is always tried: clients come in bursts
        return false;
    }
    if (op.what == verb::receive && op.result > 0) state.drained = static_cast<std::size_t>(op.result) < op.length;
    return true;
}

/// A file's bytes that are in memory are copied at once, which spares the trip through the queue. Not past others that
/// use the file's own position.
bool uring_backend::attempt_reading(operation& op) noexcept {
    if (op.length > direct::largest_cached_read) return false;
    descriptor_state* const state = descriptors_.reach(op.descriptor);
    if (!state || !state->asks_before_reading) return false;
    if (state->closing) {
        op.result = -EBADF;
        return true;
    }
    if (op.offset == current_position && state->in_flight > 0) return false;
    op.result = direct::read_cached(op);
    if (op.result == -EOPNOTSUPP) state->asks_before_reading = false;
    return op.result != -EAGAIN && op.result != -EOPNOTSUPP;
}

void uring_backend::submit(operation& op) noexcept {
    op.in_backend = {};
    ++in_flight_;
    if (op.what == verb::close) [[unlikely]]
        return submit_close(op);
    descriptor_state* state = op.descriptor < 0 ? &elsewhere_ : descriptors_.reach(op.descriptor);
    if (!state) [[unlikely]] {
        op.in_backend.state = uncounted;
        state = &elsewhere_;
    }
    ++state->in_flight;
    state->receiving += receives(op.what);
    state->sending += sends(op.what);
    if (op.in_backend.state == uncounted) [[unlikely]]
        return end(op, why_unreachable(op.descriptor));
    if (state->closing) [[unlikely]]
        return end(op, -EBADF);
    put_in(op, *state);
}

void uring_backend::put_in(operation& op, descriptor_state& state) noexcept {
    if (!is_backed_up() && enqueue(op, state)) [[likely]]
        return;
    put_into(op, in_unsubmitted);
    unsubmitted_.push_back(op);
}

/// It counts as an operation without a descriptor: when the kernel has closed the number, and before we hear of it, the
/// number may be that of a new file.
void uring_backend::submit_close(operation& op) noexcept {
    op.in_backend.state = uncounted;
    ++elsewhere_.in_flight;
    descriptor_state* const state = descriptors_.find(op.descriptor);
    if (state && state->closing) return end(op, -EBADF);
    if (state && state->in_flight > 0) {
        put_into(op, in_closers);
        closers_.push_back(op);
        return close(op.descriptor);
    }
    if (state) *state = {};
    put_in(op, elsewhere_);
}

bool uring_backend::enqueue(operation& op, descriptor_state& state) noexcept {
    io_uring_sqe* const entry = ring_.next_entry();
    if (!entry) [[unlikely]]
        return false;
    prepare(*entry, op, state.drained ? expectation::nothing : expectation::data);
    put_into(op, in_kernel);
    state.operations.push_back(op);
    return true;
}

bool uring_backend::enqueue_cancel(operation& op) noexcept {
    io_uring_sqe* const entry = ring_.next_entry();
    if (!entry) [[unlikely]]
        return false;
    io_uring_prep_cancel64(entry, user_data(op), 0);
    entry->flags |= IOSQE_CQE_SKIP_SUCCESS;  // what counts is the operation's own completion
    entry->user_data = cancel_mark;
    return true;
}

/// Gives `op` its result without the kernel; the next wait() delivers it.
void uring_backend::end(operation& op, std::int32_t result) noexcept {
    op.result = result;
    put_into(op, in_ended);
    ended_.push_back(op);
}

void uring_backend::cancel(operation& op) noexcept {
    if (op.what == verb::close) return;  // what a task has given up is closed nevertheless
    switch (place_of(op)) {
    case in_unsubmitted: unsubmitted_.erase(op); return end(op, -ECANCELED);
    case in_kernel:
        if (op.in_backend.state & cancel_asked) return;
        op.in_backend.state |= cancel_asked;
        if (enqueue_cancel(op)) [[likely]]
            return;
        state_of(op)->operations.erase(op);
        put_into(op, in_uncancelled);
        return uncancelled_.push_back(op);
    default: return;  // on its way already
    }
}

void uring_backend::close(int descriptor) noexcept {
    descriptor_state* const state = descriptors_.find(descriptor);
    if (!state || state->in_flight == 0) {
        if (state) close_now(descriptor, *state);
        else ::close(descriptor);
        return;
    }
    if (state->closing) return;
    state->closing = true;
    for (operation* op = state->operations.front(); op;) {
        operation* const next = operation_list::after(*op);  // a cancel may take it out of the list
        cancel(*op);
        op = next;
    }
    end_unsubmitted(descriptor);
}

void uring_backend::end_unsubmitted(int descriptor) noexcept {
    for (operation* op = unsubmitted_.front(); op;) {
        operation* const next = operation_list::after(*op);
        if (op->descriptor == descriptor) cancel(*op);
        op = next;
    }
}

void uring_backend::close_now(int descriptor, descriptor_state& state) noexcept {
    state = {};
    for (operation* op = closers_.front(); op; op = operation_list::after(*op)) {
        if (op->descriptor != descriptor) continue;
        closers_.erase(*op);
        return put_in(*op, elsewhere_);
    }
    ::close(descriptor);
}

// ------------------------------------------------------------------------------------------------------------------
// Into the kernel and out again

/// The poll stays armed for good, and its edges need no read(2). It ends only where completions overflow.
void uring_backend::arm_wake() noexcept {
    io_uring_sqe* const entry = ring_.next_entry();
    if (!entry) return;  // the queue is full; the next wait() arms it, and this one won't sleep for long
    io_uring_prep_poll_multishot(entry, wake_.descriptor(), POLLIN);
    entry->user_data = wake_mark;
    wake_armed_ = true;
}

/// Moves what found the queue full into it, cancels first, entering the kernel to make room.
void uring_backend::fill_queue() noexcept {
    while (is_backed_up()) {
        while (operation* const op = uncancelled_.front()) {
            if (!enqueue_cancel(*op)) break;
            uncancelled_.erase(*op);
            put_into(*op, in_kernel);
            state_of(*op)->operations.push_back(*op);
        }
        while (operation* const op = unsubmitted_.front()) {
            unsubmitted_.erase(*op);
            if (enqueue(*op, *state_of(*op))) continue;
            unsubmitted_.push_front(*op);
            break;
        }
        if (!is_backed_up()) return;
        const unsigned before = ring_.unsubmitted();
        enter(duration::zero());
        reap();
        if (ring_.unsubmitted() == before) return;  // no memory in the kernel; the next wait() goes on
    }
}

void uring_backend::enter(duration at_most) noexcept {
    const int result = ring_.enter(at_most);
    switch (-result) {
    case 0:
    case EINTR:
    case ETIME:
    case EBUSY: return;  // reap first
    case EAGAIN:
    case ENOMEM:
        if (at_most > duration::zero()) ::poll(nullptr, 0, static_cast<int>(pressure_pause / 1ms));
        return;
    case EBADR:
        if (!std::exchange(lost_completions_, true))
            running.loop->report(
                {"the kernel had no memory for completions of io_uring and lost some of them; the tasks "
                 "that wait for them will not go on",
                 nullptr,
                 {}});
        return;
    default:
        running.loop->report({"io_uring: the ring can't be entered (error " + std::to_string(-result) +
                                  "): is this the thread, and the process, that made the loop?",
                              nullptr,
                              {}});
        std::abort();
    }
}

void uring_backend::reap() noexcept {
    ring_.reap([this](std::uint64_t of, std::int32_t result, std::uint32_t flags) {
        if (of > cancel_mark) complete(*reinterpret_cast<operation*>(of), result, flags);
        else if (of == wake_mark) {
            woken_ = true;
            wake_armed_ = flags & IORING_CQE_F_MORE;
        }
    });
}

void uring_backend::complete(operation& op, std::int32_t result, std::uint32_t flags) noexcept {
    descriptor_state* const state = state_of(op);
    if (place_of(op) == in_uncancelled) uncancelled_.erase(op);  // it was quicker
    else state->operations.erase(op);
    if (came_to_nothing(op, result)) [[unlikely]] {
        if (!(op.in_backend.state & cancel_asked)) {
            put_into(op, in_unsubmitted);
            return unsubmitted_.push_back(op);
        }
        result = -ECANCELED;
    }
    if (op.what == verb::receive)
        state->drained = !(flags & IORING_CQE_F_SOCK_NONEMPTY) && static_cast<std::size_t>(result) != op.length;
    else if (op.what == verb::receive_message) state->drained = false;  // datagrams don't tell whether more are there
    else if (op.what == verb::arrival) state->drained = false;
    op.result = result;
    deliver(op, state);
}

void uring_backend::deliver(operation& op, descriptor_state* state) noexcept {
    --in_flight_;
    --state->in_flight;
    state->receiving -= receives(op.what);
    state->sending -= sends(op.what);
    if (state->closing && state->in_flight == 0) [[unlikely]]
        close_now(op.descriptor, *state);
    running.loop->completed(op);
}

void uring_backend::wait(duration at_most) noexcept {
    if (!wake_armed_) arm_wake();
    woken_ = false;
    const std::size_t before = in_flight_;
    fill_queue();  // may have delivered something already, or taken a wake-up
    const bool has_news = in_flight_ != before || woken_ || !ended_.empty() || ring_.has_completions();
    if (has_news) at_most = duration::zero();
    else if (is_backed_up() || !wake_armed_) at_most = std::min(at_most, pressure_pause);
    if (at_most > duration::zero() || ring_.unsubmitted() > 0 || ring_.has_more()) enter(at_most);
    reap();
    // With one completion asked for, the kernel brings about twenty at a time. Each operation completes once, so this
    // ends; the bound is for a storm of wakes.
    for (std::size_t more = in_flight_; more > 0 && ring_.has_more(); --more) {
        enter(duration::zero());
        reap();
    }
    while (operation* const op = ended_.pop_front()) deliver(*op, state_of(*op));
    if (news_) news_->silence();  // what comes before that is seen by has_work()
}

}  // namespace torus::inline v0
