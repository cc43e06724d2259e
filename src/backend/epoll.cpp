// src/backend/epoll.cpp: operations tried, put in line, and tried again when their descriptor has become ready.
#include "backend/epoll.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <torus/core/loop.hpp>

#include "backend/direct.hpp"
#include "backend/epoll_places.hpp"
#include "backend/time_limit.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace torus::inline v0 {

namespace {

constexpr std::uint32_t all_events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET;
constexpr std::uint64_t wake_token = ~std::uint64_t{0};

/// In which line an operation waits.
enum class line : std::uint8_t { readers, writers, pollers, none };

line line_of(const operation& op) noexcept {
    switch (op.what) {
    case verb::receive:
    case verb::receive_message:
    case verb::accept: return line::readers;
    case verb::send:
    case verb::send_message:
    case verb::connect: return line::writers;
    case verb::poll:
    case verb::arrival: return line::pollers;
    case verb::read: return op.offset == current_position ? line::readers : line::none;
    case verb::write: return op.offset == current_position ? line::writers : line::none;
    default: return line::none;
    }
}

bool reads_or_writes(verb what) noexcept { return what == verb::read || what == verb::write; }

/// The outcome of a connection that was begun: -EAGAIN while it is open.
std::int32_t finish_connect(const operation& op) noexcept {
    pollfd descriptor{op.descriptor, POLLOUT, 0};
    if (::poll(&descriptor, 1, 0) <= 0) return -EAGAIN;
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(op.descriptor, SOL_SOCKET, SO_ERROR, &error, &size) < 0) return -errno;
    return -error;
}

}  // namespace

epoll_backend::epoll_backend() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    epoll_event event{EPOLLIN | EPOLLET, {.u64 = wake_token}};
    if (epoll_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_.descriptor(), &event) < 0) {
        const int error = errno;
        if (epoll_ >= 0) ::close(epoll_);
        throw std::system_error(error, std::system_category(), "torus: epoll");
    }
}

epoll_backend::~epoll_backend() {
    for (std::size_t i = 0; i < descriptors_.size(); ++i)
        if (descriptors_.find(static_cast<int>(i))->closing) ::close(static_cast<int>(i));
    drop_jobs();
    ::close(epoll_);
}

// ------------------------------------------------------------------------------------------------------------------
// Calling

bool epoll_backend::attempt(operation& op) noexcept {
    const line where = line_of(op);
    const bool is_positioned_read = where == line::none && op.what == verb::read;
    if ((where == line::none && !is_positioned_read) || op.what == verb::connect || direct::wants_all(op)) return false;
    if (where == line::pollers) {
        op.result = direct::call(op);
        return op.result != -EAGAIN;
    }
    descriptor_state* const state = descriptors_.reach(op.descriptor);
    if (!state) return false;
    if (state->closing) {
        op.result = -EBADF;
        return true;
    }
    if (is_positioned_read) return attempt_cached(op, *state);
    bool& ready = where == line::readers ? state->readable : state->writable;
    const operation_list& before = where == line::readers ? state->readers : state->writers;
    if (!ready || !before.empty()) return false;
    if (reads_or_writes(op.what)) {
        classify(op.descriptor, *state);
        if (state->how == kind::file) return op.what == verb::read && state->jobs == 0 && attempt_cached(op, *state);
    }
    op.result = try_now(op, *state);
    ready = ready && op.result != -EAGAIN;
    return op.result != -EAGAIN;
}

/// A file's bytes that are in memory are copied at once; for others a thread waits.
bool epoll_backend::attempt_cached(operation& op, descriptor_state& state) noexcept {
    if (op.length > direct::largest_cached_read || !state.asks_before_reading) return false;
    op.result = direct::read_cached(op);
    if (op.result == -EOPNOTSUPP) state.asks_before_reading = false;
    return op.result != -EAGAIN && op.result != -EOPNOTSUPP;
}

