// src/sim/backend.cpp: operations on simulated sockets.
#include "sim/backend.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <torus/core/loop.hpp>
#include <torus/sim/network.hpp>

#include "backend/direct.hpp"
#include "backend/time_limit.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace torus::inline v0::sim {

namespace {

enum place : std::uint32_t { in_line = 1, in_ended = 2 };

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

void store(const address& from, void* name, socklen_t& size) noexcept {
    const auto count = std::min<std::size_t>(size, from.size());
    if (name && count > 0) std::memcpy(name, from.data(), count);
    size = from.size();
}

}  // namespace

std::shared_ptr<backend> network::make_backend() const { return std::make_shared<host_backend>(options_); }

host_backend::host_backend(std::shared_ptr<const network_options> options)
    : wire_(std::move(options)), host_(wire_, *this), calls_(calls_of(host_, wire_)) {}

host_backend::~host_backend() = default;

bool host_backend::attempt(operation& op) noexcept {
    socket* const on = host_.find(op.descriptor);
    operation_list* const line = on ? line_of(op, *on) : nullptr;
    if (!line || !line->empty() || op.what == verb::connect || direct::wants_all(op)) return false;
    const wire::turn now(wire_);
    op.in_backend = {};
    op.result = perform(op, *on);
    return op.result != -EAGAIN;
}

void host_backend::submit(operation& op) noexcept {
    const wire::turn now(wire_);
    op.in_backend = {};
    ++in_flight_;
    if (op.what == verb::nop) return end(op, 0);
    socket* const on = host_.find(op.descriptor);
    if (op.what == verb::close) {
        close(op.descriptor);
        return end(op, on ? 0 : -EBADF);
    }
    operation_list* const line = on ? line_of(op, *on) : nullptr;
    if (!line) return end(op, op.descriptor >= host::first_number && !on ? -EBADF : -ENOSYS);
    std::int32_t result = -EAGAIN;
    if (op.what == verb::connect) {
        result = on->connect(address::from(static_cast<const sockaddr*>(op.address), op.length));
        if (result != -EINPROGRESS) return end(op, result);
        result = -EAGAIN;
    } else if (line->empty() || line == &on->pollers) {
        result = proceed(op, *on);
    }
    if (result != -EAGAIN) return end(op, result);
    op.in_backend.state = in_line;
    line->push_back(op);
}

/// Until it is complete: once, or until it has all of the bytes it wants.
std::int32_t host_backend::proceed(operation& op, socket& on) {
    if (!direct::wants_all(op) || on.type() != SOCK_STREAM) return perform(op, on);
    for (;;) {
        const std::int32_t moved = perform(op, on);
        if (moved == -EAGAIN) return moved;
        if (moved <= 0) return op.in_backend.moved > 0 ? static_cast<std::int32_t>(op.in_backend.moved) : moved;
        op.in_backend.moved += static_cast<std::uint32_t>(moved);
        if (op.what != verb::receive && op.what != verb::send) return moved;
        if (op.in_backend.moved >= op.length) return static_cast<std::int32_t>(op.in_backend.moved);
    }
}

std::int32_t host_backend::perform(operation& op, socket& on) {
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

std::int32_t host_backend::accept(const operation& op, socket& on) {
    if (!host_.has_free_number()) return -EMFILE;
    int error = 0;
    std::shared_ptr<socket> client = on.accept(error);
    if (!client) return error;
    if (op.second) store(client->peer(), op.address, *static_cast<socklen_t*>(op.second));
    return host_.add(std::move(client));
}

std::int32_t host_backend::transfer(const operation& op, socket& on) {
    iovec whole{static_cast<std::byte*>(op.address) + op.in_backend.moved, op.length - op.in_backend.moved};
    std::span<const iovec> pieces(&whole, 1);
    const bool is_message = op.what == verb::receive_message || op.what == verb::send_message;
    auto* const message = is_message ? static_cast<msghdr*>(op.address) : nullptr;
    if (message) pieces = {message->msg_iov, message->msg_iovlen};
    else if (on.type() == SOCK_STREAM) whole.iov_len = wire_.portion(whole.iov_len);
    const int flags = static_cast<int>(op.flags);
    address other;
    if (op.what == verb::send || op.what == verb::send_message) {
        if (message && message->msg_namelen > 0)
            other = address::from(static_cast<const sockaddr*>(message->msg_name), message->msg_namelen);
        return static_cast<std::int32_t>(on.send(pieces, other));
    }
    const std::int64_t got = on.receive(pieces, flags, other);
    if (message && got >= 0) {
        store(other, message->msg_name, message->msg_namelen);
        message->msg_controllen = 0;
        message->msg_flags = static_cast<std::size_t>(got) > size_of(pieces) ? MSG_TRUNC : 0;
    }
    return static_cast<std::int32_t>(got);
}

/// Called whenever it may have become possible to go on; also by what goes on.
void host_backend::changed(socket& one) noexcept {
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
void host_backend::retry(operation_list& line, socket& on, bool all) {
    for (operation* op = line.front(); op;) {
        operation* const next = operation_list::after(*op);
        const std::int32_t result = proceed(*op, on);
        if (result == -EAGAIN && !all) return;
        if (result != -EAGAIN) {
            line.erase(*op);
            end(*op, result);
        }
        op = next;
    }
}

void host_backend::end(operation& op, std::int32_t result) noexcept {
    op.result = result;
    op.in_backend.state = in_ended;
    ended_.push_back(op);
}

void host_backend::cancel(operation& op) noexcept {
    if (op.in_backend.state != in_line) return;
    line_of(op, *host_.find(op.descriptor))->erase(op);
    end(op, direct::result_of_cancelled(op));
}

void host_backend::close(int descriptor) noexcept {
    const std::shared_ptr<socket> closed = host_.take(descriptor);
    if (!closed) {
        if (descriptor < host::first_number) ::close(descriptor);
        return;
    }
    const wire::turn now(wire_);
    for (operation_list* each : {&closed->readers, &closed->writers, &closed->pollers})
        while (operation* const op = each->pop_front()) end(*op, direct::result_of_cancelled(*op));
    closed->close();
}

int host_backend::descriptor() {
    watched_ = true;
    return wake_.descriptor();
}

void host_backend::pass_time() noexcept { const wire::turn now(wire_); }

void host_backend::wait(duration at_most) noexcept {
    if (watched_ && at_most <= duration::zero()) wake_.silence();
    if (ended_.empty() && at_most > duration::zero()) {
        pollfd woken{wake_.descriptor(), POLLIN, 0};
        if (::ppoll(&woken, 1, time_limit(at_most).pointer(), nullptr) > 0) wake_.silence();
    }
    while (operation* const op = ended_.pop_front()) {
        --in_flight_;
        running.loop->completed(*op);
    }
}

}  // namespace torus::inline v0::sim
