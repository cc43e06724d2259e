// src/http/server_state.hpp: what a server's connections share.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <torus/http/date.hpp>
#include <torus/http/server.hpp>
#include <torus/net/serve.hpp>

namespace torus::inline v0::http {

class server_connection;

/// Lives as long as the server or one of its connections does.
class server_state {
public:
    server_state(std::unique_ptr<request_handler> h, server_options o) : handler(std::move(h)), options(std::move(o)) {}

    void add(server_connection& c) noexcept;
    void remove(server_connection& c) noexcept;

    /// Idle connections end now, the others after their reply.
    void retire() noexcept;

    /// The field Date, made once a second.
    std::string_view date();

    std::unique_ptr<request_handler> handler;
    server_options options;
    std::optional<torus::server> listener;
    std::size_t count = 0;
    bool retired = false;

private:
    server_connection* first_ = nullptr;
    date_cache dates_;
};

}  // namespace torus::inline v0::http
