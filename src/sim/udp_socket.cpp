// src/sim/udp_socket.cpp: datagrams, which may be lost.
#include "sim/udp_socket.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include "sim/kernel.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace torus::inline v0::sim {

namespace {
constexpr std::size_t udp_room = 212'992;  // bytes: net.core.rmem_default
constexpr std::size_t largest_datagram = 65'507;  // bytes of a datagram over IPv4
}  // namespace

udp_socket::udp_socket(kernel& of, int domain) noexcept : socket(of, domain, SOCK_DGRAM) {}

int udp_socket::bind(const address& at) {
    if (local_.is_ip()) return -EINVAL;
    return kernel_.bind(*this, at, local_);
}

int udp_socket::connect(const address& to) {
    if (!to.is_ip()) return -EAFNOSUPPORT;
    return kernel_.choose_way(*this, to, local_, peer_);
}

std::int32_t udp_socket::receive(std::span<const iovec> into, int flags, address& from) {
    if (error_) return -std::exchange(error_, 0);
    if (in_.empty()) return -EAGAIN;
    const packet& first = in_.front();
    const std::size_t size = first.data.size();
    const std::size_t copied = scatter(first.data, into);
    from = first.from;
    if (!(flags & MSG_PEEK)) {
        held_ -= size;
        in_.pop_front();
    }
    return static_cast<std::int32_t>(flags & MSG_TRUNC ? size : copied);
}

std::int32_t udp_socket::send(std::span<const iovec> pieces, const address& to) {
    if (error_) return -std::exchange(error_, 0);
    if (size_of(pieces) > largest_datagram) return -EMSGSIZE;
    packet p;
    p.what = packet::kind::datagram;
    p.to = to.is_ip() ? to : peer_;
    if (!p.to.is_ip()) return to.family() == address_family::local ? -EAFNOSUPPORT : -EDESTADDRREQ;
    if (p.to.port() == 0) return -EINVAL;
    if (kernel_.is_broadcast(p.to) && !option(SOL_SOCKET, SO_BROADCAST)) return -EACCES;
    if (!local_.is_ip())
        if (const int result = bind(any_address())) return result;
    p.from = local_;
    if (kernel_.is_any(local_)) {
        if (const int result = kernel_.choose_source(p.to, p.from)) return result;
        p.from = p.from.with_port(local_.port());
    }
    p.data = joined(pieces, largest_datagram);
    const auto size = static_cast<std::int32_t>(p.data.size());
    kernel_.send(std::move(p));
    return size;
}

int udp_socket::shut_down(int) { return peer_.is_ip() ? 0 : -ENOTCONN; }

void udp_socket::close() { kernel_.remove(*this); }

unsigned udp_socket::events() const { return POLLOUT | (in_.empty() ? 0U : POLLIN) | (error_ ? POLLERR | POLLIN : 0U); }

int udp_socket::set_option(int level, int option, std::span<const std::byte> value) {
    const bool joins = option == MCAST_JOIN_GROUP;
    if ((level != IPPROTO_IP && level != IPPROTO_IPV6) || (!joins && option != MCAST_LEAVE_GROUP))
        return socket::set_option(level, option, value);
    group_req request{};
    if (value.size() < sizeof request) return -EINVAL;
    std::memcpy(&request, value.data(), sizeof request);
    const address group = address::from(reinterpret_cast<const sockaddr*>(&request.gr_group), sizeof request.gr_group);
    if (!kernel_.is_group(group)) return -EINVAL;
    if (joins) return groups_.insert(group.with_port(0)).second ? 0 : -EADDRINUSE;
    return groups_.erase(group.with_port(0)) > 0 ? 0 : -EADDRNOTAVAIL;
}

int udp_socket::get_option(int level, int option, int& value) {
    if (level != SOL_SOCKET || option != SO_ERROR) return socket::get_option(level, option, value);
    value = std::exchange(error_, 0);
    return 0;
}

bool udp_socket::wants(const packet& p) const {
    if (!local_.is_ip() || local_.port() != p.to.port()) return false;
    if (peer_.is_ip() && peer_ != p.from) return false;
    if (kernel_.is_group(p.to)) return groups_.contains(p.to.with_port(0)) && kernel_.is_any(local_);
    return kernel_.covers(*this, local_, p.to);
}

void udp_socket::arrived(const packet& p) {
    if (p.what == packet::kind::unreachable) {
        error_ = ECONNREFUSED;
    } else {
        if (held_ + p.data.size() > static_cast<std::size_t>(option(SOL_SOCKET, SO_RCVBUF, udp_room))) return;
        held_ += p.data.size();
        in_.push_back(p);
    }
    changed();
}

}  // namespace torus::inline v0::sim
