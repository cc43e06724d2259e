// tests/core/time_test.cpp: how sleeping tasks are woken, in which order, and at what cost.
#include <torus/core/time.hpp>

#include <chrono>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <torus/testing/test.hpp>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> sleep_and_note(duration span, std::vector<int>& log, int number) {
    co_await sleep(span);
    log.push_back(number);
}

TORUS_TEST(sleep, S36_different_deadlines_wake_in_their_order) {
    std::vector<int> log;
    std::vector<async<>> all;
    for (int n : {3, 1, 4, 0, 2}) all.push_back(sleep_and_note(n * 1s + 1ns, log, n));
    co_await gather(std::move(all));
    EXPECT_EQ(log, (std::vector{0, 1, 2, 3, 4}));
}

TORUS_TEST(sleep, S36_equal_deadlines_wake_first_in_first_out) {
    std::vector<int> log;
    std::vector<async<>> all;
    std::vector<int> expected;
    for (int n = 0; n < 100; ++n) {
        all.push_back(sleep_and_note(1s, log, n));
        expected.push_back(n);
    }
    co_await gather(std::move(all));
    EXPECT_EQ(log, expected);
    EXPECT_EQ(elapsed(), 1s);
}

TORUS_TEST(sleep, S36_equal_deadlines_set_at_different_times_too) {
    std::vector<int> log;
    const time_point when = clock::now() + 10s;
    auto until = [&](int number) -> async<> {
        co_await sleep_until(when);
        log.push_back(number);
    };
    std::vector<task<>> all;
    for (int n = 0; n < 10; ++n) {
        all.push_back(create_task(until(n)));
        co_await sleep(n == 0 ? 9s : 100ms);
    }
    co_await gather(all);
    EXPECT_EQ(log, (std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TORUS_TEST(sleep, S37_it_counts_from_the_call) {
    auto sleeping = sleep(3s);
    co_await sleep(2s);
    co_await std::move(sleeping);
    EXPECT_EQ(elapsed(), 3s);
}

TORUS_IO_TEST(sleep, S37_it_never_ends_early) {
    for (duration span : std::initializer_list<duration>{1ns, 999ns, 1000ns, 1ms, 1'500'000ns, 3ms}) {
        const auto before = std::chrono::steady_clock::now();
        co_await sleep(span);
        EXPECT_GE(std::chrono::steady_clock::now() - before, span);
    }
}

TORUS_TEST(sleep, S38_zero_and_less_suspend_for_one_pass) {
    for (duration span : std::initializer_list<duration>{0s, -1s, duration::min()}) {
        int passes = 0;
        auto counting = create_task(
            [](int& count) -> async<> {
                for (;;) {
                    ++count;
                    co_await yield_now();
                }
            },
            std::ref(passes));
        co_await sleep(span);
        EXPECT_EQ(passes, 1);
        counting.cancel();
        co_await expect_throws<cancelled_error>(counting);
    }
    EXPECT_EQ(elapsed(), 0s);
    co_await sleep_until(clock::now() - 1h);
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_TEST(sleep, S38_it_gives_the_value_it_was_given) {
    EXPECT_EQ(co_await sleep(1s, "late"s), "late");
    EXPECT_EQ(elapsed(), 1s);
}

TORUS_TEST(sleep, S39_long_spans_saturate_and_last_for_ever) {
    using std::chrono::hours;
    EXPECT_EQ(to_duration(hours::max()), duration::max());
    EXPECT_EQ(to_duration(hours::min()), duration::min());
    EXPECT_EQ(to_duration(std::chrono::duration<double>(1e300)), duration::max());
    EXPECT_EQ(to_duration(std::chrono::duration<double>(std::numeric_limits<double>::infinity())), duration::max());
    EXPECT_EQ(to_duration(std::chrono::duration<float, std::milli>(1.5F)), 1'500'000ns);
    EXPECT_EQ(to_duration(std::chrono::years(290)), std::chrono::years(290));
    auto for_ever = create_task([]() -> async<> { co_await sleep(hours::max()); });
    auto likewise = create_task([]() -> async<> { co_await sleep_forever(); });
    auto centuries = create_task([]() -> async<> { co_await sleep(std::chrono::years(290)); });
    co_await sleep(hours(24 * 365 * 100));
    EXPECT_FALSE(for_ever.done() || likewise.done() || centuries.done());
    for (auto* each : {&for_ever, &likewise, &centuries}) {
        each->cancel();
        co_await expect_throws<cancelled_error>(*each);
    }
}

TORUS_TEST(sleep, S39_what_is_not_a_number_is_refused) {
    const auto nan = std::chrono::duration<double>(std::nan(""));
    EXPECT_THROW(static_cast<void>(sleep(nan)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(timeout(nan, sleep(1s))), std::invalid_argument);
    co_return;
}

TORUS_TEST(sleep, S40_a_cancelled_one_leaves_no_timer_behind) {
    auto t = create_task([]() -> async<> { co_await sleep(1h); });
    co_await yield_now();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    co_await sleep(1s);
    EXPECT_EQ(elapsed(), 1s);
}

TORUS_TEST(sleep, S42_a_million_cancelled_timers_cost_no_lasting_memory) {
    for (int i = 0; i < 1'000'000; ++i) {
        const bool in_time = co_await move_on_after(1h, yield_now());
        EXPECT_TRUE(in_time);
    }
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_TEST(sleep, virtual_time_jumps_to_each_deadline_exactly) {
    const time_point beginning = clock::now();
    for (duration span :
         std::initializer_list<duration>{1ns, 63ns, 64ns, 65ns, 4095ns, 4097ns, 1us, 1ms, 1s, 1h, 24h * 365}) {
        const time_point before = clock::now();
        co_await sleep(span);
        EXPECT_EQ(clock::now() - before, span);
    }
    EXPECT_GT(clock::now() - beginning, 24h * 365);
}

TORUS_TEST(sleep, virtual_time_waits_for_threads) {
    auto slow = create_task([]() -> async<> { co_await to_thread([] { std::this_thread::sleep_for(5ms); }); });
    co_await sleep(1h);
    EXPECT_TRUE(slow.done()) << "a thread's work comes before a jump in time";
}

TORUS_TEST(yield_now, lets_everything_that_is_ready_run_once) {
    std::vector<int> log;
    for (int n = 0; n < 3; ++n) spawn(sleep_and_note(0s, log, n));
    co_await yield_now();
    EXPECT_TRUE(log.empty());
    co_await yield_now();
    EXPECT_EQ(log.size(), 3U);
}

}  // namespace
