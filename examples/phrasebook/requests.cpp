// examples/phrasebook/requests.cpp: many HTTP requests, not too many at once.
#include <ranges>
#include <string>
#include <vector>

#include <torus/http/client.hpp>
#include <torus/http/server.hpp>
#include <torus/torus.hpp>

using torus::async, torus::print;

// [semaphore]
async<int> fetch(torus::http::client& http, torus::semaphore& sem, std::string url) {
    auto permit = co_await sem.acquire();  // async with sem
    auto page = co_await http.get(url);
    co_return page.status;
}

async<> fetch_all(std::vector<std::string> urls) {
    torus::http::client http;
    torus::semaphore sem{100};
    auto requests = urls | std::views::transform([&](auto& url) { return fetch(http, sem, url); });
    for (int status : co_await torus::gather(requests)) print(status);
}
// [/semaphore]

// [map]
async<> fetch_all_the_short_way(std::vector<std::string> urls) {
    torus::http::client http;
    auto status_of = [&](std::string url) -> async<int> { co_return (co_await http.get(url)).status; };
    for (int status : co_await torus::map(urls, status_of, 100)) print(status);
}
// [/map]

// [outcomes]
async<> fetch_what_is_there(std::vector<std::string> urls) {
    torus::http::client http;
    auto requests = urls | std::views::transform([&](auto& url) { return http.get(url); });
    for (auto& page : co_await torus::gather(torus::return_exceptions, requests))
        if (page) print("ok ", page->status);
        else print("failed: ", page.what());
}
// [/outcomes]

/// A server on this machine stands in for the internet.
async<torus::http::reply> answer(torus::http::incoming& request) {
    co_return torus::http::reply(request.path() == "/" ? 200 : 404);
}

async<> amain() {
    auto server = co_await torus::http::serve(answer, "127.0.0.1", 0);
    auto origin = "http://127.0.0.1:" + std::to_string(server.port());
    std::vector<std::string> urls{origin + "/", origin + "/missing"};
    co_await fetch_all(urls);
    co_await fetch_all_the_short_way(urls);
    urls.push_back("no url");
    co_await fetch_what_is_there(urls);
}

int main() { torus::run(amain()); }
