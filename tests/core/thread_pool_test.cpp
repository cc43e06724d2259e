// tests/core/thread_pool_test.cpp: pools of threads for work, and run_in_executor.
#include <torus/core/thread_pool.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/barrier.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

int twice(int n) { return 2 * n; }

TORUS_TEST(run_in_executor, S460_runs_on_a_thread_of_the_pool_and_gives_the_result_here) {
    thread_pool cpu{1};
    const auto first = co_await run_in_executor(cpu, [] { return std::this_thread::get_id(); });
    EXPECT_NE(first, std::this_thread::get_id());
    const auto second = co_await run_in_executor(cpu, [] { return std::this_thread::get_id(); });
    EXPECT_EQ(first, second);
    auto [a, b] = co_await gather(run_in_executor(cpu, twice, 21), run_in_executor(cpu, [] { return 4; }));
    EXPECT_EQ(a, 42);
    EXPECT_EQ(b, 4);
}

TORUS_TEST(run_in_executor, S460_an_exception_is_thrown_here) {
    thread_pool cpu{2};
    auto failing = [] { throw std::out_of_range("over there"); };
    const auto thrown = co_await expect_throws<std::out_of_range>(run_in_executor(cpu, failing));
    EXPECT_STREQ(thrown.what(), "over there");
}

/// Begins a call on a pool that lasts until the barrier opens.
async<> hold_a_thread(thread_pool& pool, barrier& until_open) {
    co_await run_in_executor(pool, &barrier::wait, &until_open);
}

async<> wait_for_threads(barrier& held, std::size_t count) {
    while (held.waiting() < count) co_await yield_now();
}

TORUS_TEST(thread_pool, S461_runs_as_many_jobs_at_once_as_it_has_threads) {
    barrier b;
    thread_pool cpu{2};
    EXPECT_EQ(cpu.threads(), 2U);
    std::vector<task<>> calls;
    for (int i = 0; i < 3; ++i) calls.push_back(create_task(hold_a_thread(cpu, b)));
    co_await wait_for_threads(b, 2);
    co_await let_others_run();
    EXPECT_EQ(b.waiting(), 2U);
    EXPECT_EQ(co_await to_thread(twice, 4), 8) << "those of to_thread are others";
    b.open();
    co_await gather(calls);
}

TORUS_TEST(thread_pool, S461_virtual_time_waits_for_its_jobs) {
    thread_pool cpu{1};
    auto slow = create_task(
        [](thread_pool& on) -> async<> { co_await run_in_executor(on, [] { std::this_thread::sleep_for(2ms); }); },
        std::ref(cpu));
    co_await sleep(1h);
    EXPECT_TRUE(slow.done());
}

TORUS_TEST(run_in_executor, S221_a_queued_job_is_removed_when_its_caller_is_cancelled) {
    barrier b;
    thread_pool cpu{1};
    auto first = create_task(hold_a_thread(cpu, b));
    co_await wait_for_threads(b, 1);
    auto never =
        create_task([](thread_pool& on) -> async<> { co_await run_in_executor(on, [] { ADD_FAILURE() << "it ran"; }); },
                    std::ref(cpu));
    co_await let_others_run();
    never.cancel();
    co_await expect_throws<cancelled_error>(never);
    b.open();
    co_await first;
}

TORUS_TEST(run_in_executor, S221_one_that_runs_goes_on_and_its_error_is_reported) {
    barrier b;
    thread_pool cpu{1};
    auto cancelled = create_task(
        [](thread_pool& on, barrier& held) -> async<> {
            auto failing = [](barrier* until) {
                until->wait();
                throw std::runtime_error("too late");
            };
            co_await run_in_executor(on, failing, &held);
        },
        std::ref(cpu), std::ref(b));
    co_await wait_for_threads(b, 1);
    cancelled.cancel();
    co_await expect_throws<cancelled_error>(cancelled);
    b.open();
    co_await sleep(1s);  // virtual time waits for the thread
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    if (reports.empty()) co_return;
    EXPECT_NE(reports[0].find("too late"), std::string::npos) << reports[0];
}

TORUS_TEST(thread_pool, S462_its_end_waits_for_what_was_given_to_it) {
    std::atomic<int> done = 0;
    std::optional<thread_pool> cpu(1);
    std::vector<task<>> calls;
    for (int i = 0; i < 5; ++i)
        calls.push_back(create_task(
            [](thread_pool& on, std::atomic<int>* count) -> async<> {
                co_await run_in_executor(on, [](std::atomic<int>* n) { ++*n; }, count);
            },
            std::ref(*cpu), &done));
    co_await yield_now();
    cpu.reset();
    EXPECT_EQ(done, 5);
    co_await gather(calls);
}

TORUS_TEST(thread_pool, S463_names_what_does_not_stop_and_refuses_what_has_not_begun) {
    static barrier stuck;
    auto cpu = std::make_unique<thread_pool>(1, 10ms);
    auto running = create_task(hold_a_thread(*cpu, stuck));
    co_await wait_for_threads(stuck, 1);
    auto refused =
        create_task([](thread_pool& on) -> async<> { co_await run_in_executor(on, [] { ADD_FAILURE() << "it ran"; }); },
                    std::ref(*cpu));
    co_await let_others_run();
    cpu.reset();
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    const std::string all = reports.empty() ? "" : reports[0];
    EXPECT_NE(all.find("thread_pool_test.cpp"), std::string::npos) << all;
    const auto why = co_await expect_throws<std::runtime_error>(refused);
    EXPECT_NE(std::string(why.what()).find("closed"), std::string::npos);
    stuck.open();
    co_await running;
}

TORUS_TEST(thread_pool, S463_a_job_of_a_closed_pool_fails) {
    thread_pool cpu{1};
    auto call = run_in_executor(cpu, twice, 3);
    cpu.close(0s);
    co_await expect_throws<std::runtime_error>(std::move(call));
    co_await expect_throws<std::runtime_error>(run_in_executor(cpu, twice, 3));
}

TORUS_TEST(thread_pool, S463_a_refused_job_whose_caller_has_gone_is_not_reported) {
    static barrier stuck;
    auto cpu = std::make_unique<thread_pool>(1);
    auto running = create_task(hold_a_thread(*cpu, stuck));
    co_await wait_for_threads(stuck, 1);
    auto queued =
        create_task([](thread_pool& on) -> async<> { co_await run_in_executor(on, twice, 1); }, std::ref(*cpu));
    co_await let_others_run();
    cpu->close(0s);
    EXPECT_EQ(take_reports().size(), 1U) << "the one that is stuck";
    queued.cancel();
    co_await expect_throws<cancelled_error>(queued);
    stuck.open();
    co_await running;
}

TEST(thread_pool, S464_serves_several_loops_at_once) {
    thread_pool cpu{2};
    std::atomic<int> sum = 0;
    std::vector<std::thread> loops;
    for (int each = 0; each < 3; ++each)
        loops.emplace_back([&] {
            auto main = [&]() -> async<> {
                for (int i = 0; i < 50; ++i) sum += co_await run_in_executor(cpu, twice, i);
            };
            run(main());
        });
    for (std::thread& each : loops) each.join();
    EXPECT_EQ(sum, 3 * 49 * 50);
}

TEST(thread_pool, S461_needs_a_thread) { EXPECT_THROW(thread_pool{0}, std::invalid_argument); }

}  // namespace
