// src/net/socket.cpp: the verbs of bare sockets.
#include <torus/net/socket.hpp>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include <torus/core/socket_calls.hpp>

#include "io/receiving.hpp"
#include "io/socket_name.hpp"
#include "net/local_messages.hpp"
#include "net/make_socket.hpp"
#include "net/messages.hpp"

#include <sys/socket.h>

namespace torus::inline v0 {

namespace {

class checked_send final : public operation {
public:
    checked_send(int socket, bytes_view bytes) noexcept : operation(verb::send, socket, bytes.data(), bytes.size()) {}
    std::size_t await_resume() { return count("send"); }
};

class checked_connect final : public operation {
public:
    checked_connect(int socket, const torus::address& to) noexcept
        : operation(verb::connect, socket, to.data(), to.size()) {}
    void await_resume() { static_cast<void>(count("connect")); }
};

class checked_accept final : public operation {
public:
    checked_accept(int socket, sockaddr_storage& peer, socklen_t& size) noexcept
        : operation(verb::accept, socket, &peer) {
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

/// Throws what a call has answered, if that is an error.
void check(int result, const char* call) {
    if (result < 0) throw_errno(-result, call);
}

int number_option(int socket, int option) {
    int value = 0;
    socklen_t size = sizeof value;
    check(sockets().get_option(socket, SOL_SOCKET, option, &value, size), "getsockopt");
    return value;
}

}  // namespace

socket::socket(address_family family, socket_kind kind)
    : socket_(open_socket(family, type_of(kind))),
      sends_local_messages_(family == address_family::local && kind != socket_kind::stream) {}

socket::socket(descriptor owned) : socket_(std::move(owned)) {
    const int type = number_option(number(), SO_TYPE);
    sends_local_messages_ = number_option(number(), SO_DOMAIN) == AF_UNIX && type != SOCK_STREAM;
    check(sockets().make_non_blocking(number()), "fcntl");
}

int socket::open_number() const {
    if (!socket_) throw connection_closed(EBADF, "torus: a socket that is closed");
    return socket_.number();
}

void socket::bind(const address& at) { bind_at(socket_, at); }

void socket::listen(int backlog) { check(sockets().listen(open_number(), backlog), "listen"); }

async<> socket::connect(address to) { co_await checked_connect(open_number(), to); }

async<std::pair<socket, address>> socket::accept() {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    descriptor accepted = co_await checked_accept(open_number(), storage, size);
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
    if (!sends_local_messages_) co_return co_await checked_send(open_number(), bytes);
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

void socket::shut_down_sending() { check(sockets().shut_down(open_number(), SHUT_WR), "shutdown"); }

address socket::local() const noexcept { return local_address(socket_.number()); }

address socket::peer() const noexcept { return peer_address(socket_.number()); }

stream socket::into_stream(const stream_options& options) && {
    return stream(socket_transport(std::move(socket_)), options);
}

std::pair<socket, socket> socketpair(socket_kind kind) {
    std::array<int, 2> ends{};
    check(sockets().open_pair(type_of(kind), ends), "socketpair");
    descriptor one(ends[0]);
    descriptor other(ends[1]);
    return {socket(std::move(one)), socket(std::move(other))};
}

}  // namespace torus::inline v0
