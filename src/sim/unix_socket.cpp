// src/sim/unix_socket.cpp: sockets within one simulated host; unix(7).
#include "sim/unix_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sim/kernel.hpp"

#include <poll.h>
#include <sys/socket.h>

namespace torus::inline v0::sim {

namespace {
constexpr std::size_t unix_room = 212'992;  // bytes: net.core.wmem_default
constexpr std::size_t most_datagrams = 11;  // net.unix.max_dgram_qlen, and one
}  // namespace

unix_socket::unix_socket(kernel& of, int type) noexcept : socket(of, AF_UNIX, type) {}

bool unix_socket::is_datagram() const noexcept { return type() == SOCK_DGRAM; }
bool unix_socket::is_stream() const noexcept { return type() == SOCK_STREAM; }
bool unix_socket::has_room() const noexcept { return is_datagram() ? in_.size() < most_datagrams : held_ < unix_room; }

int unix_socket::bind(const address& at) {
    if (local_.size() > 0) return -EINVAL;
    const int result = kernel_.bind_path(*this, at);
    if (result == 0) local_ = at;
    return result;
}

int unix_socket::listen(int backlog) {
    if (is_datagram()) return -EOPNOTSUPP;
    if (local_.size() == 0 || was_connected_) return -EINVAL;
    is_listening_ = true;
    backlog_ = static_cast<std::size_t>(std::max(backlog, 0));
    return 0;
}

int unix_socket::find(const address& at, std::shared_ptr<unix_socket>& found) const {
    const int result = kernel_.find_path(at, found);
    if (result < 0) return result;
    return found->type() == type() ? 0 : -EPROTOTYPE;
}

int unix_socket::connect(const address& to) {
    std::shared_ptr<unix_socket> other;
    if (!is_datagram() && was_connected_) return -EISCONN;
    if (const int result = find(to, other)) return result;
    if (is_datagram()) {
        peer_socket_ = other;
        peer_ = to;
        return 0;
    }
    if (!other->is_listening_) return -ECONNREFUSED;
    if (other->accepted_.size() > other->backlog_) return -EAGAIN;
    auto fresh = std::make_shared<unix_socket>(kernel_, type());
    fresh->local_ = other->local_;
    join(*this, *fresh);
    peer_ = fresh->local_;
    fresh->peer_ = local_;
    other->accepted_.push_back(std::move(fresh));
    other->changed();
    return 0;
}

void unix_socket::join(unix_socket& one, unix_socket& other) {
    one.peer_socket_ = std::static_pointer_cast<unix_socket>(other.shared_from_this());
    other.peer_socket_ = std::static_pointer_cast<unix_socket>(one.shared_from_this());
    one.was_connected_ = other.was_connected_ = true;
}

std::shared_ptr<socket> unix_socket::accept(int& error) {
    error = is_datagram() ? -EOPNOTSUPP : is_listening_ ? -EAGAIN : -EINVAL;
    if (accepted_.empty()) return nullptr;
    std::shared_ptr<unix_socket> first = std::move(accepted_.front());
    accepted_.pop_front();
    return first;
}

std::int32_t unix_socket::take_from_stream(std::span<const iovec> into, bool peeks) {
    std::string taken;
    const std::size_t wanted = size_of(into);
    for (std::size_t i = 0; i < in_.size() && taken.size() < wanted; ++i)
        taken += in_[i].data.substr(0, wanted - taken.size());
    scatter(taken, into);
    if (peeks) return static_cast<std::int32_t>(taken.size());
    held_ -= taken.size();
    for (std::size_t left = taken.size(); left > 0;) {
        std::string& first = in_.front().data;
        const std::size_t count = std::min(left, first.size());
        left -= count;
        if (count == first.size()) in_.pop_front();
        else first.erase(0, count);
    }
    return static_cast<std::int32_t>(taken.size());
}

std::int32_t unix_socket::receive(std::span<const iovec> into, int flags, address& from) {
    from = {};
    if (!is_datagram() && !was_connected_) return is_stream() ? -EINVAL : -ENOTCONN;
    if (in_.empty()) {
        if (error_) return -std::exchange(error_, 0);
        return reading_shut_ || (size_of(into) == 0 && is_stream()) ? 0 : -EAGAIN;
    }
    std::int32_t result = 0;
    const bool peeks = (flags & MSG_PEEK) != 0;
    if (is_stream()) {
        result = take_from_stream(into, peeks);
    } else {
        const message& first = in_.front();
        const std::size_t copied = scatter(first.data, into);
        result = static_cast<std::int32_t>(flags & MSG_TRUNC ? first.data.size() : copied);
        if (is_datagram()) from = first.from;
        if (!peeks) {
            held_ -= first.data.size();
            in_.pop_front();
        }
    }
    if (!peeks) kernel_.tell_senders_to(*this);
    return result;
}

std::int32_t unix_socket::put(unix_socket& into, std::span<const iovec> pieces) {
    if (into.reading_shut_) return -EPIPE;
    if (!into.has_room()) return -EAGAIN;
    if (!is_stream() && size_of(pieces) > unix_room) return -EMSGSIZE;
    message fresh{joined(pieces, is_stream() ? unix_room - into.held_ : unix_room), local_};
    const auto size = static_cast<std::int32_t>(fresh.data.size());
    if (is_stream() && size == 0) return 0;
    into.held_ += fresh.data.size();
    into.in_.push_back(std::move(fresh));
    into.changed();
    return size;
}

std::int32_t unix_socket::send(std::span<const iovec> pieces, const address& to) {
    if (error_) return -std::exchange(error_, 0);
    if (writing_shut_) return -EPIPE;
    std::shared_ptr<unix_socket> other = peer_socket_.lock();
    if (to.size() > 0) {
        if (!is_datagram()) return other ? -EISCONN : -EOPNOTSUPP;
        if (const int result = find(to, other)) return result;
    } else if (!other || other->is_closed_) {
        if (is_datagram()) return peer_.size() > 0 || was_connected_ ? -ECONNREFUSED : -ENOTCONN;
        return was_connected_ ? -EPIPE : -ENOTCONN;
    }
    return put(*other, pieces);
}

int unix_socket::shut_down(int how) {
    if (is_listening_) {
        if (how == SHUT_WR) return 0;
        reading_shut_ = true;
        is_listening_ = false;
        for (const auto& each : std::exchange(accepted_, {})) each->close();
        changed();
        return 0;
    }
    const std::shared_ptr<unix_socket> other = peer_socket_.lock();
    if (!other && !was_connected_) return -ENOTCONN;
    if (how != SHUT_WR) reading_shut_ = true;
    if (how != SHUT_RD) writing_shut_ = true;
    if (other && !is_datagram()) {
        if (how != SHUT_WR) other->writing_shut_ = true;
        if (how != SHUT_RD) other->reading_shut_ = true;
        other->changed();
    }
    changed();
    return 0;
}

void unix_socket::close() {
    const auto self = shared_from_this();
    if (std::exchange(is_closed_, true)) return;
    if (is_listening_) shut_down(SHUT_RDWR);
    kernel_.remove(*this);
    const std::shared_ptr<unix_socket> other = peer_socket_.lock();
    if (!other || !other->has_peer(*this)) return kernel_.tell_senders_to(*this);
    if (!is_datagram()) other->reading_shut_ = other->writing_shut_ = true;
    if (!in_.empty()) other->error_ = ECONNRESET;  // it was not read
    other->changed();
    kernel_.tell_senders_to(*this);
}

unsigned unix_socket::events() const {
    if (is_listening_) return accepted_.empty() ? 0U : POLLIN;
    const std::shared_ptr<unix_socket> other = peer_socket_.lock();
    unsigned seen = 0;
    if (!in_.empty() || reading_shut_ || error_) seen |= POLLIN;
    if (reading_shut_) seen |= POLLRDHUP;
    if (reading_shut_ && writing_shut_) seen |= POLLHUP;
    if (!is_datagram() && !was_connected_) seen |= POLLHUP;
    if (error_) seen |= POLLERR;
    if (!other || other->is_closed_ || writing_shut_ || other->has_room()) seen |= POLLOUT;
    return seen;
}

int unix_socket::get_option(int level, int option, int& value) {
    if (level == SOL_SOCKET && option == SO_ERROR) value = std::exchange(error_, 0);
    else if (level == SOL_SOCKET && option == SO_ACCEPTCONN) value = is_listening_;
    else return socket::get_option(level, option, value);
    return 0;
}

}  // namespace torus::inline v0::sim
