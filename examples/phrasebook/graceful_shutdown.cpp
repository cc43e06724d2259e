// examples/phrasebook/graceful_shutdown.cpp: a server that lets its clients finish when it is told to end.
#include <csignal>

#include <torus/net/net.hpp>
#include <torus/torus.hpp>

using namespace std::literals;
using torus::async, torus::print;

async<> handle(torus::stream client) {
    while (auto line = co_await client.next()) co_await client.write(*line);
}

/// A client that stays a moment longer than the server wants it to.
async<> talk(std::uint16_t port) {
    torus::stream conn = co_await torus::open_connection("127.0.0.1", port);
    co_await conn.write("hello\n");
    print("answered: ", co_await conn.readline());
    std::raise(SIGTERM);
    co_await torus::sleep(1ms);
}

// [shutdown]
async<> amain() {
    auto srv = co_await torus::start_server(handle, "127.0.0.1", 0);  // accepts at once, as in asyncio
    auto client = torus::create_task(talk(srv.port()));
    co_await torus::signal(SIGINT, SIGTERM);
    print("draining ...");
    srv.close();  // stop accepting
    bool all_left = co_await torus::move_on_after(10s, srv.wait_closed());
    if (!all_left) print("some clients would not leave");
}  // run() cancels and awaits what is left

int main() { torus::run(amain(), {.stop_on = {SIGTERM}}); }
// [/shutdown]
