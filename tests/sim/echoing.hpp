// tests/sim/echoing.hpp: a server on a simulated host, and who asks it.
#pragma once

#include <string>

#include <torus/core/core.hpp>
#include <torus/net/net.hpp>
#include <torus/sim/world.hpp>
#include <torus/testing/test.hpp>

namespace torus::testing {

inline constexpr std::uint16_t port = 7;

inline async<> echo_to(stream client) {
    for (std::string some = co_await client.read(4096); !some.empty(); some = co_await client.read(4096))
        co_await client.write(some);
}

inline async<> echo() {
    server srv = co_await start_server(echo_to, "", port);
    co_await srv.serve_forever();
}

inline async<> nothing() { co_return; }

/// What a server answers, or why it does not.
inline async<std::string> ask(std::string host, std::string what) {
    try {
        stream conn = co_await open_connection(host, port, {.timeout = std::chrono::hours(1)});
        co_await conn.write(what);
        co_return co_await conn.readexactly(what.size());
    } catch (const std::exception& e) {
        co_return e.what();
    }
}

}  // namespace torus::testing
