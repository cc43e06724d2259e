// src/sim/kernel.cpp: which socket a packet is for, and who may have which address.
#include "sim/kernel.hpp"

#include <algorithm>
#include <cerrno>

#include "sim/udp_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

namespace torus::inline v0::sim {

namespace {
constexpr std::uint16_t first_port = 32'768;  // net.ipv4.ip_local_port_range
constexpr std::uint16_t last_port = 60'999;

bool is_tcp(const socket& one) noexcept { return one.type() == SOCK_STREAM; }
}  // namespace

kernel::kernel(wire& on, int number, socket_watcher& watcher)
    : wire_(on), number_(number), watcher_(watcher), last_port_(first_port) {
    wire_.attach(*this, number);
}

// ------------------------------------------------------------------------------------------------------------------
// Addresses

bool kernel::is_own(const address& a) const noexcept {
    if (a.is_loopback()) return true;
    const std::vector<address>& own = wire_.addresses_of(number_);
    return std::find(own.begin(), own.end(), a.with_port(0)) != own.end();
}

std::uint64_t kernel::largest_segment(const address& to) const noexcept {
    constexpr std::uint64_t of_loopback = 65'483;  // the device's MTU without headers
    constexpr std::uint64_t of_ethernet = 1'448;
    return is_own(to) ? of_loopback : of_ethernet;
}

bool kernel::is_group(const address& a) noexcept {
    if (a.family() == address_family::ipv4)
        return IN_MULTICAST(ntohl(reinterpret_cast<const sockaddr_in*>(a.data())->sin_addr.s_addr));
    return a.family() == address_family::ipv6 &&
           IN6_IS_ADDR_MULTICAST(&reinterpret_cast<const sockaddr_in6*>(a.data())->sin6_addr);
}

bool kernel::is_broadcast(const address& a) noexcept {
    return a.family() == address_family::ipv4 &&
           reinterpret_cast<const sockaddr_in*>(a.data())->sin_addr.s_addr == htonl(INADDR_BROADCAST);
}

bool kernel::covers(const socket& one, const address& local, const address& at) const noexcept {
    if (!local.is_ip() || local.port() != at.port()) return false;
    if (local == at) return true;
    if (!is_any(local)) return false;
    return local.family() == at.family() || !one.option(IPPROTO_IPV6, IPV6_V6ONLY);
}

bool kernel::overlap(const socket& one, const address& a, const socket& other, const address& b) const noexcept {
    return covers(one, a, b) || covers(other, b, a);
}

bool kernel::is_taken(const socket& one, const address& at, bool listens) const noexcept {
    return std::any_of(bound_.begin(), bound_.end(), [&](const socket* each) {
        if (each == &one || each->type() != one.type() || !overlap(one, at, *each, each->local())) return false;
        const auto both = [&](int option) {
            return one.option(SOL_SOCKET, option) && each->option(SOL_SOCKET, option);
        };
        const bool each_listens = is_tcp(*each) && static_cast<const tcp_socket*>(each)->is_listening();
        return !both(SO_REUSEPORT) && !(both(SO_REUSEADDR) && !each_listens && !listens);
    });
}

int kernel::free_port(std::uint16_t& port) {
    for (int i = first_port; i <= last_port; ++i) {
        last_port_ = last_port_ == last_port ? first_port : static_cast<std::uint16_t>(last_port_ + 1);
        port = last_port_;
        const auto has_it = [port](const socket* each) { return each->local().port() == port; };
        if (!ports_.contains(port) && std::none_of(bound_.begin(), bound_.end(), has_it)) return 0;
    }
    return -EADDRINUSE;
}

int kernel::bind(socket& one, const address& at, address& local) {
    const address_family family = one.domain() == AF_INET6 ? address_family::ipv6 : address_family::ipv4;
    if (!at.is_ip() || (at.family() != family && one.domain() == AF_INET)) return -EAFNOSUPPORT;
    const bool may_have = is_any(at) || is_own(at) || (!is_tcp(one) && (is_group(at) || is_broadcast(at)));
    if (!may_have) return -EADDRNOTAVAIL;
    std::uint16_t port = at.port();
    if (port == 0 && one.option(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT)) {
        local = at;
        return 0;
    }
    if (port == 0)
        if (const int result = free_port(port)) return result;
    if (is_taken(one, at.with_port(port), false)) return -EADDRINUSE;
    local = at.with_port(port);
    bound_.push_back(&one);
    return 0;
}

int kernel::begin_listening(tcp_socket& one) { return is_taken(one, one.local(), true) ? -EADDRINUSE : 0; }

int kernel::choose_source(const address& to, address& from) const {
    if (is_any(to) || is_own(to)) {
        from = is_any(to) || to.is_loopback() ? address::loopback(to.family(), 0) : to.with_port(0);
        return 0;
    }
    for (const address& each : wire_.addresses_of(number_)) {
        if (each.family() != to.family()) continue;
        from = each;
        return 0;
    }
    if (!is_group(to) && !is_broadcast(to)) return -ENETUNREACH;
    from = address::loopback(to.family(), 0);
    return 0;
}

int kernel::choose_way(socket& one, const address& to, address& local, address& peer) {
    if (to.family() == address_family::ipv6 && one.domain() == AF_INET) return -EAFNOSUPPORT;
    if (is_tcp(one) && (is_group(to) || is_broadcast(to))) return -ENETUNREACH;
    address source;
    if (const int result = choose_source(to, source)) return result;
    if (local.is_ip() && !is_any(local)) source = local;
    std::uint16_t port = local.is_ip() ? local.port() : std::uint16_t{0};
    if (port == 0) {
        if (free_port(port) != 0) return -EADDRNOTAVAIL;
        if (!is_tcp(one) && std::find(bound_.begin(), bound_.end(), &one) == bound_.end()) bound_.push_back(&one);
    }
    const address target = is_any(to) ? address::loopback(to.family(), to.port()) : to;
    if (is_tcp(one) && connections_.contains({source.with_port(port), target})) return -EADDRNOTAVAIL;
    local = source.with_port(port);
    peer = target;
    return 0;
}

void kernel::add_connection(tcp_socket& one) {
    connections_[{one.local(), one.peer()}] = std::static_pointer_cast<tcp_socket>(one.shared_from_this());
    ports_.insert(one.local().port());
}

void kernel::remove(socket& one) noexcept {
    std::erase(bound_, &one);
    const auto found = connections_.find({one.local(), one.peer()});
    if (found != connections_.end() && found->second.get() == &one) {
        ports_.erase(ports_.find(one.local().port()));
        connections_.erase(found);
    }
    if (one.domain() == AF_UNIX && one.local().size() > 0 && one.local().host().starts_with('@')) {
        const auto name = files_.find(one.local().host());
        if (name != files_.end() && name->second.owner.lock().get() == &one) files_.erase(name);
    }
}

// ------------------------------------------------------------------------------------------------------------------
// Unix sockets

int kernel::bind_path(unix_socket& one, const address& at) {
    if (at.family() != address_family::local) return -EINVAL;
    if (!files_.try_emplace(at.host(), std::static_pointer_cast<unix_socket>(one.shared_from_this()), ++last_file_)
             .second)
        return -EADDRINUSE;
    return 0;
}

int kernel::find_path(const address& at, std::shared_ptr<unix_socket>& found) const {
    if (at.family() != address_family::local) return -EINVAL;
    const std::string path = at.host();
    const auto file = files_.find(path);
    if (file == files_.end()) return path.starts_with('@') ? -ECONNREFUSED : -ENOENT;
    found = file->second.owner.lock();
    return found ? 0 : -ECONNREFUSED;
}

std::uint64_t kernel::file_at(const std::string& path) const noexcept {
    const auto file = files_.find(path);
    return file == files_.end() ? 0 : file->second.number;
}

void kernel::tell_senders_to(const unix_socket& one) {
    for (std::size_t i = 0; i < sockets_.places().size(); ++i) {
        socket* const each = sockets_.places()[i].get();
        if (!each || each->domain() != AF_UNIX) continue;
        if (auto& sender = static_cast<unix_socket&>(*each); sender.has_peer(one)) sender.notice();
    }
}

// ------------------------------------------------------------------------------------------------------------------
// Packets

void kernel::arrived(const packet& p) {
    if (p.what == packet::kind::segment) segment_arrived(p);
    else datagram_arrived(p);
}

/// The most particular one; of several for one address, one and the same for each peer.
tcp_socket* kernel::listener_for(const packet& p) const {
    std::vector<tcp_socket*> best;
    bool is_exact = false;
    for (socket* each : bound_) {
        if (!is_tcp(*each)) continue;
        auto* const listener = static_cast<tcp_socket*>(each);
        if (!listener->is_listening() || !covers(*each, each->local(), p.to)) continue;
        const bool exact = each->local() == p.to;
        if (exact && !is_exact) best.clear();
        if (exact || !is_exact) best.push_back(listener);
        is_exact = is_exact || exact;
    }
    return best.empty() ? nullptr : best[p.from.port() % best.size()];
}

void kernel::segment_arrived(const packet& p) {
    const auto found = connections_.find({p.to, p.from});
    if (found != connections_.end()) {
        const std::shared_ptr<tcp_socket> connection = found->second;
        return connection->arrived(p);
    }
    if (p.syn && !p.ack)
        if (tcp_socket* const listener = listener_for(p)) return listener->arrived(p);
    if (p.rst) return;
    packet refusal;
    refusal.rst = refusal.ack = true;
    refusal.from = p.to;
    refusal.to = p.from;
    send(std::move(refusal));
}

void kernel::datagram_arrived(const packet& p) {
    std::vector<udp_socket*> takers;
    for (socket* each : bound_) {
        if (is_tcp(*each)) continue;
        auto* const taker = static_cast<udp_socket*>(each);
        if (p.what == packet::kind::unreachable ? each->local() == p.to && each->peer() == p.from : taker->wants(p))
            takers.push_back(taker);
    }
    if (is_group(p.to) || is_broadcast(p.to) || p.what == packet::kind::unreachable) {
        for (udp_socket* each : takers) each->arrived(p);
        return;
    }
    if (!takers.empty()) {
        const auto rank = [&](const udp_socket* each) {
            return (each->peer().is_ip() ? 2 : 0) + (each->local() == p.to);
        };
        int best = 0;
        for (const udp_socket* each : takers) best = std::max(best, rank(each));
        std::erase_if(takers, [&](const udp_socket* each) { return rank(each) < best; });
        return takers[p.from.port() % takers.size()]->arrived(p);
    }
    packet answer;  // as ICMP has it
    answer.what = packet::kind::unreachable;
    answer.from = p.to;
    answer.to = p.from;
    send(std::move(answer));
}

}  // namespace torus::inline v0::sim
