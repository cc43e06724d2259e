// src/http/client_state.hpp: what a client consists of; responses share it.
#pragma once

#include <memory>
#include <string>

#include <torus/http/client.hpp>

#include "http/exchange.hpp"
#include "http/pool.hpp"
#include "http/proxy.hpp"

namespace torus::inline v0::http {

class client_state : public std::enable_shared_from_this<client_state> {
public:
    explicit client_state(client_options o)
        : options(std::move(o)), proxies(options),
          connections(options.max_connections, options.max_connections_per_host, options.keep_idle) {}

    /// Follows redirects until there is a response.
    async<response> send(request what, exchange_options how);

    client_options options;
    proxy_rules proxies;
    pool connections;

private:
    async<std::unique_ptr<exchange>> attempt(request& what, const exchange_options& how, time_point deadline,
                                             time_point beginning);
    request_head head_for(const request& what, const std::optional<url>& proxy) const;
    route route_for(const request& what, const std::optional<url>& proxy) const;
};

}  // namespace torus::inline v0::http
