// bench/macro/torus_echo.cpp: the echo server for torus.
#include <chrono>
#include <string_view>

#include <torus/core/run.hpp>
#include <torus/io/error.hpp>
#include <torus/net/serve.hpp>

#include "macro/program.hpp"

namespace {

/// Sends what has been received from where it lies: no buffer of its own lies idle between messages.
torus::async<> echo(torus::stream client) {
    try {
        while (co_await client.fill()) {
            const torus::bytes_view received = client.buffered();
            co_await client.write(received);
            client.consume(received.size());
        }
    } catch (const torus::connection_closed&) {
        // Clients go when they like.
    }
}

torus::async<> serve() {
    torus::server running = co_await torus::start_server(echo, "127.0.0.1", 0);
    bench::say_port(running.port());
    co_await running.serve_forever();
}

}  // namespace

/// With --busy the loop polls busily.
int main(int count, char** words) {
    bench::raise_descriptor_limit();
    torus::run_options how;
    if (count > 1 && std::string_view(words[1]) == "--busy") how.busy_poll = std::chrono::seconds(1);
    torus::run(serve(), how);
}
