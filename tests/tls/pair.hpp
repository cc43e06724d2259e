// tests/tls/pair.hpp: two engines and the wires between them, in memory.
#pragma once

#include "certificates.hpp"

#include "tls/engine.hpp"

#include <torus/tls/context.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace torus::tls::testing {

/// All there is.
constexpr std::size_t at_once = static_cast<std::size_t>(-1);

/// Carries ciphertext that waits in `from` over to `to`, `piece` bytes at most. @return how much that was
std::size_t carry(engine& from, engine& to, std::size_t piece = at_once);

/// The same thread's error queue must be clean after every call; fails the test if it is not.
void expect_clean_error_queue();

/// A client and a server that talk to each other.
struct pair {
    pair(const context& with_client, const context& with_server, const peer& whom = {.host = "a.example", .port = 443},
         const engine_limits& limits = {})
        : client(with_client, whom, limits), server(with_server, limits) {}

    /// Both shake hands until neither can go on; the ciphertext travels in pieces of `piece` bytes.
    void shake(std::size_t piece = at_once);
    /// True if both sides think that it worked.
    bool established() const { return client.is_established() && server.is_established(); }

    engine client;
    engine server;
};

/// Writes all of `text` on `from` and reads until `to` has it or nothing moves any more. @return what arrived
std::string transfer(engine& from, engine& to, std::string_view text, std::size_t piece = at_once);

/// Reads what is there. @return the text, and how the last read ended
struct heard {
    std::string text;
    step last;
};
heard listen(engine& on);

/// Why `side` failed; fails the test, and gives an error that matches nothing, if it did not.
error why(engine& side);

/// A context of the test authority's certificate, and one of a client that trusts that authority.
context test_server_context(server_options options = {});
context test_client_context(client_options options = {});

inline std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace torus::tls::testing
