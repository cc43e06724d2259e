// torus/io/address.hpp: where a socket is: an IP address with a port, or a path.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace torus::inline v0 {

enum class address_family : std::uint8_t {
    none,   // no address, an unnamed socket; where a family is asked for: any
    ipv4,
    ipv6,
    local,  // a Unix socket
};

/// The address of a socket.
///
///     address a = address::ip("::1", 8080).value();
///     print(a, " has port ", a.port());             // [::1]:8080 has port 8080
///
/// A small value without memory of its own. An IPv4 address that the kernel shows as an IPv6 one (::ffff:10.0.0.1, a
/// client of a socket for both) is taken for what it is.
class address {
public:
    /// None.
    address() noexcept = default;

    /// A literal: "127.0.0.1", "::1", "fe80::1%eth0", also in brackets; nothing if it is none. Names are for `resolve`.
    static std::optional<address> ip(std::string_view literal, std::uint16_t port) noexcept;

    /// What `text()` has written: "127.0.0.1:80", "[::1]:80", "unix:/run/x.sock", "unix:@abstract"; nothing if it isn't that.
    static std::optional<address> parse(std::string_view text) noexcept;

    /// A Unix socket. A path that begins with '@' or a zero byte is a name in the abstract namespace, which has no file.
    /// @throws std::system_error  ENAMETOOLONG beyond 107 bytes, which is all the kernel takes; EINVAL if it is empty, or
    ///                            a path with a zero byte, after which the kernel would read nothing
    static address local(std::string_view path);

    /// All of this machine's addresses of a family: 0.0.0.0 or ::.
    static address any(address_family family, std::uint16_t port) noexcept;
    /// This machine itself: 127.0.0.1 or ::1.
    static address loopback(address_family family, std::uint16_t port) noexcept;
    /// What the kernel says. A family other than those above gives none.
    static address from(const sockaddr* of, std::size_t size) noexcept;

    address_family family() const noexcept;
    bool is_ip() const noexcept { return family() == address_family::ipv4 || family() == address_family::ipv6; }
    bool is_loopback() const noexcept;

    /// 0 if it has none.
    std::uint16_t port() const noexcept;
    address with_port(std::uint16_t port) const noexcept;

    /// "127.0.0.1", "fe80::1%2"; the path of a Unix socket, an abstract name with '@' before it.
    std::string host() const;
    /// "127.0.0.1:80", "[::1]:80", "unix:/run/x.sock"; "none".
    std::string text() const;

    /// @{ For system calls.
    const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(bytes_.data()); }
    std::uint32_t size() const noexcept { return size_; }
    /// @}

    bool operator==(const address& other) const noexcept { return view() == other.view(); }
    std::strong_ordering operator<=>(const address& other) const noexcept { return view() <=> other.view(); }

private:
    std::string_view view() const noexcept { return {bytes_.data(), size_}; }
    template <class Kind> Kind as() const noexcept;
    template <class Kind> static address of(const Kind& kind, std::size_t size = sizeof(Kind)) noexcept;

    static constexpr std::size_t largest = 110;  // bytes: a sockaddr_un
    alignas(4) std::array<char, largest> bytes_{};
    std::uint16_t size_ = 0;
};

std::ostream& operator<<(std::ostream& out, const address& a);

}  // namespace torus::inline v0
