// torus/net/resolve.hpp: the addresses behind a name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <torus/core/async.hpp>
#include <torus/core/clock.hpp>
#include <torus/io/address.hpp>

namespace torus::inline v0 {

/// How long a lookup may take in all. Longer than a resolver takes that has to ask twice, shorter than people wait.
inline constexpr duration dns_time_limit = std::chrono::seconds(5);

/// What is found is remembered for as long as it says, within these bounds: nobody asks for a name more than once a
/// second, and a name that has moved is found again within minutes.
inline constexpr duration dns_cache_min = std::chrono::seconds(1);
inline constexpr duration dns_cache_max = std::chrono::minutes(5);

/// What is not found, or not answered, is not asked for again so soon; a mistake that is mended works soon after.
inline constexpr duration dns_cache_failure = std::chrono::seconds(5);

/// Names remembered, the most recently used ones: about 2 MB.
inline constexpr std::size_t dns_cache_names = 4096;

/// Names looked up at once; further ones wait for their turn, and their time begins then. Each takes two queries, and
/// dnsmasq, which serves many networks and containers, refuses more than 150 of them.
inline constexpr std::size_t dns_lookups_at_once = 64;

/// Names of addresses asked for at once, beside those lookups; together they are what dnsmasq takes.
inline constexpr std::size_t dns_names_at_once = 16;

enum class dns_failure : std::uint8_t {
    not_found,       // there is no such name, or it has no address (of the family asked for)
    timeout,         // no server has answered
    server_failure,  // the servers answer that they can't, or can't be reached
    malformed_name,  // this is no name: too long, an empty part, a character that no name has
};

/// A name could not be resolved.
class dns_error : public std::runtime_error {
public:
    dns_error(dns_failure kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}

    dns_failure kind() const noexcept { return kind_; }

private:
    dns_failure kind_;
};

/// The addresses of `host`, IPv6 and IPv4 ones alternating, the former first, as connections should try them.
///
///     for (const address& a : co_await resolve("example.com", 443)) print(a);
///
/// Literals are taken as they are; then comes the hosts file, then DNS, asked for both families at once, with the
/// servers and search domains of /etc/resolv.conf. If one family isn't answered in time, the other is returned. `localhost`
/// and names under it are this machine, as RFC 6761 has it. Equal lookups under way at once share one query.
///
/// @param  family  only these; `none` is both
/// @throws dns_error
/// @cancel takes effect at once; others that wait for the same name still get their answer
/// @source asyncio's loop.getaddrinfo
async<std::vector<address>> resolve(std::string host, std::uint16_t port = 0,
                                    address_family family = address_family::none);

/// The same by the name that Python and C have for it.
/// @cancel as resolve()
inline async<std::vector<address>> getaddrinfo(std::string host, std::uint16_t port = 0,
                                               address_family family = address_family::none) {
    return resolve(std::move(host), port, family);
}

/// The name of an IP address, as its owner has it (a PTR record); nothing if it has none.
///
///     auto name = co_await getnameinfo(conn.peer());
///     print(name.value_or("somebody"), " has come");
///
/// First comes the hosts file, then DNS, which is asked each time. Owners may claim any name: `resolve` tells whether the
/// name has the address, too.
///
/// @throws dns_error  no server has answered in time, or with a name that a host may have
/// @cancel takes effect at once
/// @source asyncio's loop.getnameinfo
async<std::optional<std::string>> getnameinfo(address of);

/// What finds addresses, one for each loop; `resolve` asks it. For tests, and for programs with servers of their own.
class resolver {
public:
    /// The running loop's.
    /// @throws std::runtime_error  no loop runs on this thread
    static resolver& current();

    /// Asks these servers, "10.0.0.1,[::1]:5353", instead of resolv.conf's, from the next lookup on; without search domains.
    /// @throws std::invalid_argument  this is no list of addresses
    virtual void set_servers(std::string_view servers) = 0;

    /// Appended to names without a dot (and others that are not found), "a.example,b.example"; like resolv.conf's `search`.
    virtual void set_search_domains(std::string_view domains) = 0;

    /// Reads another file than /etc/resolv.conf, which it looks at every five seconds like that one; what the former
    /// two were told no longer counts. Where it is not there, literals and the hosts file still work, and a DNS server
    /// is looked for on this machine.
    virtual void set_configuration_file(std::string_view path) = 0;

    /// Reads another file than /etc/hosts.
    virtual void set_hosts_file(std::string_view path) = 0;

    /// Forgets what it has found. Lookups under way end as they would have, and are not remembered; nor are they when
    /// one of the former is called.
    virtual void clear_cache() noexcept = 0;

    /// Names remembered.
    virtual std::size_t cached() const noexcept = 0;

protected:
    ~resolver() = default;
};

}  // namespace torus::inline v0
