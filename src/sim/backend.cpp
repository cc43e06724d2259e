// src/sim/backend.cpp: operations on simulated sockets and files.
#include "sim/backend.hpp"

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>
#include <vector>

#include "backend/direct.hpp"
#include "sim/calls.hpp"

#include <poll.h>
#include <sys/socket.h>

namespace torus::inline v0::sim {

namespace {

// Of operation::backend_part::state.
constexpr std::uint32_t in_line = 1;
constexpr std::uint32_t is_late = 2;
constexpr std::uint32_t is_at_disk = 3;

operation_list* line_of(const operation& op, socket& on) noexcept {
    switch (op.what) {
    case verb::receive:
    case verb::receive_message:
    case verb::accept: return &on.readers;
    case verb::send:
    case verb::send_message:
    case verb::connect: return &on.writers;
    case verb::poll:
    case verb::arrival: return &on.pollers;
    default: return nullptr;
    }
}

bool is_message(verb what) noexcept { return what == verb::receive_message || what == verb::send_message; }

/// What it wants to move; `room` holds it where it is one piece.
std::span<const iovec> pieces_of(const operation& op, iovec& room) noexcept {
    if (is_message(op.what)) {
        const auto& message = *static_cast<const msghdr*>(op.address);
        return {message.msg_iov, message.msg_iovlen};
    }
    room = {op.address, op.length};
    return {&room, 1};
}

/// The pieces after their first `skipped` bytes, and of those `at_most`.
std::vector<iovec> part_of(std::span<const iovec> pieces, std::size_t skipped, std::size_t at_most) {
    std::vector<iovec> part;
    for (const iovec& each : pieces) {
        const std::size_t begin = std::min(skipped, each.iov_len);
        const std::size_t count = std::min(at_most, each.iov_len - begin);
        skipped -= begin;
        at_most -= count;
        if (count > 0) part.push_back({static_cast<std::byte*>(each.iov_base) + begin, count});
    }
    return part;
}

}  // namespace

kernel_backend::kernel_backend(std::shared_ptr<wire> on, int host, std::shared_ptr<disk> with, bool real_threads)
    : wire_(std::move(on)), kernel_(*wire_, host, *this), calls_(calls_of(kernel_, *wire_)),
      threads_(real_threads ? nullptr : std::make_shared<simulated_threads>(wire_, host, *this)),
      files_(std::move(with), threads_.get()) {}

kernel_backend::~kernel_backend() {
    for (const auto& [op, event] : late_) wire_->events().erase(event);
}

void kernel_backend::silence() noexcept {
    files_.silence();
    if (threads_) threads_->set_ending(true);
}

void kernel_backend::cut_off() noexcept {
    silence();
    wire_->detach(kernel_);
    files_.forget();
}

thread_calls& kernel_backend::threads() noexcept { return threads_ ? *threads_ : kernel_threads(); }

void kernel_backend::set_paused(bool paused) {
    if (threads_) threads_->set_paused(paused);
}

int kernel_backend::random(void* into, std::size_t size) noexcept {
    auto* const bytes = static_cast<std::byte*>(into);
    std::generate_n(bytes, size, [this] { return static_cast<std::byte>(wire_->luck().bits()); });
    return static_cast<int>(size);
}

bool kernel_backend::attempt(operation& op) noexcept {
    if (wire_->hears_late()) return false;  // `finish` decides
    if (op.what == verb::read && files_.has(op.descriptor) && !files_.on().is_slow()) {
        op.result = files_.perform(op);
        return true;
    }
    socket* const on = kernel_.find(op.descriptor);
    operation_list* const line = on ? line_of(op, *on) : nullptr;
    if (!line || !line->empty() || op.what == verb::connect || direct::wants_all(op)) return false;
    const wire::turn now(*wire_);
    op.in_backend = {};
    op.result = perform(op, *on);
    return op.result != -EAGAIN;
}

void kernel_backend::submit(operation& op) noexcept {
    socket* const on = kernel_.find(op.descriptor);
    if (!on && files_.concerns(op)) return submit_to_disk(op);
    if (!on && op.descriptor < kernel::first_number) return simulated_backend::submit(op);
    const wire::turn now(*wire_);
    begin(op);
    if (!on) return finish(op, -EBADF);
    if (op.what == verb::close) {
        close(op.descriptor);
        return finish(op, 0);
    }
    operation_list* const line = line_of(op, *on);
    if (!line) return finish(op, op.what == verb::nop ? 0 : -EINVAL);
    std::int32_t result = -EAGAIN;
    if (op.what == verb::connect) {
        result = on->connect(address::from(static_cast<const sockaddr*>(op.address), op.length));
        if (result != -EINPROGRESS) return finish(op, result);
        result = -EAGAIN;
    } else if (line->empty() || line == &on->pollers) {
        result = proceed(op, *on);
    }
    if (result != -EAGAIN) return finish(op, result);
    op.in_backend.state = in_line;
    line->push_back(op);
}

/// Until it is complete: once, or until it has all of the bytes it wants.
std::int32_t kernel_backend::proceed(operation& op, socket& on) {
    if (!direct::wants_all(op) || on.type() != SOCK_STREAM) return perform(op, on);
    iovec room{};
    const std::size_t whole = size_of(pieces_of(op, room));
    for (;;) {
        const std::int32_t moved = perform(op, on);
        if (moved == -EAGAIN) return moved;
        if (moved <= 0) return op.in_backend.moved > 0 ? static_cast<std::int32_t>(op.in_backend.moved) : moved;
        op.in_backend.moved += static_cast<std::uint32_t>(moved);
        if (op.in_backend.moved >= whole) return static_cast<std::int32_t>(op.in_backend.moved);
    }
}

std::int32_t kernel_backend::perform(operation& op, socket& on) {
    switch (op.what) {
    case verb::connect: return on.connect_outcome();
    case verb::accept: return accept(op, on);
    case verb::poll:
    case verb::arrival: {
        const unsigned came = on.events() & (op.flags | POLLERR | POLLHUP);
        return came ? static_cast<std::int32_t>(came) : -EAGAIN;
    }
    default: return transfer(op, on);
    }
}

std::int32_t kernel_backend::accept(const operation& op, socket& on) {
    if (!kernel_.has_free_number()) return -EMFILE;
    int error = 0;
    std::shared_ptr<socket> client = on.accept(error);
    if (!client) return error;
    if (op.second) tell(client->peer(), op.address, *static_cast<socklen_t*>(op.second));
    return kernel_.add(std::move(client));
}

/// Moves some of what it has not moved yet.
std::int32_t kernel_backend::transfer(const operation& op, socket& on) {
    iovec room{};
    const std::span<const iovec> all = pieces_of(op, room);
    const std::size_t left = size_of(all) - op.in_backend.moved;
    const std::vector<iovec> pieces =
        part_of(all, op.in_backend.moved, on.type() == SOCK_STREAM ? wire_->portion(left) : left);
    auto* const message = is_message(op.what) ? static_cast<msghdr*>(op.address) : nullptr;
    address other;
    if (op.what == verb::send || op.what == verb::send_message) {
        if (message && message->msg_controllen > 0) return -EOPNOTSUPP;  // descriptors are not passed on
        if (message && message->msg_namelen > 0)
            other = address::from(static_cast<const sockaddr*>(message->msg_name), message->msg_namelen);
        return on.send(pieces, other);
    }
    const std::int32_t got = on.receive(pieces, static_cast<int>(op.flags), other);
    if (message && got >= 0) {
        tell(other, message->msg_name, message->msg_namelen);
        message->msg_controllen = 0;
        message->msg_flags = static_cast<std::size_t>(got) > left ? MSG_TRUNC : 0;
    }
    return got;
}

/// Called whenever it may have become possible to go on; also by what goes on.
void kernel_backend::changed(socket& one) noexcept {
    one.has_changed = true;
    if (std::exchange(one.is_tried, true)) return;
    while (std::exchange(one.has_changed, false)) {
        retry(one.readers, one, false);
        retry(one.writers, one, false);
        retry(one.pollers, one, true);
    }
    one.is_tried = false;
}

/// The first of a line goes on first; `all`: each by itself.
void kernel_backend::retry(operation_list& line, socket& on, bool all) {
    for (operation* op = line.front(); op;) {
        operation* const next = operation_list::after(*op);
        const std::int32_t result = proceed(*op, on);
        if (result == -EAGAIN && !all) return;
        if (result != -EAGAIN) {
            line.erase(*op);
            finish(*op, result);
        }
        op = next;
    }
}

/// The program hears of it, now or a little later.
void kernel_backend::finish(operation& op, std::int32_t result) noexcept {
    op.in_backend.state = 0;
    const duration delay = wire_->delay();
    if (delay <= duration::zero()) return end(op, result);
    op.in_backend.state = is_late;
    op.result = result;
    late_[&op] = wire_->events().add(wire_->events().now() + delay, [this, &op] {
        late_.erase(&op);
        end(op, op.result);
    });
}

/// What has ended already keeps its result, and is heard of at once.
void kernel_backend::cancel(operation& op) noexcept {
    if (op.in_backend.state == in_line) {
        line_of(op, *kernel_.find(op.descriptor))->erase(op);
        op.in_backend.state = 0;
        end(op, direct::result_of_cancelled(op));
    } else if (late_.contains(&op)) {
        end_early(op);
    }
}

// ------------------------------------------------------------------------------------------------------------------
// Files

/// It happens when the disk has come to it.
void kernel_backend::submit_to_disk(operation& op) {
    begin(op);
    if (op.what == verb::close) {
        const bool is_open = files_.has(op.descriptor);
        close(op.descriptor);
        return finish(op, is_open ? 0 : -EBADF);
    }
    const duration delay = files_.on().delay();
    if (delay <= duration::zero()) return finish(op, files_.perform(op));
    op.in_backend.state = is_at_disk;
    late_[&op] = wire_->events().add(wire_->events().now() + delay, [this, &op] {
        late_.erase(&op);
        finish(op, files_.perform(op));
    });
}

void kernel_backend::end_early(operation& op) noexcept {
    const auto late = late_.find(&op);
    wire_->events().erase(late->second);
    late_.erase(late);
    end(op, op.in_backend.state == is_at_disk ? -ECANCELED : op.result);
}

void kernel_backend::end_at_disk(int descriptor) noexcept {
    std::vector<operation*> ended;
    for (const auto& [op, event] : late_)
        if (op->in_backend.state == is_at_disk && op->descriptor == descriptor) ended.push_back(op);
    for (operation* const each : ended) end_early(*each);
}

void kernel_backend::close(int descriptor) noexcept {
    if (files_.has(descriptor)) {
        end_at_disk(descriptor);
        return files_.close(descriptor);
    }
    const std::shared_ptr<socket> closed = kernel_.take(descriptor);
    if (!closed) {
        if (descriptor < kernel::first_number) simulated_backend::close(descriptor);
        return;
    }
    const wire::turn now(*wire_);
    for (operation_list* each : {&closed->readers, &closed->writers, &closed->pollers})
        while (operation* const op = each->pop_front()) finish(*op, direct::result_of_cancelled(*op));
    closed->close();
}

void kernel_backend::close_all() noexcept {
    for (const int each : kernel_.numbers()) close(each);
    files_.close_all();
    if (threads_) threads_->set_ending(false);
}

}  // namespace torus::inline v0::sim
