// src/net/connect.cpp: connections to names, addresses and paths.
#include <torus/net/connect.hpp>

#include <optional>
#include <stdexcept>
#include <vector>

#include "net/connect_race.hpp"
#include "net/dns_resolver.hpp"
#include "net/make_socket.hpp"

namespace torus::inline v0 {

namespace {

/// What a connection is to be, in memory of its own.
struct plan {
    explicit plan(const connect_options& given) : options(given) {
        if (given.local_host.empty()) return;
        from = address::ip(given.local_host, 0);
        if (!from) throw std::invalid_argument("torus: '" + std::string(given.local_host) + "' is no address");
        options.local_host = {};
        options.family = from->family();
    }
    connect_options options;
    std::optional<address> from;
};

std::string in_milliseconds(duration span) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(span).count()) + " ms";
}

async<stream> finish(connect_race& race, const plan& how, std::string target) {
    bool is_late = false;
    try {
        co_await timeout(how.options.timeout, race.run());
    } catch (const timeout_error&) {
        is_late = true;
    }
    if (is_late) {
        const std::string so_far = race.failures();
        throw timeout_error("torus: connecting to " + target + " took longer than " +
                            in_milliseconds(how.options.timeout) + (so_far.empty() ? "" : " (" + so_far + ")"));
    }
    descriptor socket = race.take_socket();
    co_return stream(socket_transport(std::move(socket), race.peer()), how.options.limits);
}

async<stream> connect_to_host(std::string host, std::uint16_t port, plan how) {
    connect_race race(how.options, how.from);
    const address_family family = how.options.family;
    if (const auto literal = address::ip(host, port)) {
        if (family != address_family::none && family != literal->family())
            throw dns_error(dns_failure::not_found, "torus: '" + host + "' is an address of another family");
        race.add(std::span(&*literal, 1));
    } else {
        race.follow(service_of_loop<dns_resolver>().look_up(host), family, port);
    }
    co_return co_await finish(race, how, host + ":" + std::to_string(port));
}

async<stream> connect_to_addresses(std::vector<address> addresses, plan how) {
    connect_race race(how.options, how.from);
    const address_family family = how.options.family;
    if (family != address_family::none)
        std::erase_if(addresses, [family](const address& each) { return each.family() != family; });
    race.add(addresses);
    std::string target;  // by itself: g++ 12 frees the result of ?: twice in a co_await expression
    if (!addresses.empty()) target = addresses.front().text();
    co_return co_await finish(race, how, std::move(target));
}

}  // namespace

async<stream> open_connection(std::string host, std::uint16_t port, const connect_options& options) {
    return connect_to_host(std::move(host), port, plan(options));
}

async<stream> open_connection(std::span<const address> addresses, const connect_options& options) {
    return connect_to_addresses(std::vector<address>(addresses.begin(), addresses.end()), plan(options));
}

async<stream> open_unix_connection(std::string path, const connect_options& options) {
    return connect_to_addresses(std::vector<address>{address::local(path)}, plan(options));
}

}  // namespace torus::inline v0
