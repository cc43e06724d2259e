// src/net/messages.cpp: messages, and what their errors mean.
#include "net/messages.hpp"

#include <algorithm>
#include <cerrno>

#include <torus/core/socket_calls.hpp>

namespace torus::inline v0 {

namespace {

/// Whether it says that a datagram has not arrived: what icmp(7) and ipv6(7) become, and Unix sockets without an owner.
bool means_unreachable(int error) noexcept {
    switch (error) {
    case ECONNREFUSED:
    case ECONNRESET:  // the peer of a Unix socket has gone without reading it
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENOENT:  // a path without a file
    case ENONET:
    case ENOPROTOOPT:
    case EPROTO: return true;
    default: return false;
    }
}

}  // namespace

void throw_datagram_error(std::int32_t result, const char* call) {
    const int error = -result;
    if (means_unreachable(error)) throw unreachable_error(error, call);
    throw_errno(error, call);
}

bool receiving_message::await_suspend(std::coroutine_handle<> h) {
    room_ = {into_.data(), into_.size()};
    message_.msg_iov = &room_;
    message_.msg_iovlen = 1;
    message_.msg_name = &from_;
    message_.msg_namelen = sizeof from_;
    address = &message_;
    return operation::await_suspend(h);
}

received_datagram receiving_message::await_resume() {
    const std::int32_t got = outcome();
    if (got < 0) throw_datagram_error(got, "recvmsg");
    const auto sent = static_cast<std::size_t>(got);
    // A name of no bytes is that of a Unix socket without one; it leaves the storage as it was.
    torus::address from;
    if (message_.msg_namelen > 0)
        from = torus::address::from(reinterpret_cast<const sockaddr*>(&from_), message_.msg_namelen);
    return {std::min(sent, into_.size()), from, sent};
}

void sending_message::prepare() noexcept {
    piece_ = {const_cast<std::byte*>(bytes_.data()), bytes_.size()};
    message_.msg_iov = &piece_;
    message_.msg_iovlen = 1;
    if (to_.size() > 0) {
        message_.msg_name = const_cast<sockaddr*>(to_.data());
        message_.msg_namelen = to_.size();
    }
    address = &message_;
}

bool sending_message::await_suspend(std::coroutine_handle<> h) {
    prepare();
    return operation::await_suspend(h);
}

std::size_t sending_message::await_resume() {
    const std::int32_t got = outcome();
    if (got < 0) throw_datagram_error(got, "sendmsg");
    return static_cast<std::size_t>(got);
}

std::int32_t sending_message::run() noexcept {
    prepare();
    return sockets().send(descriptor, message_);
}

}  // namespace torus::inline v0
