// tests/sim/counter_test.cpp: a counter on two hosts, and what a crash at the wrong moment makes of it.
#include <string>

#include <torus/core/core.hpp>
#include <torus/net/net.hpp>
#include <torus/sim/world.hpp>
#include <torus/testing/sim_test.hpp>

namespace torus::testing {
namespace {

using namespace std::literals;

// [counter]
constexpr std::uint16_t counter_port = 4000;

/// One question, one answer, a line each.
async<std::string> ask(std::string host, std::string question) {
    stream to = co_await open_connection(host, counter_port);
    co_await to.write(question + "\n");
    std::string answer = co_await to.readline();
    if (answer.empty()) throw std::runtime_error(host + " has not answered");
    answer.pop_back();
    co_return answer;
}

/// Counts for its clients, on two hosts, so that nothing that it has promised is lost when one of them crashes.
class counter {
public:
    virtual ~counter() = default;

    async<> serve(std::string other) {
        const auto session = [this, other](stream client) { return talk(std::move(client), other); };
        server srv = co_await start_server(session, "", counter_port);
        co_await srv.serve_forever();
    }

protected:
    virtual async<> add(stream& client, std::string other) {
        ++count_;
        co_await client.write("counted\n");
        co_await ask(other, "copy " + std::to_string(count_));
    }

    int count_ = 0;

private:
    async<> talk(stream client, std::string other) {
        const std::string question = co_await client.readline();
        if (question == "add\n") {
            co_await add(client, other);
        } else if (question.starts_with("copy ")) {
            count_ = std::stoi(question.substr(5));
            co_await client.write("copied\n");
        } else {
            co_await client.write(std::to_string(count_) + "\n");
        }
    }
};
// [/counter]

// [mended]
class careful_counter : public counter {
    async<> add(stream& client, std::string other) override {
        co_await ask(other, "copy " + std::to_string(++count_));
        co_await client.write("counted\n");
    }
};
// [/mended]

// [scenario]
/// A client counts, the first host crashes at some moment, and the second must know of all that was promised.
template <class Counter> void crash_while_counting(sim::world& w) {
    Counter one;
    Counter two;
    int promised = 0;
    sim::host& first = w.add_host("first", [&] { return one.serve("second"); });
    w.add_host("second", [&] { return two.serve("first"); });
    sim::host& client = w.add_host("client", [&]() -> async<> {
        for (;; ++promised) co_await ask("first", "add");
    });
    const auto scenario = [&]() -> async<int> {
        co_await sleep(std::chrono::milliseconds(w.random(1000)));
        first.crash();
        co_return std::stoi(co_await client.submit(ask("second", "how many?")));
    };
    const int kept = w.run(scenario);
    if (kept < promised)
        throw std::logic_error(std::to_string(promised) + " were promised, " + std::to_string(kept) + " are kept");
}
// [/scenario]

// [find]
constexpr sim::link_options lan{.latency = 1ms, .most_latency = 5ms};

TEST(counter, keeps_what_it_has_promised) {
    const seeds_tried tried = try_seeds(crash_while_counting<counter>,
                                        {.runs = 100, .world = {.link = lan, .order = sim::task_order::shuffled}});
    EXPECT_NE(tried.problem.find("were promised"), std::string::npos) << tried.problem;  // it does not
}
// [/find]

// [all_seeds]
TEST(careful_counter, keeps_what_it_has_promised) {
    const seeds_tried tried = try_seeds(crash_while_counting<careful_counter>,
                                        {.runs = 100, .world = {.link = lan, .order = sim::task_order::shuffled}});
    EXPECT_EQ(tried.problem, "");
}
// [/all_seeds]

}  // namespace
}  // namespace torus::testing
