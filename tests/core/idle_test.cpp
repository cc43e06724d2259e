// tests/core/idle_test.cpp: what a loop costs that has nothing to do, and what it does when it is to look all the time.
#include <torus/core/run.hpp>

#include <chrono>
#include <ctime>

#include <torus/core/core.hpp>
#include <torus/testing/test.hpp>

#include <sys/resource.h>

namespace {

using namespace torus;
using namespace std::literals;

std::chrono::nanoseconds processor_time() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// Processor time, of all threads, the watchdog included: other programs' work does not count.
TEST(idle, S43_a_loop_that_waits_sleeps_in_the_kernel) {
    std::chrono::nanoseconds used{};
    auto main = [&]() -> async<> {
        co_await yield_now();
        const auto before = processor_time();
        co_await sleep(1s);
        used = processor_time() - before;
    };
    run(main());
    EXPECT_LT(used, 10ms);
}

/// How often this thread has gone to sleep by itself while it slept ten times by torus's clock.
long sleeps_in_the_kernel(run_options how) {
    auto times_slept = [] {
        rusage of_this_thread{};
        ::getrusage(RUSAGE_THREAD, &of_this_thread);
        return of_this_thread.ru_nvcsw;
    };
    auto main = [&]() -> async<long> {
        const long before = times_slept();
        for (int i = 0; i < 10; ++i) co_await sleep(2ms);
        co_return times_slept() - before;
    };
    return run(main(), how);
}

TEST(idle, S542_a_loop_that_polls_busily_does_not_sleep_until_its_time_is_over) {
    EXPECT_LT(sleeps_in_the_kernel({.busy_poll = 1h}), 5);
    EXPECT_LT(sleeps_in_the_kernel({.busy_poll = duration::max()}), 5);
    EXPECT_GE(sleeps_in_the_kernel({.busy_poll = 1us}), 10);
    EXPECT_GE(sleeps_in_the_kernel({}), 10);
}

TEST(idle, S542_it_hears_of_timers_threads_and_calls) {
    int calls = 0;
    auto main = [&]() -> async<> {
        event_loop& loop = get_running_loop();
        for (int i = 0; i < 100; ++i) co_await to_thread([&] { loop.call_soon_threadsafe([&] { ++calls; }); });
        co_await sleep(1ms);
        co_await timeout(1h, yield_now());
    };
    run(main(), {.busy_poll = 1h});
    EXPECT_EQ(calls, 100);
}

TEST(idle, S542_virtual_time_jumps_all_the_same) {
    auto main = []() -> async<> { co_await sleep(1h); };
    run(main(), {.clock = clock_kind::simulated, .busy_poll = 1h});
}

}  // namespace
