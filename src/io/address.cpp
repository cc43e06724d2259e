// src/io/address.cpp: socket addresses and their texts.
#include <torus/io/address.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ostream>
#include <system_error>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace torus::inline v0 {

namespace {

constexpr std::size_t path_offset = offsetof(sockaddr_un, sun_path);
constexpr std::string_view local_prefix = "unix:";

// The kernel takes one byte more, without a terminating zero; too many programs expect one.
constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;

template <class Number> std::optional<Number> number(std::string_view digits) noexcept {
    Number value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

bool has_zero(std::string_view text) noexcept { return text.find('\0') != text.npos; }

/// The literal with a terminating zero, as inet_pton wants it; empty if it is too long to be one, or has a zero byte of
/// its own, after which inet_pton would not see what others may take for the host's name.
struct literal_text {
    explicit literal_text(std::string_view literal) noexcept {
        if (literal.size() < bytes.size() && !has_zero(literal)) literal.copy(bytes.data(), literal.size());
    }
    std::array<char, INET6_ADDRSTRLEN> bytes{};
};

/// The number of a zone: "2", or an interface's name; 0 if it is neither.
std::uint32_t scope_of(std::string_view zone) noexcept {
    if (const auto given = number<std::uint32_t>(zone)) return *given;
    std::array<char, IF_NAMESIZE> name{};
    if (zone.size() >= name.size() || has_zero(zone)) return 0;
    zone.copy(name.data(), zone.size());
    return ::if_nametoindex(name.data());
}

bool is_abstract(std::string_view path) noexcept { return path.starts_with('@') || path.starts_with('\0'); }

/// 0, or the errno that says what is wrong with a socket's path.
int fault_of(std::string_view path) noexcept {
    if (path.size() > longest_path) return ENAMETOOLONG;
    return path.empty() || (!is_abstract(path) && has_zero(path)) ? EINVAL : 0;
}

/// Without what follows the path: a kernel's answer may have nothing there, or rubbish.
std::size_t size_of(const sockaddr_un& un, std::size_t size) noexcept {
    if (size <= path_offset || un.sun_path[0] == '\0') return size;
    return std::min(path_offset + ::strnlen(un.sun_path, size - path_offset) + 1, sizeof un);
}

}  // namespace

static_assert(sizeof(sockaddr_un) <= 110);

template <class Kind> Kind address::as() const noexcept {
    Kind kind{};
    std::memcpy(&kind, bytes_.data(), std::min(sizeof kind, bytes_.size()));
    return kind;
}

template <class Kind> address address::of(const Kind& kind, std::size_t size) noexcept {
    address a;
    std::memcpy(a.bytes_.data(), &kind, size);
    a.size_ = static_cast<std::uint16_t>(size);
    return a;
}

std::optional<address> address::ip(std::string_view literal, std::uint16_t port) noexcept {
    if (literal.size() > 2 && literal.front() == '[' && literal.back() == ']') {
        literal = literal.substr(1, literal.size() - 2);
        if (literal.find(':') == literal.npos) return std::nullopt;
    }
    sockaddr_in v4{};
    if (::inet_pton(AF_INET, literal_text(literal).bytes.data(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        return of(v4);
    }
    const std::size_t percent = literal.find('%');
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET6, literal_text(literal.substr(0, percent)).bytes.data(), &v6.sin6_addr) != 1)
        return std::nullopt;
    if (percent != literal.npos && (v6.sin6_scope_id = scope_of(literal.substr(percent + 1))) == 0) return std::nullopt;
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    return of(v6);
}

std::optional<address> address::parse(std::string_view text) noexcept {
    if (text.starts_with(local_prefix)) {
        const std::string_view path = text.substr(local_prefix.size());
        if (fault_of(path) != 0) return std::nullopt;
        return local(path);
    }
    const std::size_t colon = text.rfind(':');
    if (colon == text.npos) return std::nullopt;
    const std::string_view host = text.substr(0, colon);
    const auto port = number<std::uint16_t>(text.substr(colon + 1));
    if (!port || (host.find(':') != host.npos && !host.starts_with('['))) return std::nullopt;
    return ip(host, *port);
}

address address::local(std::string_view path) {
    if (const int fault = fault_of(path))
        throw std::system_error(fault, std::system_category(), "torus: a socket's path: '" + std::string(path) + "'");
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    path.copy(un.sun_path, path.size());
    if (is_abstract(path)) un.sun_path[0] = '\0';
    return of(un, path_offset + path.size() + (is_abstract(path) ? 0 : 1));
}

address address::any(address_family family, std::uint16_t port) noexcept {
    return *ip(family == address_family::ipv6 ? "::" : "0.0.0.0", port);
}

address address::loopback(address_family family, std::uint16_t port) noexcept {
    return *ip(family == address_family::ipv6 ? "::1" : "127.0.0.1", port);
}

address address::from(const sockaddr* of_kernel, std::size_t size) noexcept {
    address a;
    if (!of_kernel || size < sizeof(sa_family_t)) return a;
    std::memcpy(a.bytes_.data(), of_kernel, std::min(size, largest));
    switch (a.as<sockaddr>().sa_family) {
    case AF_INET: return size < sizeof(sockaddr_in) ? address() : of(a.as<sockaddr_in>());
    case AF_INET6: {
        const auto v6 = a.as<sockaddr_in6>();
        if (size < sizeof v6) return {};
        if (!IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) return of(v6);
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = v6.sin6_port;
        std::memcpy(&v4.sin_addr, v6.sin6_addr.s6_addr + 12, sizeof v4.sin_addr);
        return of(v4);
    }
    case AF_UNIX: {
        const auto un = a.as<sockaddr_un>();
        return size <= path_offset ? address() : of(un, size_of(un, std::min(size, sizeof un)));
    }
    default: return {};
    }
}

address_family address::family() const noexcept {
    if (size_ == 0) return address_family::none;
    switch (as<sockaddr>().sa_family) {
    case AF_INET: return address_family::ipv4;
    case AF_INET6: return address_family::ipv6;
    case AF_UNIX: return address_family::local;
    default: return address_family::none;
    }
}

bool address::is_loopback() const noexcept {
    switch (family()) {
    case address_family::ipv4: return ntohl(as<sockaddr_in>().sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    case address_family::ipv6: {
        const auto v6 = as<sockaddr_in6>();
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
    }
    default: return false;
    }
}

std::uint16_t address::port() const noexcept {
    // In the same place for both families.
    return is_ip() ? ntohs(as<sockaddr_in>().sin_port) : std::uint16_t{0};
}

address address::with_port(std::uint16_t port) const noexcept {
    address a = *this;
    if (!is_ip()) return a;
    const in_port_t in_network_order = htons(port);
    std::memcpy(a.bytes_.data() + offsetof(sockaddr_in, sin_port), &in_network_order, sizeof in_network_order);
    return a;
}

std::string address::host() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    switch (family()) {
    case address_family::ipv4: {
        const auto v4 = as<sockaddr_in>();
        return ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    }
    case address_family::ipv6: {
        const auto v6 = as<sockaddr_in6>();
        std::string host = ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
        return v6.sin6_scope_id ? host + "%" + std::to_string(v6.sin6_scope_id) : host;
    }
    case address_family::local: {
        std::string path(bytes_.data() + path_offset, size_ - path_offset);
        if (path.starts_with('\0')) path[0] = '@';
        else path.resize(std::min(path.find('\0'), path.size()));
        return path;
    }
    default: return {};
    }
}

std::string address::text() const {
    switch (family()) {
    case address_family::ipv4: return host() + ":" + std::to_string(port());
    case address_family::ipv6: return "[" + host() + "]:" + std::to_string(port());
    case address_family::local: return std::string(local_prefix) + host();
    default: return "none";
    }
}

std::ostream& operator<<(std::ostream& out, const address& a) { return out << a.text(); }

}  // namespace torus::inline v0
