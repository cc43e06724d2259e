// torus/net/connect.hpp: connecting to a server.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <torus/core/async.hpp>
#include <torus/core/clock.hpp>
#include <torus/io/address.hpp>
#include <torus/io/stream.hpp>
#include <torus/net/resolve.hpp>

namespace torus::inline v0 {

/// How long connecting may take, the search for the address included. A lost SYN is repeated after 1, 3 and 7 seconds:
/// this gives three of them a chance.
inline constexpr duration default_connect_timeout = std::chrono::seconds(10);

/// How long one address may take before the next one is tried beside it (RFC 8305, section 5).
inline constexpr duration default_attempt_delay = std::chrono::milliseconds(250);

/// How long IPv4 addresses wait for IPv6 ones that have not been found yet (RFC 8305, section 3).
inline constexpr duration resolution_delay = std::chrono::milliseconds(50);

struct connect_options {
    duration timeout = default_connect_timeout;
    duration attempt_delay = default_attempt_delay;
    address_family family = address_family::none;  // only these; `none` is both
    std::string_view local_host = {};              // a literal: the address to connect from
    stream_options limits = {};
};

/// No connection came about. what() names each address and why; code() is the reason of the one that got furthest: a
/// refusal says more than a network that isn't there.
class connect_error : public std::system_error {
public:
    connect_error(std::error_code why, const std::string& what)
        : std::system_error(why), what_(std::make_shared<const std::string>(what)) {}

    const char* what() const noexcept override { return what_->c_str(); }

private:
    std::shared_ptr<const std::string> what_;
};

/// Connects to `host`, a name or a literal. Tries its addresses by turns, IPv6 first, the next one when one fails or
/// takes long; the first connection wins, the other attempts are ended (happy eyeballs, RFC 8305).
///
///     stream conn = co_await open_connection("example.com", 80);
///
/// Small writes are sent at once (TCP_NODELAY): a stream has a buffer of its own.
///
/// @throws dns_error          no address was found
/// @throws connect_error      no address has answered
/// @throws timeout_error      the time was up
/// @cancel no socket is left
/// @source asyncio.open_connection
async<stream> open_connection(std::string host, std::uint16_t port, const connect_options& options = {});

/// The same with addresses that are known, tried in this order.
/// @throws std::invalid_argument  there are none
/// @cancel no socket is left
async<stream> open_connection(std::span<const address> addresses, const connect_options& options = {});

/// Connects to a Unix socket; a path that begins with '@' is an abstract name.
/// @throws connect_error  nobody listens there
/// @throws timeout_error  the time was up: the server accepts nobody
/// @cancel no socket is left
/// @source asyncio.open_unix_connection
async<stream> open_unix_connection(std::string path, const connect_options& options = {});

}  // namespace torus::inline v0
