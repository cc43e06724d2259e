// tests/sim/accidents_test.cpp: HTTP between hosts to which all happens that can.
#include <map>
#include <string>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/http/client.hpp>
#include <torus/http/server.hpp>
#include <torus/sim/world.hpp>
#include <torus/testing/sim_test.hpp>

namespace torus::testing {
namespace {

using namespace std::literals;

constexpr std::uint16_t http_port = 80;
constexpr int requests = 30;  // of each client

async<> serve_numbers() {
    const auto answer = [](http::incoming& request) -> async<http::reply> {
        co_await sleep(3ms);
        co_return http::reply(200, std::string(request.path()) + " is answered");
    };
    http::server srv = co_await http::serve(answer, "", http_port);
    co_await srv.serve_forever();
}

/// How each request of a client has ended; a request that ends twice, or with another's answer, is a defect.
struct tally {
    int answered = 0;
    int failed = 0;
    int wrong = 0;
};

async<> one_request(http::client& by, std::string path, duration after, tally& counts) {
    co_await sleep(after);
    try {
        http::response response = co_await by.get("http://server" + path);
        const std::string text = co_await response.text();
        if (text == path + " is answered") ++counts.answered;
        else ++counts.wrong;
    } catch (const std::exception&) {
        ++counts.failed;
    }
}

async<> ask_all(std::string name, tally& counts) {
    http::client_options options;
    options.max_connections_per_host = 3;
    options.exchange.total_timeout = 5s;
    http::client client(options);
    std::vector<async<>> all;
    for (int i = 0; i < requests; ++i)
        all.push_back(one_request(client, "/" + name + "/" + std::to_string(i), i * 30ms, counts));
    co_await gather(std::move(all));
}

/// Something happens, of all that can, and some time passes.
async<> accident(sim::world& w, sim::host& server, sim::host& client) {
    switch (w.random(7)) {
    case 0: w.partition(server, client); break;
    case 1: w.partition_one_way(client, server); break;
    case 2: w.repair(server, client); break;
    case 3:
        if (server.is_up()) server.kill();
        else server.start();
        break;
    case 4:
        if (server.is_up()) server.crash();
        else server.start();
        break;
    case 5: server.pause(); break;
    default: server.resume(); break;
    }
    co_await sleep(std::chrono::milliseconds(w.random(200)));
}

constexpr seed_options bad_worlds(sim::task_order order) {
    return {
        .runs = 200,
        .world = {
            .link = {.latency = 1ms, .most_latency = 4ms, .loss = 0.01}, .split = 0.05, .late = 0.2, .order = order}};
}

void ask_among_accidents(sim::world& w) {
    std::map<std::string, tally> counts;
    sim::host& server = w.add_host("server", serve_numbers);
    std::vector<sim::host*> clients;
    for (const char* name : {"one", "two"}) {
        tally& own = counts[name];
        clients.push_back(&w.add_host(name, [name, &own] { return ask_all(name, own); }));
    }
    const auto scenario = [&]() -> async<> {
        for (int i = 0; i < 10; ++i) co_await accident(w, server, *clients[w.random(2)]);
        for (sim::host* each : clients) w.repair(server, *each);
        server.resume();
        if (!server.is_up()) server.start();
        for (sim::host* each : clients) co_await each->ended();
    };
    w.run(scenario);
    for (const auto& [name, own] : counts) {
        EXPECT_EQ(own.answered + own.failed, requests) << name;
        EXPECT_EQ(own.wrong, 0) << name;
    }
}

TORUS_SIM_TEST_WITH(accidents, S598_every_request_ends_once_with_its_own_answer_or_an_error,
                    bad_worlds(sim::task_order::shuffled)) {
    ask_among_accidents(w);
}

TORUS_SIM_TEST_WITH(accidents, S598_also_when_some_tasks_get_far_ahead_of_others,
                    bad_worlds(sim::task_order::priorities)) {
    ask_among_accidents(w);
}

}  // namespace
}  // namespace torus::testing
