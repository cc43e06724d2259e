// src/net/serve.cpp: starting servers, and their handles.
#include <torus/net/serve.hpp>

#include <stdexcept>

#include "net/server_state.hpp"

namespace torus::inline v0 {

namespace {

std::unique_ptr<server_state> make_state(std::unique_ptr<client_handler> handler, const serve_options& options) {
    if (options.max_connections == 0) throw std::invalid_argument("torus: a server for no connections");
    return std::make_unique<server_state>(std::move(handler), options);
}

}  // namespace

server::server(server_state& state) noexcept : state_(&state) { state_->retain(); }

server::server(server&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}

server& server::operator=(server&& other) noexcept {
    const server former(std::move(*this));
    state_ = std::exchange(other.state_, nullptr);
    return *this;
}

server::~server() {
    if (!state_) return;
    state_->close();
    state_->release();
}

async<> server::serve_forever() { return server_state::serve_forever(server_state::reference(*state_)); }

void server::close() noexcept { state_->close(); }

async<> server::wait_closed() { return server_state::wait_closed(server_state::reference(*state_)); }

async<bool> server::shutdown(duration grace) {
    return server_state::shut_down(server_state::reference(*state_), grace);
}

void server::close_clients() noexcept { state_->end_reading(); }

void server::abort_clients() noexcept { state_->abort_clients(); }

bool server::is_serving() const noexcept { return state_->is_serving(); }

std::size_t server::handlers() const noexcept { return state_->handlers(); }

std::vector<address> server::sockets() const {
    std::vector<address> all;
    for (const listener& each : state_->listeners()) all.push_back(each.where());
    return all;
}

std::uint16_t server::port() const noexcept {
    return state_->listeners().empty() ? std::uint16_t{0} : state_->listeners().front().where().port();
}

async<server> start_server(std::unique_ptr<client_handler> handler, std::string host, std::uint16_t port,
                           serve_options options) {
    std::unique_ptr<server_state> state = make_state(std::move(handler), options);
    std::vector<listener> listeners = co_await listen_on(std::move(host), port, options);
    co_return server_state::start(std::move(state), std::move(listeners));
}

async<server> start_unix_server(std::unique_ptr<client_handler> handler, std::string path, serve_options options) {
    std::unique_ptr<server_state> state = make_state(std::move(handler), options);
    std::vector<listener> listeners;
    listeners.push_back(listen_on_path(path, options));
    co_return server_state::start(std::move(state), std::move(listeners));
}

}  // namespace torus::inline v0
