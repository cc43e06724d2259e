// src/http/proxy.hpp: which proxy a URL goes through, if any.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <torus/http/client.hpp>

namespace torus::inline v0::http {

/// The proxies of a client, and the hosts that need none.
class proxy_rules {
public:
    /// @throws url_error  a proxy that is no http URL
    explicit proxy_rules(const client_options& options);

    const std::optional<url>& proxy_for(const url& target) const noexcept;

private:
    bool is_direct(std::string_view host) const noexcept;

    std::optional<url> http_;
    std::optional<url> https_;
    std::vector<std::string> direct_;  // lower case, without a leading dot; "*" is every host
};

/// The value of Proxy-Authorization for a proxy with user and password in its URL; empty without.
std::string proxy_credentials(const url& proxy);

}  // namespace torus::inline v0::http
