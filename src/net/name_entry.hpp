// src/net/name_entry.hpp: what is known of a name, and who waits to know more.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <torus/core/clock.hpp>
#include <torus/io/address.hpp>
#include <torus/net/resolve.hpp>

#include "io/notice.hpp"

namespace torus::inline v0 {

/// A name's addresses, or why there are none; shared by everybody who asks for it. The families become known apart.
class name_entry {
public:
    /// What has been found out about one family.
    struct answer {
        bool is_known = false;
        dns_failure failure = dns_failure::not_found;  // if there are no addresses
        const char* detail = nullptr;                  // in the words of the resolver library
        std::vector<address> addresses;
    };

    explicit name_entry(std::string of) : name(std::move(of)) {}

    answer& of(address_family family) noexcept { return family == address_family::ipv6 ? ipv6 : ipv4; }

    /// Whether all is known of the family; of both, if it is `none`.
    bool is_known(address_family family = address_family::none) const noexcept;

    /// Notes an answer, and tells those who wait. The first one counts.
    void learn(address_family family, answer what) noexcept;

    /// The addresses of the family, or of both, alternating, with this port.
    std::vector<address> addresses(address_family family, std::uint16_t port) const;

    /// Why there are none.
    dns_error error(address_family family) const;

    const std::string name;
    answer ipv6;
    answer ipv4;
    duration ttl = duration::max();
    time_point expires{};
    notice changed;
};

/// Alternates between two lists, the first of them first.
std::vector<address> interleaved(const std::vector<address>& first, const std::vector<address>& second);

}  // namespace torus::inline v0
