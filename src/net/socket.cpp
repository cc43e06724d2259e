// src/net/socket.cpp: the verbs of bare sockets.
#include <torus/net/socket.hpp>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include "io/receiving.hpp"
#include "net/local_messages.hpp"
#include "net/make_socket.hpp"
#include "net/messages.hpp"

#include <fcntl.h>
#include <sys/socket.h>

namespace torus::inline v0 {

namespace {

class sending final : public operation {
public:
    sending(int socket, bytes_view bytes) noexcept : operation(verb::send, socket, bytes.data(), bytes.size()) {}
    std::size_t await_resume() { return count("send"); }
};

class connecting final : public operation {
public:
    connecting(int socket, const torus::address& to) noexcept
        : operation(verb::connect, socket, to.data(), to.size()) {}
    void await_resume() { static_cast<void>(count("connect")); }
};

class accepting final : public operation {
public:
    accepting(int socket, sockaddr_storage& peer, socklen_t& size) noexcept : operation(verb::accept, socket, &peer) {
        second = &size;
    }
    torus::descriptor await_resume() { return torus::descriptor(static_cast<int>(count("accept"))); }
};

int type_of(socket_kind kind) noexcept {
    switch (kind) {
    case socket_kind::datagram: return SOCK_DGRAM;
    case socket_kind::seqpacket: return SOCK_SEQPACKET;
    default: return SOCK_STREAM;
    }
}

[[noreturn]] void fail(const char* call) {
    const int error = errno;
    throw_errno(error, call);
}

}  // namespace

socket::socket(address_family family, socket_kind kind)
    : socket_(open_socket(family, type_of(kind))),
      sends_local_messages_(family == address_family::local && kind != socket_kind::stream) {}

socket::socket(descriptor owned) : socket_(std::move(owned)) {
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(number(), SOL_SOCKET, SO_TYPE, &type, &size) < 0) fail("getsockopt");
    int family = 0;
    size = sizeof family;
    if (::getsockopt(number(), SOL_SOCKET, SO_DOMAIN, &family, &size) < 0) fail("getsockopt");
    sends_local_messages_ = family == AF_UNIX && type != SOCK_STREAM;
    const int flags = ::fcntl(number(), F_GETFL);
    if (flags < 0 || ::fcntl(number(), F_SETFL, flags | O_NONBLOCK) < 0) fail("fcntl");
}

int socket::open_number() const {
    if (!socket_) throw connection_closed(EBADF, "torus: a socket that is closed");
    return socket_.number();
}

void socket::bind(const address& at) { bind_at(socket_, at); }

void socket::listen(int backlog) {
    if (::listen(open_number(), backlog) < 0) fail("listen");
}

async<> socket::connect(address to) { co_await connecting(open_number(), to); }

async<std::pair<socket, address>> socket::accept() {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    descriptor accepted = co_await accepting(open_number(), storage, size);
    const address from = address::from(reinterpret_cast<const sockaddr*>(&storage), size);
    co_return std::pair<socket, address>(std::move(accepted), from);
}

async<std::string> socket::recv(std::size_t at_most) {
    const auto room = std::make_unique_for_overwrite<char[]>(at_most);
    const std::size_t count = co_await receiving(open_number(), bytes_span(room.get(), at_most));
    co_return std::string(room.get(), count);
}

async<std::size_t> socket::recv_into(bytes_span into) { co_return co_await receiving(open_number(), into); }

async<datagram> socket::recv_from(std::size_t at_most) {
    const auto room = std::make_unique_for_overwrite<char[]>(at_most);
    const received_datagram got = co_await receiving_message(open_number(), bytes_span(room.get(), at_most));
    co_return datagram{std::string(room.get(), got.size), got.from, got.is_truncated()};
}

async<std::size_t> socket::send(bytes_view bytes) {
    if (!sends_local_messages_) co_return co_await sending(open_number(), bytes);
    const std::int32_t result = co_await send_locally(open_number(), bytes);
    if (result < 0) throw_errno(-result, "send");
    co_return static_cast<std::size_t>(result);
}

async<> socket::send_all(bytes_view bytes) {
    while (!bytes.empty()) bytes = bytes.from(co_await send(bytes));
}

async<std::size_t> socket::send_to(bytes_view bytes, address to) {
    if (!sends_local_messages_) co_return co_await sending_message(open_number(), bytes, to);
    const std::int32_t result = co_await send_locally(open_number(), bytes, to);
    if (result < 0) throw_datagram_error(result, "sendmsg");
    co_return static_cast<std::size_t>(result);
}

void socket::shut_down_sending() {
    if (::shutdown(open_number(), SHUT_WR) < 0) fail("shutdown");
}

address socket::local() const noexcept { return local_address(socket_); }

address socket::peer() const noexcept { return peer_address(socket_); }

stream socket::into_stream(const stream_options& options) && {
    return stream(socket_transport(std::move(socket_)), options);
}

std::pair<socket, socket> socketpair(socket_kind kind) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, type_of(kind) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) < 0) fail("socketpair");
    descriptor one(ends[0]);
    descriptor other(ends[1]);
    return {socket(std::move(one)), socket(std::move(other))};
}

}  // namespace torus::inline v0
