// src/io/socket_transport.cpp: sending and receiving with the kernel.
#include "io/socket_transport.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <torus/core/loop.hpp>
#include <torus/core/socket_calls.hpp>

#include "io/receiving.hpp"
#include "io/socket_name.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace torus::inline v0 {

namespace {

constexpr std::size_t pieces_at_once = 16;  // of one call; the rest goes with the next one

/// One piece is sent as it is, several as a message.
class sending final : public operation {
public:
    sending(int socket, std::span<const bytes_view> pieces) noexcept
        : operation(verb::send, socket, pieces.front().data(), pieces.front().size()), pieces_(pieces) {}
    sending(sending&& idle) noexcept : operation(static_cast<operation&&>(idle)), pieces_(idle.pieces_) {}

    bool await_suspend(std::coroutine_handle<> h) {
        prepare();
        return operation::await_suspend(h);
    }
    std::size_t await_resume() { return count("send"); }

    /// Sends without waiting; 0 if it would have to wait.
    std::size_t run() {
        prepare();
        return event_loop::current().world().attempt(*this) ? count("send") : 0;
    }

private:
    void prepare() noexcept {
        if (pieces_.size() == 1) return;
        const std::size_t used = std::min(pieces_.size(), vectors_.size());
        for (std::size_t i = 0; i < used; ++i)
            vectors_[i] = {const_cast<std::byte*>(pieces_[i].data()), pieces_[i].size()};
        message_.msg_iov = vectors_.data();
        message_.msg_iovlen = used;
        what = verb::send_message;
        address = &message_;
    }

    std::span<const bytes_view> pieces_;
    msghdr message_{};
    std::array<iovec, pieces_at_once> vectors_;
};

}  // namespace

socket_transport_node::socket_transport_node(torus::descriptor socket, const address& peer) noexcept
    : socket_(std::move(socket)) {
    if (!peer.is_ip()) return;
    peer_size_ = static_cast<std::uint8_t>(peer.size());
    std::memcpy(peer_.data(), peer.data(), peer_size_);
}

async<std::size_t> socket_transport_node::read(bytes_span into) { co_return co_await receiving(socket(), into); }

async<std::size_t> socket_transport_node::write(std::span<const bytes_view> pieces) {
    co_return co_await sending(socket(), pieces);
}

std::size_t socket_transport_node::try_write(std::span<const bytes_view> pieces) {
    return sending(socket(), pieces).run();
}

async<> socket_transport_node::shut_down() {
    const int error = -sockets().shut_down(socket(), SHUT_WR);
    if (error == ENOTCONN) throw connection_closed(error, "shutdown");
    if (error > 0) throw_errno(error, "shutdown");
    co_return;
}

void socket_transport_node::close() noexcept {
    socket_.close();
    socket_list* const list = std::exchange(list_, nullptr);
    if (!list) return;
    (previous_ ? previous_->next_ : list->first_) = next_;
    if (next_) next_->previous_ = previous_;
    if (list->empty()) list->emptied();
}

/// With lingering for no time the kernel drops what is unsent and says so to the peer, with a reset.
void socket_transport_node::abort() noexcept {
    const linger at_once{1, 0};
    if (socket_) sockets().set_option(socket(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

address socket_transport_node::peer() const {
    if (peer_size_ > 0) return address::from(reinterpret_cast<const sockaddr*>(peer_.data()), peer_size_);
    return peer_address(socket());
}

address socket_transport_node::local() const { return local_address(socket()); }

socket_list::~socket_list() {
    for (socket_transport_node* each = first_; each; each = each->next_) each->list_ = nullptr;
}

void socket_list::add(socket_transport_node& socket) noexcept {
    socket.list_ = this;
    socket.next_ = first_;
    if (first_) first_->previous_ = &socket;
    first_ = &socket;
}

void socket_list::end_reading() noexcept {
    for (socket_transport_node* each = first_; each; each = each->next_) sockets().shut_down(each->socket(), SHUT_RD);
}

void socket_list::abort_all() noexcept {
    for (socket_transport_node* each = first_; each;) {
        socket_transport_node* const next = each->next_;
        each->abort();
        each = next;
    }
}

std::unique_ptr<transport> socket_transport(torus::descriptor socket, const address& peer) {
    return std::make_unique<socket_transport_node>(std::move(socket), peer);
}

}  // namespace torus::inline v0
