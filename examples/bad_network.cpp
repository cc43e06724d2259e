// examples/bad_network.cpp: a client and a server on a network that loses packets, which takes none of your time.
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include <torus/http/client.hpp>
#include <torus/http/server.hpp>
#include <torus/sim/network.hpp>
#include <torus/torus.hpp>

using namespace std::chrono_literals;
using torus::async, torus::print;
namespace http = torus::http;

async<http::reply> greet(http::incoming&) { co_return http::reply(200, "hello\n"); }

async<int> ask_often(http::client& client, std::string url, int times) {
    int answered = 0;
    for (int i = 0; i < times; ++i) {
        http::response response = co_await client.get(url);
        answered += co_await response.text() == "hello\n";
    }
    co_return answered;
}

async<> amain(int requests) {
    const auto begin = torus::clock::now();
    const http::server server = co_await http::serve(greet, "127.0.0.1", 0);
    const std::string url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
    http::client client;
    std::vector<async<int>> clients;
    clients.reserve(10);
    for (int i = 0; i < 10; ++i) clients.push_back(ask_often(client, url, requests / 10));
    int answered = 0;
    for (const int each : co_await torus::gather(std::move(clients))) answered += each;
    const auto took = std::chrono::round<std::chrono::seconds>(torus::clock::now() - begin);
    print(answered, " of ", requests, " answered in ", took.count(), " simulated seconds");
}

int main(int count, char** arguments) {
    const torus::sim::network bad({.latency = 20ms, .most_latency = 60ms, .loss = 0.03});
    torus::run(amain(count > 1 ? std::atoi(arguments[1]) : 1000), {.world = &bad});
}
