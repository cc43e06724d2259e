// src/sim/socket.cpp: options, pieces, and telling who waits.
#include "sim/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/kernel.hpp"

#include <sys/socket.h>

namespace torus::inline v0::sim {

int socket::listen(int) { return -EOPNOTSUPP; }

std::shared_ptr<socket> socket::accept(int& error) {
    error = -EOPNOTSUPP;
    return nullptr;
}

void socket::changed() { kernel_.changed(*this); }

int socket::option(int level, int number, int otherwise) const noexcept {
    const auto found = options_.find({level, number});
    return found == options_.end() ? otherwise : found->second;
}

/// Kept for who asks; what some of them mean is asked where it matters.
int socket::set_option(int level, int option, std::span<const std::byte> value) {
    int number = 0;
    if (value.size() < sizeof number) return -EINVAL;
    std::memcpy(&number, value.data(), sizeof number);
    options_[{level, option}] = number;
    return 0;
}

int socket::get_option(int level, int option, int& value) {
    if (level == SOL_SOCKET && option == SO_TYPE) value = type_;
    else if (level == SOL_SOCKET && option == SO_DOMAIN) value = domain_;
    else value = this->option(level, option);
    return 0;
}

address socket::any_address() const noexcept {
    return address::any(domain_ == AF_INET6 ? address_family::ipv6 : address_family::ipv4, 0);
}

std::size_t size_of(std::span<const iovec> pieces) noexcept {
    std::size_t size = 0;
    for (const iovec& each : pieces) size += each.iov_len;
    return size;
}

std::string joined(std::span<const iovec> pieces, std::size_t at_most) {
    std::string all;
    all.reserve(std::min(at_most, size_of(pieces)));
    for (const iovec& each : pieces) {
        const std::size_t taken = std::min(each.iov_len, at_most - all.size());
        if (taken > 0) all.append(static_cast<const char*>(each.iov_base), taken);
    }
    return all;
}

std::size_t scatter(std::string_view bytes, std::span<const iovec> into) noexcept {
    std::size_t done = 0;
    for (const iovec& each : into) {
        const std::size_t count = std::min(each.iov_len, bytes.size() - done);
        if (count > 0) std::memcpy(each.iov_base, bytes.data() + done, count);
        done += count;
    }
    return done;
}

void tell(const address& a, void* name, unsigned& room) noexcept {
    const auto count = std::min<std::size_t>(room, a.size());
    if (name && count > 0) std::memcpy(name, a.data(), count);
    room = a.size();
}

}  // namespace torus::inline v0::sim
