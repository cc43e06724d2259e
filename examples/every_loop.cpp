// examples/every_loop.cpp: a program with four event loops: a server on all of them, and work for each.
#include <cstdint>
#include <vector>

#include <torus/net/connect.hpp>
#include <torus/net/serve.hpp>
#include <torus/torus.hpp>

using torus::async, torus::print;

// [server]
async<> greet(torus::stream client) { co_await client.write("hello\n"); }

async<> serve(std::uint16_t port) {
    auto server = co_await torus::start_server(greet, "127.0.0.1", port, {.reuse_port = true});
    co_await server.serve_forever();
}
// [/server]

// [spawn_on]
async<int> count_primes(int from, int below) {
    int primes = 0;
    for (int n = from; n < below; ++n) {
        int divisor = 2;
        while (divisor * divisor <= n && n % divisor != 0) ++divisor;
        primes += n > 1 && divisor * divisor > n;
        if (n % 1000 == 0) co_await torus::yield_now();  // the loop has clients, too
    }
    co_return primes;
}

async<int> count_primes_everywhere(int below) {
    std::vector<torus::submitted<int>> parts;
    const auto loops = torus::loops();
    const int share = below / static_cast<int>(loops.size());
    int from = 0;
    for (torus::event_loop* each : loops) {
        const int end = parts.size() + 1 == loops.size() ? below : from + share;
        parts.push_back(torus::spawn_on(*each, count_primes, from, end));
        from = end;
    }
    int primes = 0;
    for (auto& part : parts) primes += co_await part;
    co_return primes;
}
// [/spawn_on]

async<int> greetings(std::uint16_t port, int clients) {
    int heard = 0;
    for (int i = 0; i < clients; ++i) {
        auto conn = co_await torus::open_connection("127.0.0.1", port);
        heard += co_await conn.readuntil("\n") == "hello\n";
    }
    co_return heard;
}

async<> amain() {
    // This listener finds a free port; those of the other loops share it.
    auto first = co_await torus::start_server(greet, "127.0.0.1", 0, {.reuse_port = true});
    auto servers = torus::create_task(torus::on_every_loop(serve, first.port()));
    auto [heard, primes] = co_await torus::gather(greetings(first.port(), 100), count_primes_everywhere(200'000));
    print(torus::loops().size(), " loops, ", heard, " greetings, ", primes, " primes");
}

// [main]
int main() { torus::run(amain(), {.threads = 4}); }
// [/main]
