// src/sim/tcp_socket.cpp: what a program asks of a connection.
#include "sim/tcp_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/kernel.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace torus::inline v0::sim {

namespace {
constexpr int tcp_room = 256 * 1024;  // bytes, each way
constexpr duration first_timeout = std::chrono::seconds(1);  // RFC 6298, 2.1
}  // namespace

tcp_socket::tcp_socket(kernel& of, int domain)
    : socket(of, domain, SOCK_STREAM), late_(of.events()), timeout_(first_timeout), silence_(of.events()) {}

int tcp_socket::bind(const address& at) {
    if (local_.is_ip()) return -EINVAL;
    return kernel_.bind(*this, at, local_);
}

int tcp_socket::listen(int backlog) {
    if (phase_ == phase::listening) {
        backlog_ = static_cast<std::size_t>(std::max(backlog, 0));
        return 0;
    }
    if (phase_ != phase::fresh) return -EINVAL;
    if (!local_.is_ip())
        if (const int result = bind(any_address())) return result;
    if (const int result = kernel_.begin_listening(*this)) return result;
    backlog_ = static_cast<std::size_t>(std::max(backlog, 0));
    phase_ = phase::listening;
    return 0;
}

int tcp_socket::connect(const address& to) {
    if (phase_ == phase::connecting) return -EALREADY;
    if (phase_ == phase::open) return -EISCONN;
    if (phase_ != phase::fresh) return -EINVAL;
    if (!to.is_ip()) return -EAFNOSUPPORT;
    if (const int result = kernel_.choose_way(*this, to, local_, peer_)) return result;
    phase_ = phase::connecting;
    kernel_.add_connection(*this);
    handshake();
    return -EINPROGRESS;
}

int tcp_socket::connect_outcome() {
    if (phase_ == phase::connecting) return -EAGAIN;
    return -std::exchange(error_, 0);
}

std::shared_ptr<socket> tcp_socket::accept(int& error) {
    error = phase_ != phase::listening ? -EINVAL : -EAGAIN;
    if (accepted_.empty()) return nullptr;
    std::shared_ptr<tcp_socket> first = std::move(accepted_.front());
    accepted_.pop_front();
    return first;
}

std::int32_t tcp_socket::receive(std::span<const iovec> into, int flags, address& from) {
    if (phase_ == phase::fresh || phase_ == phase::listening) return -ENOTCONN;
    from = {};
    if (!in_.empty()) {
        const std::uint64_t before = window();
        const std::size_t count = scatter(in_.view(), into);
        if (flags & MSG_PEEK) return static_cast<std::int32_t>(count);
        in_.drop(count);
        // A peer that had no room hears that there is some again, once it is worth a segment.
        const auto room = static_cast<std::uint64_t>(option(SOL_SOCKET, SO_RCVBUF, tcp_room));
        const std::uint64_t worth = std::min(kernel_.largest_segment(peer_), room / 2);
        if (before < worth && window() >= worth && phase_ == phase::open && !end_seen_) acknowledge();
        return static_cast<std::int32_t>(count);
    }
    if (end_seen_) return 0;  // whatever has come after the end
    if (error_) return -std::exchange(error_, 0);
    if (is_reading_over() || phase_ == phase::closed || size_of(into) == 0) return 0;
    return -EAGAIN;
}

std::int32_t tcp_socket::send(std::span<const iovec> pieces, const address&) {
    if (error_) return -std::exchange(error_, 0);
    if (phase_ == phase::connecting) return -EAGAIN;
    if (phase_ != phase::open || writing_shut_) return -EPIPE;
    const auto room = static_cast<std::size_t>(option(SOL_SOCKET, SO_SNDBUF, tcp_room));
    if (out_.size() >= room) return -EAGAIN;
    const std::string taken = joined(pieces, room - out_.size());
    out_.append(taken);
    transmit();
    return static_cast<std::int32_t>(taken.size());
}

int tcp_socket::shut_down(int how) {
    if (phase_ == phase::listening) {
        if (how != SHUT_WR) {
            kernel_.remove(*this);
            for (const auto& each : std::exchange(accepted_, {})) each->reset();
            phase_ = phase::closed;
            local_ = {};
        }
        changed();
        return 0;
    }
    if (phase_ != phase::open) return -ENOTCONN;
    if (how != SHUT_WR) reading_shut_ = true;
    if (how != SHUT_RD && !std::exchange(writing_shut_, true)) transmit();
    changed();
    return 0;
}

void tcp_socket::close() {
    is_orphan_ = true;
    const auto self = shared_from_this();
    if (phase_ == phase::listening) shut_down(SHUT_RDWR);
    if (phase_ != phase::open) return forget();
    const bool at_once = option(SOL_SOCKET, SO_LINGER) != 0;
    if (at_once || !in_.empty()) return reset();  // RFC 2525, 2.17: unread data must not seem to have been taken
    if (!std::exchange(writing_shut_, true)) transmit();
    forget_if_over();
}

unsigned tcp_socket::events() const {
    unsigned seen = 0;
    if (phase_ == phase::listening) return accepted_.empty() ? 0U : POLLIN;
    if (phase_ == phase::fresh) return POLLOUT | POLLHUP;
    if (phase_ == phase::connecting) return 0;
    const bool is_over = phase_ == phase::closed;
    if (!in_.empty() || is_reading_over() || is_over) seen |= POLLIN;
    if (is_reading_over() || is_over) seen |= POLLRDHUP;
    if ((is_reading_over() && writing_shut_) || is_over) seen |= POLLHUP;
    if (error_) seen |= POLLERR;
    if (is_over || writing_shut_ || out_.size() < static_cast<std::size_t>(option(SOL_SOCKET, SO_SNDBUF, tcp_room)))
        seen |= POLLOUT;
    return seen;
}

int tcp_socket::set_option(int level, int option, std::span<const std::byte> value) {
    if (level == SOL_SOCKET && option == SO_LINGER) {
        linger wanted{};
        if (value.size() < sizeof wanted) return -EINVAL;
        std::memcpy(&wanted, value.data(), sizeof wanted);
        const int at_once = wanted.l_onoff != 0 && wanted.l_linger == 0;
        return socket::set_option(level, option, std::as_bytes(std::span(&at_once, 1)));
    }
    const int result = socket::set_option(level, option, value);
    if (result == 0 && level == SOL_SOCKET && option == SO_KEEPALIVE && phase_ == phase::open) hear();
    return result;
}

int tcp_socket::get_option(int level, int option, int& value) {
    if (level == SOL_SOCKET && option == SO_ERROR) value = std::exchange(error_, 0);
    else if (level == SOL_SOCKET && option == SO_ACCEPTCONN) value = is_listening();
    else if (level == SOL_SOCKET && (option == SO_SNDBUF || option == SO_RCVBUF))
        value = this->option(level, option, tcp_room);
    else return socket::get_option(level, option, value);
    return 0;
}

std::uint64_t tcp_socket::window() const noexcept {
    const auto room = static_cast<std::size_t>(option(SOL_SOCKET, SO_RCVBUF, tcp_room));
    return room - std::min(room, in_.size());
}

}  // namespace torus::inline v0::sim
