// tests/net/names.hpp: a resolver that asks the test's server and nobody else; addresses as texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <torus/net/net.hpp>
#include <torus/testing/test.hpp>

#include "net/dns_server.hpp"

namespace torus::testing {

using namespace std::chrono_literals;

/// No file that is there has this name.
inline constexpr std::string_view no_file = "/nonexistent/torus";

/// From now on the loop's resolver asks only these servers.
inline void ask_only(const std::string& servers) {
    resolver::current().set_servers(servers);
    resolver::current().set_hosts_file(no_file);
}

/// The addresses of a name, without their port.
inline async<std::vector<std::string>> hosts_of(std::string name, address_family family = address_family::none) {
    std::vector<std::string> hosts;
    for (const address& each : co_await resolve(std::move(name), 0, family)) hosts.push_back(each.host());
    co_return hosts;
}

/// How looking it up fails.
inline async<dns_failure> failure_of(std::string name, address_family family = address_family::none) {
    const dns_error e = co_await expect_throws<dns_error>(resolve(name, 0, family));
    EXPECT_NE(std::string_view(e.what()).find(name), std::string_view::npos) << e.what();
    co_return e.kind();
}

using texts = std::vector<std::string>;

/// A function, since g++ 12 compiles no braced list in an awaited expression.
inline texts only(std::string text) { return texts(1, std::move(text)); }

}  // namespace torus::testing
