// src/http/client_connection.hpp: one connection of a client, and how it came about.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include <torus/core/clock.hpp>
#include <torus/http/client.hpp>
#include <torus/io/stream.hpp>

#include "http/parser.hpp"

namespace torus::inline v0::http {

/// Where a connection leads. Requests with equal routes can share one.
class route {
public:
    route() = default;  // no aggregate: g++ 12 destroys those twice in awaited calls

    std::string host;              // of the connection's other end: the origin, or a proxy
    std::uint16_t port = 0;
    bool is_secure = false;        // TLS, to the origin
    std::string tunnel;            // "host:port" of the origin, where a proxy tunnels to it
    std::string tls_name;          // whose certificate is expected
    std::uint16_t origin_port = 0; // where that is served, through a proxy or not
    std::string proxy_credentials;  // for a tunnel

    /// What tells routes apart.
    std::string key() const;
};

/// An open connection and the state of its conversation.
class client_connection {
public:
    client_connection(stream over, std::string to, const message_limits& limits)
        : conversation(std::move(over)), parser(limits), key(std::move(to)) {}

    /// Whether the server has closed it, or said something unasked, while it was idle.
    bool is_stale();

    stream conversation;
    response_parser parser;
    std::string key;
    std::size_t exchanges = 0;  // that have ended well
};

/// A proxy does not open a tunnel.
class proxy_refusal : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Opens a connection: the name's addresses, TCP, a proxy's tunnel, TLS. Notes the time of each part, and in `when` how
/// far it has come.
async<std::unique_ptr<client_connection>> open_route(route to, client_options& options, duration limit, timings& times,
                                                     phase& when);

}  // namespace torus::inline v0::http
