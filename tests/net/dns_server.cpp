// tests/net/dns_server.cpp: questions are read, and answered as the test has said.
#include "net/dns_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace torus::testing {

namespace {

constexpr std::size_t head_size = 12;
constexpr int port_attempts = 100;  // the kernel picks one for UDP, which may be taken for TCP

int checked(int result, const char* call) {
    if (result < 0) throw std::system_error(errno, std::system_category(), call);
    return result;
}

void append(std::string& to, std::uint32_t number, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) to += static_cast<char>(number >> shift & 0xff);
}

std::uint32_t number_at(std::string_view text, std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at]) << 8 |
                                      static_cast<unsigned char>(text[at + 1]));
}

std::string encoded(std::string_view name) {
    std::string wire;
    while (!name.empty()) {
        const std::size_t dot = std::min(name.find('.'), name.size());
        wire += static_cast<char>(dot);
        wire += name.substr(0, dot);
        name.remove_prefix(std::min(dot + 1, name.size()));
    }
    return wire + '\0';
}

/// The name of the question, and where it ends.
std::pair<std::string, std::size_t> decoded(std::string_view message) {
    std::string name;
    std::size_t at = head_size;
    while (message[at] != '\0') {
        const auto size = static_cast<std::size_t>(message[at]);
        if (!name.empty()) name += '.';
        name += message.substr(at + 1, size);
        at += size + 1;
    }
    return {name, at + 1};
}

std::string data_of(const zone_line& line) {
    if (line.type == record::canonical_name || line.type == record::pointer) return encoded(line.data);
    const address at = address::ip(line.data, 0).value();
    const auto* const bytes = reinterpret_cast<const char*>(at.data());
    return at.family() == address_family::ipv4 ? std::string(bytes + 4, 4) : std::string(bytes + 8, 16);
}

std::string record_of(const zone_line& line, std::string data) {
    std::string wire = encoded(line.name);
    append(wire, static_cast<std::uint32_t>(line.type), 2);
    append(wire, 1, 2);
    append(wire, line.ttl, 4);
    append(wire, static_cast<std::uint32_t>(data.size()), 2);
    return wire + data;
}

struct answer_parts {
    std::uint32_t number;
    std::string question;
    verdict code;
    std::size_t lines;
    std::string records;
    bool is_truncated = false;
};

std::string message_of(const answer_parts& parts) {
    std::string wire;
    append(wire, parts.number, 2);
    append(wire, 0x8180u | (parts.is_truncated ? 0x0200u : 0u) | static_cast<std::uint32_t>(parts.code), 2);
    append(wire, 1, 2);
    append(wire, static_cast<std::uint32_t>(parts.lines), 2);
    append(wire, 0, 4);
    return wire + parts.question + parts.records;
}

/// Answers that somebody else could send who guesses.
std::vector<std::string> forgeries(answer_parts parts, record type) {
    const std::string lie = type == record::ipv6 ? "2001:db8::bad" : "192.0.2.66";
    const zone_line line{"forged", type, lie};
    parts.lines = 1;
    parts.records = record_of(line, data_of(line));
    answer_parts to_another = parts;
    parts.number ^= 0x5555;
    to_another.question = encoded("forged") + parts.question.substr(parts.question.size() - 4);
    return {message_of(parts), message_of(to_another)};
}

std::vector<std::string> sent_over_tcp(const std::string& whole, manner how) {
    if (how == manner::silent || how == manner::hanging_up) return {};
    return {whole};
}

std::vector<std::string> sent(const std::string& whole, answer_parts parts, manner how, record type) {
    switch (how) {
    case manner::silent: return {};
    case manner::truncated:
    case manner::hanging_up:
        parts.is_truncated = true;
        parts.lines = 0;
        parts.records.clear();
        return {message_of(parts)};
    case manner::cut_off: return {whole.substr(0, whole.size() - 2)};
    case manner::endless_name: {
        const std::size_t at = head_size + parts.question.size();
        std::string loop = whole;
        loop[at] = '\xc0';
        loop[at + 1] = static_cast<char>(at);
        return {loop};
    }
    case manner::lying_counts: parts.lines = 0xffff; return {message_of(parts)};
    case manner::after_a_forgery: {
        std::vector<std::string> all = forgeries(std::move(parts), type);
        all.push_back(whole);
        return all;
    }
    default: return {whole};
    }
}

}  // namespace

dns_server::dns_server(std::string_view on, std::uint16_t port) {
    const address at = address::ip(on, port).value();
    for (int left = port_attempts; !open(at); --left)
        if (left == 0 || port != 0) checked(-1, "bind");
    stop_ = checked(::eventfd(0, EFD_CLOEXEC), "eventfd");
    thread_ = std::thread([this] { serve(); });
}

dns_server::~dns_server() {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(stop_, &one, sizeof one));
    thread_.join();
    for (const client& each : clients_) ::close(each.socket);
    for (const int each : {datagrams_, listener_, stop_}) ::close(each);
}

