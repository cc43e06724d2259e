// tests/sim/hosts_test.cpp: hosts that crash, are killed, stopped, paused, and come back.
#include <torus/sim/world.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/testing/sim_test.hpp>

#include "sim/echoing.hpp"

namespace torus::testing {
namespace {

using namespace std::literals;

TEST(hosts, S590_of_a_crash_nobody_hears_until_the_host_is_back) {
    sim::world w;
    sim::host& a = w.add_host("a", echo);
    const auto scenario = [&]() -> async<> {
        stream* conn = nullptr;
        std::string end;
        const auto talk = [&]() -> async<> {
            stream to = co_await open_connection("a", port);
            conn = &to;
            try {
                co_await to.read();
            } catch (const connection_closed& e) {
                end = e.what();
            }
            conn = nullptr;
        };
        sim::host& b = w.add_host("b", talk);
        b.start();
        co_await sleep(1s);
        a.crash();
        EXPECT_FALSE(a.is_up());
        co_await sleep(1h);
        EXPECT_NE(conn, nullptr);  // it does not know
        a.start();
        const auto send = [](stream& to) -> async<> { co_await to.write("hello"); };
        co_await b.submit(send(*conn));
        co_await b.ended();
        EXPECT_NE(end, "");  // the new kernel knows nothing of that connection
        b.start();
        co_await sleep(1s);
        EXPECT_NE(conn, nullptr);
    };
    w.run(scenario);
}

TEST(hosts, S590_a_crash_runs_destructors_and_nothing_else) {
    int cleaned = 0;
    int went_on = 0;
    sim::world w;
    sim::host& a = w.add_host("a", [&]() -> async<> {
        const defer leave{[&] { ++cleaned; }};
        const auto beside = [&]() -> async<> {
            const defer leave_too{[&] { ++cleaned; }};
            try {
                co_await sleep(1h);
            } catch (...) {
                ++went_on;
                throw;
            }
        };
        const task<> child = create_task(beside());
        co_await sleep(1h);
        ++went_on;
    });
    const auto scenario = [&]() -> async<> {
        co_await sleep(1s);
        a.crash();
        co_return;
    };
    w.run(scenario);
    EXPECT_EQ(cleaned, 2);
    EXPECT_EQ(went_on, 0);
}

TEST(hosts, S590_a_host_may_crash_itself_when_its_turn_is_over) {
    sim::world w;
    bool went_on = false;
    sim::host* self = nullptr;
    sim::host& a = w.add_host("a", [&]() -> async<> {
        self->crash();
        co_await sleep(1ns);
        went_on = true;
    });
    self = &a;
    w.run(a.ended());
    EXPECT_FALSE(went_on);
    EXPECT_FALSE(a.is_up());
}

TEST(hosts, S591_of_a_killed_program_its_peers_hear_at_once) {
    sim::world w;
    sim::host& a = w.add_host("a", echo);
    duration taken = -1s;
    sim::host& b = w.add_host("b", [&]() -> async<> {
        stream conn = co_await open_connection("a", port);
        const time_point before = clock::now();
        EXPECT_EQ(co_await conn.read(), "");
        taken = clock::now() - before;
    });
    const auto scenario = [&]() -> async<> {
        co_await sleep(1s);
        a.kill();
        co_await b.ended();
    };
    w.run(scenario);
    EXPECT_EQ(taken, 1s);
}

TEST(hosts, S591_a_program_can_be_started_again_on_the_same_port) {
    sim::world w;
    sim::host& a = w.add_host("a", echo);
    sim::host& b = w.add_host("b", []() -> async<> { co_await sleep(1h); });
    const auto scenario = [&]() -> async<> {
        EXPECT_EQ(co_await b.submit(ask("a", "one")), "one");
        for (int how = 0; how < 3; ++how) {
            if (how == 0) a.kill();
            else if (how == 1) a.stop();
            else a.crash();
            co_await a.ended();
            a.start();
            EXPECT_THROW(a.start(), invalid_state_error);
            co_await sleep(1s);
            EXPECT_EQ(co_await b.submit(ask("a", "two")), "two");
        }
    };
    w.run(scenario);
}

TEST(hosts, S591_a_stopped_program_cleans_up) {
    sim::world w;
    std::string how;
    sim::host& a = w.add_host("a", [&]() -> async<> {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error& e) {
            how = e.what();
            throw;
        }
    });
    const auto scenario = [&]() -> async<> {
        co_await sleep(1s);
        a.stop();
        co_await a.ended();
    };
    w.run(scenario);
    EXPECT_EQ(how, "the host was stopped");
}

TEST(hosts, S592_a_paused_program_is_late_but_its_kernel_is_not) {
    sim::world w;
    std::vector<duration> woken;
    sim::host& a = w.add_host("a", [&]() -> async<> {
        const time_point beginning = clock::now();
        const server srv = co_await start_server(echo_to, "", port);
        for (int i = 0; i < 3; ++i) {
            co_await sleep_until(beginning + (i + 1) * 1s);
            woken.push_back(clock::now() - beginning);
        }
    });
    duration connected{};
    duration answered{};
    sim::host& b = w.add_host("b", [&]() -> async<> {
        co_await sleep(1500ms);
        const time_point before = clock::now();
        stream conn = co_await open_connection("a", port);
        connected = clock::now() - before;
        co_await conn.write("hello");
        co_await conn.readexactly(5);
        answered = clock::now() - before;
    });
    const auto scenario = [&]() -> async<> {
        co_await sleep(1100ms);
        a.pause();
        EXPECT_TRUE(a.is_up());
        co_await sleep(10s);
        a.resume();
        co_await a.ended();
        co_await b.ended();
    };
    w.run(scenario);
    EXPECT_EQ(woken, (std::vector<duration>{1s, 11100ms, 11100ms}));
    EXPECT_EQ(connected, 0s);
    EXPECT_EQ(answered, 9600ms);
}

TEST(hosts, S591_a_program_that_can_not_begin_fails_the_run_and_no_later_one) {
    sim::world w;
    bool may_begin = false;
    sim::host& a = w.add_host("a", [&]() -> async<> {
        if (!may_begin) throw std::logic_error("not yet");
        return nothing();
    });
    EXPECT_THROW(w.run(a.ended()), std::logic_error);
    may_begin = true;
    w.run(a.ended());
    EXPECT_FALSE(a.is_up());
}

async<int> never() {
    co_await sleep(duration::max());
    co_return 0;
}

TEST(hosts, S590_who_awaits_something_on_a_host_hears_of_its_crash) {
    sim::world w;
    sim::host& a = w.add_host("a", echo);
    w.run([&]() -> async<> {
        const auto crash_later = [&]() -> async<> {
            co_await sleep(1s);
            a.crash();
        };
        const task<> crash = create_task(crash_later());
        const auto lost = co_await try_(a.submit(never()));
        EXPECT_FALSE(lost);
        co_await crash;
        EXPECT_THROW(static_cast<void>(a.submit(never())), invalid_state_error);
    });
}

TEST(hosts, S590_what_was_asked_of_a_host_may_outlive_its_world) {
    std::optional<submitted<int>> asked;
    {
        sim::world w;
        sim::host& a = w.add_host("a", echo);
        w.run([&]() -> async<> {
            asked = a.submit(never());
            co_await sleep(1s);
        });
        EXPECT_FALSE(asked->done());
    }
    EXPECT_TRUE(asked->done());
}

/// Serves, and now and then does something to itself or to the other one.
async<> meddle(sim::world& w, sim::host& own, sim::host& other) {
    const server srv = co_await start_server(echo_to, "", port);
    for (;;) {
        co_await sleep(std::chrono::milliseconds(w.random(20)));
        sim::host& target = w.random(2) == 0 ? own : other;
        switch (w.random(7)) {
        case 0: target.kill(); break;
        case 1: target.crash(); break;
        case 2: target.stop(); break;
        case 3: target.pause(); break;
        case 4: target.resume(); break;
        case 5:
            if (!other.is_up()) other.start();
            break;
        default: co_await ask(other.name(), "hello"); break;
        }
    }
}

constexpr sim::world_options bad_world{
    .link = {.latency = 1ms, .loss = 0.05}, .split = 0.1, .order = sim::task_order::shuffled};

TORUS_SIM_TEST_WITH(hosts, S591_may_do_anything_to_each_other, (seed_options{.world = bad_world})) {
    sim::host* a = nullptr;
    sim::host* b = nullptr;
    a = &w.add_host("a", [&] { return meddle(w, *a, *b); });
    b = &w.add_host("b", [&] { return meddle(w, *b, *a); });
    int restarts = 0;
    w.run([&]() -> async<> {
        for (int i = 0; i < 100; ++i) {
            co_await sleep(10ms);
            for (sim::host* each : {a, b}) {
                restarts += !each->is_up();
                if (!each->is_up()) each->start();
                each->resume();
            }
        }
    });
    EXPECT_GT(restarts, 0);
}

}  // namespace
}  // namespace torus::testing