std::int32_t epoll_backend::try_now(operation& op, descriptor_state& state) noexcept {
    if (op.what == verb::receive && !direct::wants_all(op)) [[likely]] {
        const std::int32_t result = direct::call(op);
        note_receipt(op, state, result);
        return result;
    }
    if (op.what == verb::connect) return finish_connect(op);
    if (reads_or_writes(op.what) && state.how == kind::blocking) return direct::call_if_ready(op);
    const std::int32_t result = direct::proceed(op);
    if (op.what == verb::accept) forget_former(op, result);
    return result;
}

/// A short read from a TCP socket has emptied it, which spares the call that would only say so: the next byte makes an
/// edge. Not so once the stream has ended, when no further edge may come, and not with datagrams and Unix sockets, which
/// stop at the bounds of messages.
void epoll_backend::note_receipt(const operation& op, descriptor_state& state, std::int32_t result) noexcept {
    if (result <= 0 || static_cast<std::size_t>(result) >= op.length) return;
    if (op.flags != 0 || state.eventful || state.events != all_events) return;
    if (state.over == transport::unknown) {
        int protocol = 0;
        socklen_t size = sizeof protocol;
        const bool known = ::getsockopt(op.descriptor, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0;
        state.over = known && protocol == IPPROTO_TCP ? transport::tcp : transport::other;
    }
    if (state.over == transport::tcp) state.readable = false;
}

/// Finds out how a descriptor that is read or written as a file behaves.
void epoll_backend::classify(int descriptor, descriptor_state& state) noexcept {
    if (state.how != kind::unknown) return;
    const int flags = ::fcntl(descriptor, F_GETFL);
    if (flags < 0) return;  // the call itself will say what is wrong
    if (watch(descriptor, state, all_events) == EPERM) state.how = kind::file;
    else state.how = flags & O_NONBLOCK ? kind::nonblocking : kind::blocking;
}

/// A descriptor has just been made: whatever is known of its number is of a file that was closed behind our back.
void epoll_backend::forget_former(const operation& op, std::int32_t result) noexcept {
    if (result < 0 || (op.what != verb::accept && op.what != verb::open)) return;
    descriptor_state* const former = descriptors_.find(result);
    if (!former) return;
    end_all(*former);
    renew(*former);
}

/// The descriptor's number stands for another file from now on. What is on threads, or among the runnable, stays so.
void epoll_backend::renew(descriptor_state& state) noexcept {
    const descriptor_state former = std::exchange(state, {});
    state.generation = former.generation + 1;
    state.jobs = former.jobs;
    state.next_runnable = former.next_runnable;
    state.runnable = former.runnable;
}

/// Has epoll report `events` of a descriptor, beginning with those that are there. Returns an errno.
int epoll_backend::watch(int descriptor, descriptor_state& state, std::uint32_t events) noexcept {
    const std::uint64_t mark = std::uint64_t{state.generation} << 32 | static_cast<std::uint32_t>(descriptor);
    epoll_event event{events, {.u64 = mark}};
    const int first = state.events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (::epoll_ctl(epoll_, first, descriptor, &event) < 0) {
        // Closed and opened again, or known by this number from a former file: not what we thought, but no trouble.
        const int second = errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
        if ((errno != ENOENT && errno != EEXIST) || ::epoll_ctl(epoll_, second, descriptor, &event) < 0) {
            state.events = 0;
            return errno;
        }
    }
    state.events = events;
    return 0;
}

// ------------------------------------------------------------------------------------------------------------------
// Waiting in line

void epoll_backend::submit(operation& op) noexcept {
    op.in_backend = {};
    ++in_flight_;
    const line where = line_of(op);
    if (op.what == verb::close) return submit_close(op);
    if (where == line::none) return op.what == verb::nop ? end(op, 0) : submit_job(op);
    descriptor_state* const state = descriptors_.reach(op.descriptor);
    if (!state) [[unlikely]]
        return end(op, why_unreachable(op.descriptor));
    if (state->closing) [[unlikely]]
        return end(op, -EBADF);
    if (where == line::pollers) return submit_poll(op, *state);
    if (op.what == verb::connect) return submit_connect(op, *state);
    if (reads_or_writes(op.what)) {
        classify(op.descriptor, *state);
        if (state->how == kind::file) return submit_job(op);
    }
    const bool receives = where == line::readers;
    enqueue(op, receives ? state->readers : state->writers, *state);
    if (receives ? state->readable : state->writable) make_runnable(op.descriptor, *state);
}

/// Puts `op` at the end of the line, where the next event finds it.
void epoll_backend::enqueue(operation& op, operation_list& list, descriptor_state& state) noexcept {
    if (state.events != all_events) {
        if (const int error = watch(op.descriptor, state, all_events); error != 0) return end(op, -error);
    }
    list.push_back(op);
}

/// The descriptor may be anybody's, so nothing is taken for granted: epoll is told anew, and reports what is there. Not
/// so for an arrival where our last receive has found nothing more: then the next byte makes an edge.
void epoll_backend::submit_poll(operation& op, descriptor_state& state) noexcept {
    const bool is_ours = op.what == verb::arrival;
    if (is_ours && state.events == all_events && !state.readable && !state.eventful) return state.pollers.push_back(op);
    std::uint32_t events = state.events == all_events || is_ours ? all_events : op.flags | EPOLLET;
    if (events != all_events)
        for (operation* each = state.pollers.front(); each; each = operation_list::after(*each)) events |= each->flags;
    switch (const int error = watch(op.descriptor, state, events)) {
    case 0: return state.pollers.push_back(op);
    case EPERM: return end(op, direct::call(op));  // a regular file, which is always ready
    default: return end(op, -error);
    }
}

void epoll_backend::submit_connect(operation& op, descriptor_state& state) noexcept {
    const std::int32_t result = direct::call(op);
    if (result != -EINPROGRESS) return end(op, result);
    // It is a new socket, whoever had the number before. One that isn't connected yet may have reported a hang-up.
    if (state.readers.empty() && state.writers.empty() && state.pollers.empty()) renew(state);
    state.writable = false;
    if (const int error = watch(op.descriptor, state, all_events); error != 0) return end(op, -error);
    state.writers.push_back(op);
}

void epoll_backend::make_runnable(int descriptor, descriptor_state& state) noexcept {
    if (std::exchange(state.runnable, true)) return;
    state.next_runnable = std::exchange(first_runnable_, descriptor);
}

void epoll_backend::run_runnable() noexcept {
    for (int each = std::exchange(first_runnable_, -1); each >= 0;) {
        descriptor_state& state = *descriptors_.find(each);
        const int next = std::exchange(state.next_runnable, -1);
        state.runnable = false;
        run(each);
        each = next;
    }
}

void epoll_backend::run(int descriptor) noexcept {
    descriptor_state& state = *descriptors_.find(descriptor);
    run_list(state.readers, state.readable, state);
    run_list(state.writers, state.writable, state);
}

void epoll_backend::run_list(operation_list& list, bool& ready, descriptor_state& state) noexcept {
    while (ready && !list.empty()) {
        operation& op = *list.front();
        op.result = try_now(op, state);
        if (op.result == -EAGAIN) ready = false;
        else {
            list.erase(op);
            deliver(op);
        }
    }
}

/// `seen` is what epoll has just said of the descriptor. An arrival believes it, unless a receive has found nothing more
/// since; a poll, of what may be anybody's, asks.
void epoll_backend::run_pollers(descriptor_state& state, std::uint32_t seen) noexcept {
    constexpr std::uint32_t always = EPOLLERR | EPOLLHUP;
    for (operation* op = state.pollers.front(); op;) {
        operation* const next = operation_list::after(*op);
        if (op->what == verb::arrival) {
            const std::uint32_t came = state.readable ? seen & (op->flags | always) : 0;
            op->result = came ? static_cast<std::int32_t>(came) : -EAGAIN;
        } else {
            op->result = direct::call(*op);
        }
        if (op->result != -EAGAIN) {
            state.pollers.erase(*op);
            deliver(*op);
        }
        op = next;
    }
}

/// Gives `op`, which is in no line, its result; the next wait() delivers it.
void epoll_backend::end(operation& op, std::int32_t result) noexcept {
    op.result = result;
    op.in_backend.state = epoll_place::in_ended;
    ended_.push_back(op);
}

/// Ends everything that waits in line for a descriptor.
void epoll_backend::end_all(descriptor_state& state) noexcept {
    for (operation_list* each : {&state.readers, &state.writers, &state.pollers})
        while (operation* const op = each->pop_front()) end(*op, direct::result_of_cancelled(*op));
}

void epoll_backend::cancel(operation& op) noexcept {
    if (op.in_backend.state == epoll_place::in_ended || op.what == verb::close) return;
    if (op.in_backend.state == epoll_place::on_thread) return cancel_job(op);
    descriptor_state& state = *descriptors_.find(op.descriptor);
    const line where = line_of(op);
    (where == line::readers ? state.readers : where == line::writers ? state.writers : state.pollers).erase(op);
    end(op, direct::result_of_cancelled(op));
}

void epoll_backend::close(int descriptor) noexcept {
    descriptor_state* const state = descriptors_.find(descriptor);
    if (!state) {
        ::close(descriptor);
        return;
    }
    if (state->closing) return;
    end_all(*state);
    if (state->jobs > 0) cancel_jobs_on(descriptor);
    if (state->jobs > 0) state->closing = true;
    else close_now(descriptor, *state);
}

/// close(2) takes the descriptor out of epoll, unless another one stands for the same open file; then the events that
/// still come bear an old generation.
void epoll_backend::close_now(int descriptor, descriptor_state& state) noexcept {
    renew(state);
    for (operation* op = closers_.front(); op; op = operation_list::after(*op)) {
        if (op->descriptor != descriptor) continue;
        closers_.erase(*op);
        return submit_close(*op);
    }
    ::close(descriptor);
}

void epoll_backend::deliver(operation& op) noexcept {
    --in_flight_;
    running.loop->completed(op);
}

// ------------------------------------------------------------------------------------------------------------------
// Into the kernel and out again

int epoll_backend::sleep(duration at_most) noexcept {
    if (has_nanoseconds_) {
        const int count =
            ::epoll_pwait2(epoll_, events_.data(), events_at_once, time_limit(at_most).pointer(), nullptr);
        if (count >= 0 || errno != ENOSYS) return count;
        has_nanoseconds_ = false;  // before Linux 5.11
    }
    return ::epoll_wait(epoll_, events_.data(), events_at_once, time_limit(at_most).milliseconds());
}

void epoll_backend::wait(duration at_most) noexcept {
    const std::size_t before = in_flight_;
    run_runnable();
    if (in_flight_ != before || !ended_.empty()) at_most = duration::zero();  // somebody is ready to go on
    const int count = sleep(at_most);  // fails only with EINTR, which is a wake-up too
    for (int i = 0; i < count; ++i) on_event(events_[static_cast<std::size_t>(i)]);
    while (operation* const op = ended_.pop_front()) deliver(*op);
}

void epoll_backend::on_event(const epoll_event& event) noexcept {
    if (event.data.u64 == wake_token) return;
    const auto descriptor = static_cast<int>(event.data.u64 & 0xffffffff);
    descriptor_state& state = *descriptors_.find(descriptor);
    if (state.generation != event.data.u64 >> 32) return;  // of a former file with this number
    constexpr std::uint32_t ends = EPOLLHUP | EPOLLERR;
    if (event.events & (ends | EPOLLRDHUP | EPOLLPRI)) state.eventful = true;
    if (event.events & (ends | EPOLLRDHUP | EPOLLPRI | EPOLLIN)) state.readable = true;
    if (event.events & (ends | EPOLLOUT)) state.writable = true;
    run(descriptor);
    run_pollers(state, event.events);
}

}  // namespace torus::inline v0
