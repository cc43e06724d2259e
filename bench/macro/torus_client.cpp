// bench/macro/torus_client.cpp: the HTTP client for torus: torus_client URL REQUESTS CONCURRENCY.
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/core/gather.hpp>
#include <torus/core/run.hpp>
#include <torus/http/client.hpp>

#include "macro/program.hpp"

namespace {

namespace http = torus::http;

/// One of those who take requests as long as there are any.
torus::async<> fetch(http::client& client, const std::string& url, long& left) {
    while (left > 0) {
        --left;
        http::response page = co_await client.get(url);
        if (page.status != 200 || (co_await page.text()).empty()) throw std::runtime_error("not what was asked for");
    }
}

torus::async<> fetch_all(std::string url, long requests, std::size_t concurrency) {
    http::client_options options;
    options.max_connections = concurrency;
    http::client client(options);
    std::vector<torus::async<>> fetching;
    for (std::size_t i = 0; i < concurrency; ++i) fetching.push_back(fetch(client, url, requests));
    co_await torus::gather(std::move(fetching));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return std::fprintf(stderr, "usage: torus_client URL REQUESTS CONCURRENCY\n"), 2;
    bench::raise_descriptor_limit();
    torus::run(fetch_all(argv[1], std::atol(argv[2]), std::strtoull(argv[3], nullptr, 10)));
}
