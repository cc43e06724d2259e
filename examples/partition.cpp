// examples/partition.cpp: three hosts, a cut cable and a power failure, in an afternoon that takes no time.
#include <chrono>
#include <string>

#include <torus/net/net.hpp>
#include <torus/sim/world.hpp>
#include <torus/torus.hpp>

using namespace std::chrono_literals;
using torus::async, torus::print;
namespace sim = torus::sim;

// [programs]
/// Tells everybody who asks what its name is.
async<> tell_name(std::string name) {
    auto greet = [name](torus::stream client) -> async<> { co_await client.write(name); };
    torus::server server = co_await torus::start_server(greet, "", 80);
    co_await server.serve_forever();
}

/// Asks one server after the other, until one has answered within a second.
async<> ask_around() {
    const auto begin = torus::clock::now();
    for (;;) {
        for (std::string server : {"north", "south"}) {
            auto ask = [](std::string host) -> async<std::string> {
                torus::stream conn = co_await torus::open_connection(host, 80);
                co_return co_await conn.read();
            };
            const auto answer = co_await torus::try_(torus::timeout(1s, ask(server)));
            const auto at = std::chrono::round<std::chrono::milliseconds>(torus::clock::now() - begin);
            print(at.count(), " ms: ", server, answer && !answer->empty() ? " is there" : " does not answer");
        }
        co_await torus::sleep(1min);
    }
}
// [/programs]

// [scenario]
int main() {
    sim::world world({.seed = 3, .link = {.latency = 20ms}});
    sim::host& north = world.add_host("north", [] { return tell_name("north"); });
    sim::host& south = world.add_host("south", [] { return tell_name("south"); });
    sim::host& client = world.add_host("client", ask_around);
    world.run([&]() -> async<> {
        co_await torus::sleep(30s);
        world.partition(north, client);
        co_await torus::sleep(1min);
        world.repair(north, client);
        south.crash();
        co_await torus::sleep(1min);
        south.start();
        co_await torus::sleep(1min);
    });
}
// [/scenario]
