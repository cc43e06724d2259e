// examples/readme.cpp: the programs that README.md shows.
#include <chrono>
#include <ranges>
#include <string>
#include <vector>

#include <torus/http/client.hpp>
#include <torus/http/server.hpp>
#include <torus/torus.hpp>

using namespace std::literals;
using torus::async, torus::print;

// [http]
async<std::size_t> length_of(torus::http::client& http, std::string url) {
    auto page = co_await http.get(url);
    auto text = co_await page.text();
    co_return text.size();
}

async<> compare(std::vector<std::string> urls) {
    torus::http::client http;
    auto lengths = urls | std::views::transform([&](auto& url) { return length_of(http, url); });
    for (auto length : co_await torus::timeout(10s, torus::gather(lengths))) print(length, " bytes");
}
// [/http]

/// A server on this machine stands in for the internet.
async<> amain() {
    auto answer = [](torus::http::incoming& request) -> async<torus::http::reply> {
        co_return torus::http::reply(200, std::string(request.target().size() * 100, '.'));
    };
    auto server = co_await torus::http::serve(answer, "127.0.0.1", 0);
    auto origin = "http://127.0.0.1:" + std::to_string(server.port());
    std::vector<std::string> urls{origin + "/", origin + "/longer"};
    co_await compare(urls);
}

int main() {
    torus::run(amain());
    return 0;
}
