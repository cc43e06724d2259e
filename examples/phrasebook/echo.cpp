// examples/phrasebook/echo.cpp: a TCP server that sends back what it gets, and its client.
#include <cstdint>

#include <torus/net/net.hpp>
#include <torus/torus.hpp>

using torus::async, torus::print;

// [server]
async<> handle(torus::stream conn) {
    print("hello ", conn.peer());
    while (auto line = co_await conn.next()) co_await conn.write(*line);  // write and drain in one
}
// [/server]

// [client]
async<> talk(std::uint16_t port) {
    auto conn = co_await torus::open_connection("127.0.0.1", port);
    co_await conn.write("hello\n");
    print("echo: ", co_await conn.readline());
    co_await conn.close();  // sends first what is unsent
}
// [/client]

// [both]
async<> amain() {
    auto srv = co_await torus::start_server(handle, "127.0.0.1", 0);  // on a free port
    co_await torus::race(srv.serve_forever(), talk(srv.port()));      // until the client has done
}
// [/both]

int main() { torus::run(amain()); }
