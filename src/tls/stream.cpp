// src/tls/stream.cpp: TLS streams, from the handshake on.
#include <torus/tls/stream.hpp>

#include <torus/core/time.hpp>
#include <torus/net/connect.hpp>

#include "tls/session.hpp"

namespace torus::inline v0::tls {

namespace {

/// What a TLS stream stands on.
class tls_transport final : public transport {
public:
    explicit tls_transport(std::shared_ptr<session> s) noexcept : session_(std::move(s)) {}
    ~tls_transport() override { session_->close(); }

    async<std::size_t> read(bytes_span into) override { return session_->read(into); }
    std::optional<std::size_t> try_read(bytes_span into) override { return session_->try_read(into); }
    async<std::size_t> write(std::span<const bytes_view> pieces) override { return session_->write(pieces); }
    std::size_t try_write(std::span<const bytes_view> pieces) override { return session_->try_write(pieces); }
    async<> shut_down() override { return session_->shut_down(); }
    bool must_shut_down() const noexcept override { return true; }
    void close() noexcept override { session_->close(); }
    void abort() noexcept override { session_->abort(); }
    int descriptor() const noexcept override { return session_->below().descriptor(); }
    address peer() const override { return session_->below().peer(); }
    address local() const override { return session_->below().local(); }

    handshake_result result() const { return session_->state().result(); }

private:
    std::shared_ptr<session> session_;
};

/// What connect() must keep of its arguments until it runs.
struct destination {
    destination(std::string to, const handshake_options& options)
        : host(std::move(to)), server_name(options.server_name), port(options.port) {}

    std::string host;
    std::string server_name;
    std::uint16_t port;
};

async<stream> shake_hands(std::shared_ptr<session> s, stream_options limits, duration limit) {
    std::unique_ptr<transport> secured = std::make_unique<tls_transport>(s);  // which closes, whatever happens
    co_await s->handshake(limit);
    co_return stream(std::move(secured), limits);
}

async<stream> connect_to(stream plain, context with, destination to, duration limit) {
    const stream_options limits = plain.options();
    if (to.port == 0) to.port = plain.peer().port();
    std::unique_ptr<transport> below = co_await std::move(plain).take_transport();
    const peer server{to.host, to.port, to.server_name};
    auto made = std::make_shared<session>(std::move(below), with, server);
    co_return co_await shake_hands(std::move(made), limits, limit);
}

}  // namespace

async<stream> connect(stream plain, context with, std::string host, handshake_options options) {
    return connect_to(std::move(plain), std::move(with), destination(std::move(host), options), options.timeout);
}

async<stream> accept(stream plain, context with, handshake_options options) {
    const stream_options limits = plain.options();
    std::unique_ptr<transport> below = co_await std::move(plain).take_transport();
    auto made = std::make_shared<session>(std::move(below), with);
    co_return co_await shake_hands(std::move(made), limits, options.timeout);
}

async<stream> start_tls(stream plain, context with, std::string host, handshake_options options) {
    if (with.is_server()) return accept(std::move(plain), std::move(with), options);
    return connect(std::move(plain), std::move(with), std::move(host), options);
}

async<stream> open_connection(std::string host, std::uint16_t port) {
    return open_connection(std::move(host), port, context::client());
}

async<stream> open_connection(std::string host, std::uint16_t port, context with) {
    stream plain = co_await torus::open_connection(host, port);
    handshake_options options;
    options.port = port;
    co_return co_await connect(std::move(plain), std::move(with), std::move(host), options);
}

std::optional<handshake_result> negotiated(const stream& secured) {
    const auto* below = dynamic_cast<const tls_transport*>(&secured.below());
    if (!below) return std::nullopt;
    return below->result();
}

}  // namespace torus::inline v0::tls
