// src/net/datagram.cpp: sending and receiving datagrams.
#include <torus/net/datagram.hpp>

#include <cerrno>
#include <utility>

#include <torus/core/socket_calls.hpp>

#include "io/socket_name.hpp"
#include "net/local_messages.hpp"
#include "net/make_socket.hpp"
#include "net/messages.hpp"

namespace torus::inline v0 {

/// The file of a Unix socket.
struct datagram_socket::file {
    address where;
    socket_file which;
};

void datagram_socket::file_deletion::operator()(file* f) const noexcept {
    remove_file(f->where, f->which);
    delete f;
}

datagram_socket::datagram_socket(descriptor socket, address_family family) noexcept
    : socket_(std::move(socket)), family_(family) {}

datagram_socket& datagram_socket::operator=(datagram_socket&& other) noexcept {
    datagram_socket taken(std::move(other));
    std::swap(socket_, taken.socket_);
    std::swap(family_, taken.family_);
    std::swap(file_, taken.file_);
    return *this;
}

void datagram_socket::own_file(const address& at) {
    if (const socket_file which = file_of(at); which.inode != 0) file_.reset(new file{at, which});
}

void datagram_socket::close() noexcept {
    file_.reset();
    socket_.close();
}

address datagram_socket::local() const noexcept { return local_address(socket_.number()); }

address datagram_socket::peer() const noexcept { return peer_address(socket_.number()); }

int datagram_socket::open_number() const {
    if (!socket_) throw connection_closed(EBADF, "torus: a datagram socket that is closed");
    return socket_.number();
}

/// An IPv6 socket reaches IPv4 by addresses of its own (RFC 4291, section 2.5.5.2): ::ffff:10.0.0.1.
address datagram_socket::reachable(const address& to) const {
    if (family_ != address_family::ipv6 || to.family() != address_family::ipv4) return to;
    return address::ip("::ffff:" + to.host(), to.port()).value();
}

async<> datagram_socket::send_to(bytes_view bytes, address to) {
    if (family_ == address_family::local) co_await send_through_file(bytes, to);
    else co_await sending_message(open_number(), bytes, reachable(to));
}

async<> datagram_socket::send_through_file(bytes_view bytes, address to) {
    const std::int32_t result = co_await send_locally(open_number(), bytes, to);
    if (result < 0) throw_datagram_error(result, "sendmsg");
}

async<datagram> datagram_socket::recv_from(std::size_t at_most) {
    // So much is asked for and so little used, mostly: memory that is not touched costs nothing.
    const auto room = std::make_unique_for_overwrite<char[]>(at_most);
    const received_datagram got = co_await receiving_message(open_number(), bytes_span(room.get(), at_most));
    co_return datagram{std::string(room.get(), got.size), got.from, got.is_truncated()};
}

async<received_datagram> datagram_socket::recv_from(bytes_span into) {
    co_return co_await receiving_message(open_number(), into);
}

async<> datagram_socket::send(bytes_view bytes) {
    if (family_ == address_family::local) co_await send_through_file(bytes, {});
    else co_await sending_message(open_number(), bytes);
}

async<std::string> datagram_socket::recv(std::size_t at_most) {
    datagram got = co_await recv_from(at_most);
    if (got.is_truncated) throw std::system_error(EMSGSIZE, std::system_category(), "torus: a datagram is too long");
    co_return std::move(got.data);
}

void datagram_socket::connect_to(const address& peer) {
    const address to = reachable(peer);
    if (const int result = sockets().connect(open_number(), to.data(), to.size()); result < 0)
        fail_at("connect to", peer, -result);
}

}  // namespace torus::inline v0
