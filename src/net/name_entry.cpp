// src/net/name_entry.cpp: putting together what is known of a name.
#include "net/name_entry.hpp"

#include <algorithm>

namespace torus::inline v0 {

bool name_entry::is_known(address_family family) const noexcept {
    return (ipv6.is_known || family == address_family::ipv4) && (ipv4.is_known || family == address_family::ipv6);
}

void name_entry::learn(address_family family, answer what) noexcept {
    answer& known = of(family);
    if (known.is_known) return;
    known = std::move(what);
    known.is_known = true;
    changed.ring();
}

std::vector<address> name_entry::addresses(address_family family, std::uint16_t port) const {
    static const std::vector<address> none;
    std::vector<address> all = interleaved(family == address_family::ipv4 ? none : ipv6.addresses,
                                           family == address_family::ipv6 ? none : ipv4.addresses);
    for (address& each : all) each = each.with_port(port);
    return all;
}

/// If the families failed in different ways, the one that leaves more hope is told.
dns_error name_entry::error(address_family family) const {
    const answer* worst = family == address_family::ipv4 ? &ipv4 : &ipv6;
    if (family == address_family::none && ipv4.failure != dns_failure::not_found) worst = &ipv4;
    const std::string quoted = "'" + name + "'";
    switch (worst->failure) {
    case dns_failure::timeout: return {worst->failure, "torus: no DNS server has answered in time for " + quoted};
    case dns_failure::malformed_name: return {worst->failure, "torus: " + quoted + " is not a host's name"};
    case dns_failure::server_failure: {
        const std::string why = worst->detail ? std::string(": ") + worst->detail : std::string();
        return {worst->failure, "torus: the DNS servers can't resolve " + quoted + why};
    }
    default: break;
    }
    const char* const which = family == address_family::ipv4   ? "no IPv4 address of "
                              : family == address_family::ipv6 ? "no IPv6 address of "
                                                               : "no address of ";
    return {dns_failure::not_found, std::string("torus: there is ") + which + quoted};
}

std::vector<address> interleaved(const std::vector<address>& first, const std::vector<address>& second) {
    std::vector<address> all;
    all.reserve(first.size() + second.size());
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size()) all.push_back(first[i]);
        if (i < second.size()) all.push_back(second[i]);
    }
    return all;
}

}  // namespace torus::inline v0