bool dns_server::open(address at) {
    const int domain = at.data()->sa_family;
    datagrams_ = checked(::socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
    listener_ = checked(::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    auto* const bound = reinterpret_cast<sockaddr*>(&storage);
    bool is_open = ::bind(datagrams_, at.data(), at.size()) == 0 && ::getsockname(datagrams_, bound, &size) == 0 &&
                   ::bind(listener_, bound, size) == 0 && ::listen(listener_, 16) == 0;
    where_ = address::from(bound, size);
    if (!is_open) {
        const int error = errno;
        ::close(datagrams_);
        ::close(listener_);
        errno = error;
    }
    return is_open;
}

void dns_server::answer(std::string_view name, record type, dns_reply reply) {
    const std::lock_guard lock(mutex_);
    zone_[{std::string(name), type}] = std::move(reply);
}

void dns_server::answer(std::string_view name, std::vector<std::string> literals, std::uint32_t ttl) {
    dns_reply ipv4, ipv6;
    for (const std::string& each : literals) {
        const bool is_ipv6 = each.find(':') != each.npos;
        (is_ipv6 ? ipv6 : ipv4).lines.push_back({std::string(name), is_ipv6 ? record::ipv6 : record::ipv4, each, ttl});
    }
    answer(name, record::ipv4, std::move(ipv4));
    answer(name, record::ipv6, std::move(ipv6));
}

void dns_server::answer_both(std::string_view name, const dns_reply& reply) {
    answer(name, record::ipv4, reply);
    answer(name, record::ipv6, reply);
}

void dns_server::release() {
    const std::lock_guard lock(mutex_);
    holds_ = false;
    for (const held_answer& each : held_)
        ::sendto(datagrams_, each.bytes.data(), each.bytes.size(), 0, each.to.data(), each.to.size());
    held_.clear();
}

std::vector<dns_server::question> dns_server::questions() const {
    const std::lock_guard lock(mutex_);
    return questions_;
}

std::size_t dns_server::asked(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(questions_.begin(), questions_.end(), [name](const question& q) { return q.name == name; }));
}

async<> dns_server::wait_until_asked(std::size_t count) {
    const auto wait = [this, count] {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return questions_.size() >= count; });
    };
    co_await to_thread(wait);
}

void dns_server::serve() {
    for (;;) {
        std::vector<pollfd> watched{{stop_, POLLIN, 0}, {datagrams_, POLLIN, 0}, {listener_, POLLIN, 0}};
        for (const client& each : clients_) watched.push_back({each.socket, POLLIN, 0});
        if (::poll(watched.data(), watched.size(), -1) < 0) continue;
        if (watched[0].revents != 0) return;
        if (watched[1].revents != 0) serve_datagram();
        for (std::size_t i = 3; i < watched.size(); ++i)
            if (watched[i].revents != 0) serve_client(clients_[i - 3]);
        std::erase_if(clients_, [](const client& each) { return each.socket < 0; });
        if (watched[2].revents != 0) clients_.push_back({::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), {}});
    }
}

void dns_server::serve_datagram() {
    std::array<char, 512> room{};
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    auto* const peer = reinterpret_cast<sockaddr*>(&storage);
    const ssize_t n = ::recvfrom(datagrams_, room.data(), room.size(), 0, peer, &size);
    if (n < static_cast<ssize_t>(head_size)) return;  // an error that an earlier answer has met
    const address from = address::from(peer, size);
    for (const std::string& each : replies_to({room.data(), static_cast<std::size_t>(n)}, false, &from))
        ::sendto(datagrams_, each.data(), each.size(), 0, from.data(), from.size());
}

void dns_server::serve_client(client& from) {
    std::array<char, 4096> room{};
    const ssize_t n = ::recv(from.socket, room.data(), room.size(), 0);
    bool is_over = n <= 0;
    if (!is_over) from.unread.append(room.data(), static_cast<std::size_t>(n));
    while (from.unread.size() >= 2 && from.unread.size() >= 2 + number_at(from.unread, 0)) {
        const std::size_t size = number_at(from.unread, 0);
        const std::vector<std::string> replies = replies_to(from.unread.substr(2, size), true, nullptr);
        from.unread.erase(0, 2 + size);
        is_over = is_over || replies.empty();
        for (const std::string& each : replies) {
            std::string framed;
            append(framed, static_cast<std::uint32_t>(each.size()), 2);
            framed += each;
            ::send(from.socket, framed.data(), framed.size(), MSG_NOSIGNAL);
        }
    }
    if (is_over) ::close(std::exchange(from.socket, -1));
}

std::vector<std::string> dns_server::replies_to(std::string_view message, bool over_tcp, const address* from) {
    const auto [name, end] = decoded(message);
    const auto type = static_cast<record>(number_at(message, end));
    const std::lock_guard lock(mutex_);
    questions_.push_back({name, type, over_tcp});
    changed_.notify_all();
    const auto found = zone_.find({name, type});
    const dns_reply reply = found == zone_.end() ? dns_reply{{}, verdict::no_such_name} : found->second;

    answer_parts parts{number_at(message, 0),
                       std::string(message.substr(head_size, end + 4 - head_size)),
                       reply.code,
                       reply.lines.size(),
                       {}};
    for (const zone_line& each : reply.lines)
        parts.records += record_of(each, reply.how == manner::wrong_size ? "abc" : data_of(each));
    const std::string whole = message_of(parts);
    if (reply.how == manner::held && holds_ && from) {
        held_.push_back({whole, *from});
        return {};
    }
    if (reply.how == manner::rubbish_first && ++times_asked_[{name, type}] == 1)
        return {"", whole.substr(0, head_size - 1), whole.substr(0, head_size + 3), std::string(600, '\xff')};
    return over_tcp ? sent_over_tcp(whole, reply.how) : sent(whole, std::move(parts), reply.how, type);
}

}  // namespace torus::testing
