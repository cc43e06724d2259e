// src/http/server.cpp: the life of an HTTP server.
#include <torus/http/server.hpp>

#include <torus/core/time.hpp>
#include <torus/http/date.hpp>
#include <torus/tls/stream.hpp>

#include "http/server_connection.hpp"
#include "http/server_state.hpp"

namespace torus::inline v0::http {

void server_state::add(server_connection& c) noexcept {
    c.next = first_;
    if (first_) first_->previous = &c;
    first_ = &c;
    ++count;
    if (retired) c.retire();
}

void server_state::remove(server_connection& c) noexcept {
    if (c.previous) c.previous->next = c.next;
    else first_ = c.next;
    if (c.next) c.next->previous = c.previous;
    --count;
}

void server_state::retire() noexcept {
    retired = true;
    for (server_connection* each = first_; each; each = each->next) each->retire();
}

std::string_view server_state::date() {
    return dates_.at(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

namespace {

/// What the listener calls for each client.
class serving final : public client_handler {
public:
    explicit serving(std::shared_ptr<server_state> state) noexcept : state_(std::move(state)) {}
    async<> handle(stream client) override { return serve(state_, std::move(client)); }

private:
    static async<> serve(std::shared_ptr<server_state> state, stream client) {
        if (state->options.tls) {
            std::optional<stream> secured;
            try {
                secured = co_await tls::accept(std::move(client), *state->options.tls);
            } catch (const std::exception&) {
                co_return;  // scanners and clients that distrust us are no errors of this program
            }
            client = std::move(*secured);
        }
        server_connection connection(*state, std::move(client));
        co_await connection.run();
    }

    std::shared_ptr<server_state> state_;
};

}  // namespace

async<server> serve(std::unique_ptr<request_handler> handler, std::string host, std::uint16_t port,
                    server_options options) {
    auto state = std::make_shared<server_state>(std::move(handler), std::move(options));
    std::unique_ptr<client_handler> clients = std::make_unique<serving>(state);
    state->listener = co_await start_server(std::move(clients), std::move(host), port);
    co_return server(std::move(state));
}

server::server(std::shared_ptr<server_state> state) noexcept : state_(std::move(state)) {}
server::server(server&&) noexcept = default;

server& server::operator=(server&& other) noexcept {
    const server old(std::move(*this));
    state_ = std::move(other.state_);
    return *this;
}

server::~server() {
    if (!state_) return;
    close();
    state_->listener.reset();  // it holds the handler, which holds the state
}

std::uint16_t server::port() const { return state_->listener->port(); }

std::size_t server::connections() const noexcept { return state_->count; }

void server::close() noexcept {
    if (state_->listener) state_->listener->close();
    state_->retire();
}

async<> server::serve_forever() {
    std::exception_ptr ended;
    try {
        co_await state_->listener->wait_closed();
    } catch (const cancelled_error&) {
        ended = std::current_exception();
    }
    close();
    co_await state_->listener->shutdown(state_->options.drain);
    if (ended) std::rethrow_exception(ended);
    co_await state_->listener->serve_forever();  // it is closed: this only throws, if that was an error's doing
}

async<> server::shutdown() { return shutdown(state_->options.drain); }

async<> server::shutdown(duration grace) {
    close();
    co_await state_->listener->shutdown(grace);
}

}  // namespace torus::inline v0::http
