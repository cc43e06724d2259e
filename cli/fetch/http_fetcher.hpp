// cli/fetch/http_fetcher.hpp: requests over HTTP.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <torus/core/time.hpp>
#include <torus/http/client.hpp>

#include "cli/fetch/fetcher.hpp"
#include "cli/fetch/options.hpp"

namespace torus::inline v0::cli {

/// Fetches with torus' own client, through the proxies that the environment names.
class http_fetcher final : public fetcher {
public:
    /// @param connections  at a time
    /// @throws tls::error  a certificate or key can't be used
    http_fetcher(const fetch_options& options, std::size_t connections);

    async<attempt_result> fetch(const request& what, body_budget::lease& room) override;

private:
    async<> exchange(const request& what, body_budget::lease& room, timeout_scope& limit, attempt_result& came);
    async<> receive(http::response& answer, body_budget::lease& room, timeout_scope& limit, attempt_result& came);
    http::request make(const request& what) const;

    http::headers headers_;  // of every request
    http::exchange_options how_;
    duration timeout_;
    std::size_t max_body_;
    http::client client_;
};

/// The class of the client's fault.
error_class class_of(http::fault fault, http::phase when) noexcept;

}  // namespace torus::inline v0::cli
