// tests/sim/world_test.cpp: names, clocks, seeds, and what ends a run.
#include <torus/sim/world.hpp>

#include <latch>
#include <memory>
#include <string>
#include <vector>

#include "sim/echoing.hpp"

namespace torus::testing {
namespace {

using namespace std::literals;

TEST(world, S586_has_hosts_that_find_each_other_by_their_names) {
    sim::world w;
    const sim::host& a = w.add_host("a", echo);
    std::string peer;
    std::string answer;
    const auto main = [&]() -> async<> {
        co_await sleep(1ms);  // which of them begins is chance
        stream conn = co_await open_connection("a", port);
        peer = conn.peer().text() + " " + conn.local().host();
        co_await conn.write("hello");
        answer = co_await conn.readexactly(5);
    };
    sim::host& b = w.add_host("b", main);
    w.run(b.ended());
    EXPECT_EQ(answer, "hello");
    EXPECT_EQ(peer, "[fd00::1]:7 fd00::2");
    EXPECT_EQ(a.ip(80).text(), "10.0.0.1:80");
    EXPECT_EQ(b.ip(80, address_family::ipv6).text(), "[fd00::2]:80");
    EXPECT_TRUE(a.is_up());
    EXPECT_FALSE(b.is_up());
}

TEST(world, S586_knows_the_names_of_its_hosts_and_no_others) {
    sim::world w;
    w.add_host("a", nothing, {.address = "192.0.2.1"});
    const auto main = []() -> async<> {
        EXPECT_EQ((co_await resolve("a", 80)).front().text(), "192.0.2.1:80");
        EXPECT_EQ(co_await getnameinfo(address::ip("192.0.2.1", 0).value()), "a");
        EXPECT_EQ(co_await getnameinfo(address::ip("192.0.2.9", 0).value()), std::nullopt);
        const auto e = co_await expect_throws<dns_error>(resolve("example.org", 80));
        EXPECT_EQ(e.kind(), dns_failure::not_found);
    };
    w.run(w.add_host("b", main).ended());
}

TEST(world, S586_refuses_hosts_that_nobody_could_tell_apart) {
    sim::world w;
    w.add_host("a", nothing);
    EXPECT_THROW(w.add_host("a", nothing), std::invalid_argument);
    EXPECT_THROW(w.add_host("", nothing), std::invalid_argument);
    EXPECT_THROW(w.add_host("a b", nothing), std::invalid_argument);
    EXPECT_THROW(w.add_host("b", nothing, {.address = "a"}), std::invalid_argument);
    w.add_host("b", nothing, {.address = "192.0.2.1"});
    EXPECT_THROW(w.add_host("c", nothing, {.address = "192.0.2.1"}), std::invalid_argument);
    w.add_host("c", nothing, {.address = "10.0.0.4"});
    EXPECT_THROW(w.add_host("d", nothing), std::invalid_argument);  // it would be the fourth
}

TEST(world, S586_has_254_hosts_at_most) {
    sim::world w;
    for (int i = 1; i <= 254; ++i) w.add_host("host" + std::to_string(i), nothing);
    EXPECT_THROW(w.add_host("another", nothing), std::invalid_argument);
}

TEST(world, S586_asks_the_servers_of_the_DNS_that_were_set) {
    sim::world w;
    sim::host& a = w.add_host("a", []() -> async<> {
        resolver::current().set_servers("10.0.0.77");  // nobody is there
        const auto e = co_await expect_throws<dns_error>(resolve("example.org", 80));
        EXPECT_EQ(e.kind(), dns_failure::timeout);
    });
    w.run(a.ended());
}

TEST(world, S594_has_no_number_below_zero) {
    sim::world w;
    EXPECT_THROW(w.random(0), std::invalid_argument);
    EXPECT_EQ(w.random(1), 0U);
}

TEST(world, S593_clocks_may_be_ahead_and_drift) {
    sim::world w;
    time_point seen{};
    const auto look = [&]() -> async<> {
        seen = clock::now();
        co_await sleep(100s);
    };
    sim::host& ahead = w.add_host("ahead", look, {.ahead = 5s});
    const auto scenario = [](sim::host& of) -> async<duration> {
        const time_point beginning = clock::now();
        co_await of.ended();
        co_return clock::now() - beginning;
    };
    EXPECT_EQ(w.run(scenario(ahead)), 100s);
    EXPECT_EQ(seen, simulated_beginning + 5s);
    EXPECT_THROW(w.add_host("standing", look, {.drift = -1s}), std::invalid_argument);
    sim::host& fast = w.add_host("fast", look, {.drift = 10ms});  // a hundredth
    EXPECT_EQ(w.run(scenario(fast)), 99'009'900'991ns);  // the first at which a hundred have passed there
    sim::host& slow = w.add_host("slow", look, {.drift = -10ms});
    EXPECT_EQ(w.run(scenario(slow)), 101'010'101'011ns);
    sim::host& half = w.add_host("half", look, {.drift = -500ms});
    EXPECT_EQ(w.run(scenario(half)), 200s - 1ns);  // clocks gain and lose whole nanoseconds
}

/// Some hosts that talk, and what chance makes of it.
std::uint64_t figure_with(std::uint64_t seed, sim::task_order order = sim::task_order::shuffled) {
    sim::world w(
        {.seed = seed, .link = {.latency = 1ms, .most_latency = 5ms, .loss = 0.05}, .split = 0.1, .order = order});
    w.add_host("a", echo);
    std::vector<sim::host*> clients;
    for (const char* name : {"b", "c", "d"})
        clients.push_back(&w.add_host(name, []() -> async<> {
            for (int i = 0; i < 10; ++i) {
                const auto [first, second] = co_await gather(ask("a", std::string(5000, 'x')), ask("a", "hello"));
                EXPECT_EQ(first.size() + second.size(), 5005U);
            }
        }));
    const auto scenario = [&]() -> async<> {
        for (sim::host* each : clients) co_await each->ended();
    };
    w.run(scenario);
    return w.figure();
}

TEST(world, S594_the_same_seed_is_the_same_run) {
    EXPECT_EQ(figure_with(7), figure_with(7));
    EXPECT_NE(figure_with(7), figure_with(8));
    EXPECT_NE(figure_with(7, sim::task_order::plain), figure_with(7));
    EXPECT_NE(figure_with(7, sim::task_order::priorities), figure_with(7));
    EXPECT_EQ(figure_with(7, sim::task_order::priorities), figure_with(7, sim::task_order::priorities));
    EXPECT_EQ(figure_with(7),
              17'542'254'940'419'272'134U);  // whatever compiled it; another when the library takes other steps
}

/// Whether one of two tasks may be fifty steps ahead of the other, who began with it.
bool one_gets_far_ahead(sim::task_order order) {
    bool found = false;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        sim::world w({.seed = seed, .order = order});
        int steps[2] = {};
        const auto go = [&](int who) -> async<> {
            for (int i = 0; i < 200; ++i) {
                ++steps[who];
                found |= steps[who] > 50 && steps[1 - who] == 1;
                co_await yield_now();
            }
        };
        w.run([&]() -> async<> { co_await gather(go(0), go(1)); });
    }
    return found;
}

TEST(world, S614_with_priorities_one_task_may_get_far_ahead_of_the_others) {
    EXPECT_FALSE(one_gets_far_ahead(sim::task_order::plain));
    EXPECT_FALSE(one_gets_far_ahead(sim::task_order::shuffled));
    EXPECT_TRUE(one_gets_far_ahead(sim::task_order::priorities));
}

TEST(world, S614_with_priorities_any_number_of_tasks_may_come_and_go) {
    sim::world w({.order = sim::task_order::priorities});
    w.run([]() -> async<> {
        for (int i = 0; i < 60'000; ++i) co_await gather(yield_now(), yield_now());
    });
}

TEST(world, S614_with_priorities_nobody_waits_for_ever) {
    sim::world w({.order = sim::task_order::priorities});
    bool done = false;
    const auto spin = [&]() -> async<> {
        while (!done) co_await yield_now();
    };
    const auto finish = [&]() -> async<> {
        for (int i = 0; i < 100; ++i) co_await yield_now();
        done = true;
    };
    w.run([&]() -> async<> { co_await gather(spin(), finish(), spin()); });
    EXPECT_TRUE(done);
}

TEST(world, S595_tells_when_nothing_can_happen_any_more_and_where_everybody_is) {
    sim::world w({.seed = 9});
    w.add_host("a", []() -> async<> { co_await sleep(duration::max()); });
    const auto scenario = []() -> async<> { co_await sleep(duration::max()); };
    try {
        w.run(scenario);
        FAIL() << "it has ended";
    } catch (const sim::stuck_error& e) {
        const std::string text = e.what();
        EXPECT_TRUE(text.starts_with("torus: nothing can happen any more\nseed 9, 0.000000000 s after the beginning\n"))
            << text;
        EXPECT_NE(text.find("world_test.cpp"), std::string::npos) << text;
        EXPECT_NE(text.find("a begins\n"), std::string::npos) << text;
    }
}

std::string first_line_of_stuck(sim::world& w, async<> (*scenario)()) {
    try {
        w.run(scenario);
    } catch (const sim::stuck_error& e) {
        const std::string text = e.what();
        EXPECT_NE(text.find("the scenario:\n"), std::string::npos) << text;
        return text.substr(0, text.find('\n'));
    }
    return "it has ended";
}

TEST(world, S595_tells_when_it_takes_too_long) {
    sim::world w({.time_limit = 10s});
    const auto scenario = []() -> async<> {
        for (;;) co_await sleep(1s);
    };
    EXPECT_EQ(first_line_of_stuck(w, scenario), "torus: it takes longer than the time limit");
}

TEST(world, S595_tells_when_time_stands_still) {
    sim::world w;
    const auto scenario = []() -> async<> {
        for (;;) co_await yield_now();
    };
    EXPECT_EQ(first_line_of_stuck(w, scenario), "torus: time stands still: there is always something to do");
}

TEST(world, S596_a_program_that_fails_ends_the_run) {
    sim::world w;
    w.add_host("a", []() -> async<> {
        co_await sleep(1s);
        throw std::logic_error("it is broken");
    });
    try {
        w.run([]() -> async<> { co_await sleep(1h); });
        FAIL() << "it has ended";
    } catch (const sim::host_error& e) {
        EXPECT_STREQ(e.what(), "torus: the program of host 'a' has failed: it is broken");
        EXPECT_THROW(std::rethrow_if_nested(e), std::logic_error);
    }
}

async<> fail_later() {
    co_await sleep(1s);
    throw std::logic_error("it is broken");
}

TEST(world, S596_what_is_reported_on_a_host_names_it) {
    sim::world w;
    const auto forget = []() -> async<> {
        spawn(fail_later());
        co_await sleep(2s);
    };
    ::testing::internal::CaptureStderr();
    w.run(w.add_host("a", forget).ended());
    const std::string text = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(text.find("host 'a': "), std::string::npos) << text;
    EXPECT_NE(text.find("it is broken"), std::string::npos) << text;
}

TEST(world, S596_a_scenario_that_fails_fails_the_run) {
    sim::world w;
    const auto scenario = []() -> async<int> {
        co_await sleep(1s);
        throw std::logic_error("it is broken");
    };
    EXPECT_THROW(w.run(scenario), std::logic_error);
    const auto better = []() -> async<int> { co_return 3; };
    EXPECT_EQ(w.run(better), 3);
}

TEST(world, S597_time_stands_still_while_a_thread_is_away) {
    sim::world w;
    duration taken = -1s;
    sim::host& a = w.add_host("a", [&]() -> async<> {
        const time_point before = clock::now();
        EXPECT_EQ((co_await to_thread([] { return 5; })), 5);
        taken = clock::now() - before;
    });
    w.add_host("b", []() -> async<> {
        for (;;) co_await sleep(1ms);
    });
    w.run(a.ended());
    EXPECT_EQ(taken, 0s);
}

TEST(world, S592_a_real_thread_of_a_paused_host_is_not_waited_for) {
    sim::world w({.real_threads = true});
    std::latch may_return{1};
    bool is_away = false;
    time_point back{};
    sim::host& a = w.add_host("a", [&]() -> async<> {
        is_away = true;
        co_await to_thread([&] { may_return.wait(); });
        back = clock::now();
    });
    const auto scenario = [&]() -> async<> {
        while (!is_away) co_await yield_now();
        a.pause();
        may_return.count_down();
        co_await sleep(1s);
        a.resume();
        co_await a.ended();
    };
    w.run(scenario);
    EXPECT_EQ(back, simulated_beginning + 1s);
}

TEST(world, S595_goes_on_after_that) {
    sim::world w;
    sim::host& a = w.add_host("a", []() -> async<> { co_await sleep(duration::max()); });
    EXPECT_THROW(w.run(a.ended()), sim::stuck_error);
    EXPECT_TRUE(a.is_up());
    w.run([&]() -> async<> {
        a.stop();
        co_await a.ended();
    });
    EXPECT_FALSE(a.is_up());
}

TEST(world, S596_does_not_run_within_a_loop) {
    sim::world w;
    w.run([]() -> async<> {
        sim::world inner;
        EXPECT_THROW(inner.run(nothing()), std::runtime_error);
        co_return;
    });
}

}  // namespace
}  // namespace torus::testing
