// tests/sim/threads_test.cpp: threads in the simulation, which move one at a time.
#include <chrono>
#include <set>
#include <string>
#include <thread>

#include <torus/core/core.hpp>
#include <torus/core/thread_calls.hpp>
#include <torus/core/thread_pool.hpp>
#include <torus/sim/network.hpp>
#include <torus/sim/world.hpp>
#include <torus/testing/test.hpp>

namespace torus::testing {
namespace {

using namespace std::literals;

/// What two programs with threads of different speeds do, in the order in which they do it.
std::string done_with(std::uint64_t seed, std::uint64_t& figure) {
    std::string done;
    sim::world w({.seed = seed, .late = 0.5, .order = sim::task_order::shuffled});
    const auto program = [&](char name) -> async<> {
        const auto work = [&](int number) -> async<> {
            const auto job = [&, number] {
                std::this_thread::sleep_for(std::chrono::microseconds(100 * (number % 3)));
                done += name + std::to_string(number) + " ";  // no two threads are here at once
            };
            co_await to_thread(job);
            done += name;
        };
        co_await gather(work(1), work(2), work(3), work(4));
    };
    sim::host& a = w.add_host("a", [&] { return program('a'); });
    sim::host& b = w.add_host("b", [&] { return program('b'); });
    w.run([&]() -> async<> {
        co_await a.ended();
        co_await b.ended();
    });
    figure = w.figure();
    return done;
}

TEST(simulated_threads, S615_move_one_at_a_time_in_an_order_that_the_seed_decides) {
    std::uint64_t figure = 0;
    std::uint64_t again = 0;
    std::set<std::string> orders;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const std::string done = done_with(seed, figure);
        EXPECT_EQ(done_with(seed, again), done);
        EXPECT_EQ(again, figure);
        orders.insert(done);
    }
    EXPECT_GT(orders.size(), 1U);
}

TEST(simulated_threads, S615_of_a_pool_that_was_made_there_do_too) {
    const sim::network on;
    const auto main = []() -> async<int> {
        thread_pool pool(2);
        int sum = 0;
        const auto add = [&](int n) { sum += n; };
        co_await gather(run_in_executor(pool, add, 1), run_in_executor(pool, add, 2), run_in_executor(pool, add, 3));
        co_return sum;
    };
    EXPECT_EQ(run(main(), {.world = &on}), 6);
}

TEST(simulated_threads, S616_a_thread_from_outside_is_refused_and_who_wanted_it_named) {
    thread_pool outside(1);
    const sim::network on;
    const auto main = [&]() -> async<> {
        const auto ask = [&]() -> async<> { co_await run_in_executor(outside, [] {}); };
        const auto refused = co_await expect_throws<invalid_state_error>(ask());
        EXPECT_NE(std::string(refused.what()).find("threads_test.cpp"), std::string::npos) << refused.what();
    };
    run(main(), {.world = &on});
    const sim::network with_real_ones({.real_threads = true});
    const auto better = [&]() -> async<int> { co_return co_await run_in_executor(outside, [] { return 5; }); };
    EXPECT_EQ(run(better(), {.world = &with_real_ones}), 5);
}

TEST(simulated_threads, S617_of_a_paused_host_stand_still) {
    sim::world w;
    time_point ran{};
    sim::host& a = w.add_host("a", [&]() -> async<> {
        co_await sleep(1s);
        co_await to_thread([&] { ran = threads().now(); });
    });
    w.run([&]() -> async<> {
        const time_point before = clock::now();
        co_await sleep(1s);
        a.pause();
        co_await sleep(1h);
        a.resume();
        co_await a.ended();
        EXPECT_GE(ran - before, 1s + 1h);
    });
}

TEST(simulated_threads, S617_what_a_killed_program_has_given_to_them_is_not_done) {
    for (void (sim::host::* const end)() : {&sim::host::kill, &sim::host::crash}) {
        sim::world w;
        bool ran = false;
        sim::host* itself = nullptr;
        sim::host& a = w.add_host("a", [&]() -> async<> {
            (itself->*end)();
            co_await to_thread([&] { ran = true; });
        });
        itself = &a;
        w.run(a.ended());
        EXPECT_FALSE(ran);
    }
}

}  // namespace
}  // namespace torus::testing
