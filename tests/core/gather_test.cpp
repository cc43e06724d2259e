// tests/core/gather_test.cpp: the results of several at once, and the first of their errors.
#include <torus/core/gather.hpp>

#include <memory>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(gather, S61_results_are_in_the_order_of_the_arguments) {
    auto [a, b, c] = co_await gather(slowly(3s, 1), slowly(1s, 2), slowly(2s, 3));
    EXPECT_EQ(a, 1);
    EXPECT_EQ(b, 2);
    EXPECT_EQ(c, 3);
    EXPECT_EQ(elapsed(), 3s) << "they run at once";
}

TORUS_TEST(gather, S61_void_results_are_monostates_unless_all_are) {
    auto results = co_await gather(slowly(1s, 7), sleep(2s));
    static_assert(std::is_same_v<decltype(results), std::tuple<int, std::monostate>>);
    static_assert(std::is_void_v<decltype(gather(sleep(1s), sleep(1s)).await_resume())>);
    co_await gather(sleep(1s), sleep(1s));
    EXPECT_EQ(std::get<0>(results), 7);
}

TORUS_TEST(gather, S61_a_single_result_that_is_a_pair_or_tuple_stays_one) {
    auto pair = []() -> async<std::pair<int, int>> { co_return std::pair(1, 2); };
    auto tuple = []() -> async<std::tuple<int>> { co_return std::tuple(3); };
    auto pairs = co_await gather(pair());
    static_assert(std::is_same_v<decltype(pairs), std::tuple<std::pair<int, int>>>);
    auto tuples = co_await gather(tuple());
    static_assert(std::is_same_v<decltype(tuples), std::tuple<std::tuple<int>>>);
    EXPECT_EQ(std::get<0>(pairs).second, 2);
}

TORUS_TEST(gather, S61_of_a_range_gives_a_vector) {
    std::vector<async<int>> coroutines;
    for (int i = 0; i < 10; ++i) coroutines.push_back(slowly(1s * (10 - i), i));
    const std::vector<int> in_order = co_await gather(std::move(coroutines));
    EXPECT_EQ(in_order, (std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    const auto doubled = [](int n) -> async<int> {
        co_await yield_now();
        co_return 2 * n;
    };
    auto numbers = std::views::iota(1, 4) | std::views::transform(doubled);
    const std::vector<int> lazily_made = co_await gather(numbers);
    EXPECT_EQ(lazily_made, (std::vector{2, 4, 6}));
    std::vector<task<int>> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(create_task(slowly(1s, i)));
    const std::vector<int> of_tasks = co_await gather(tasks);
    EXPECT_EQ(of_tasks, (std::vector{0, 1, 2}));
    EXPECT_EQ(tasks[2].result(), 2) << "a range of tasks is not consumed";
}

TORUS_TEST(gather, S61_takes_whatever_can_only_be_moved) {
    auto make = [](int n) -> async<std::unique_ptr<int>> { co_return std::make_unique<int>(n); };
    auto running = create_task(make(2));
    auto [a, b] = co_await gather(make(1), std::move(running));
    EXPECT_EQ(*a + *b, 3);
}

TORUS_TEST(gather, S62_of_nothing_does_not_suspend) {
    bool other_ran = false;
    auto other = create_task(note_run(other_ran));
    co_await gather();
    EXPECT_TRUE((co_await gather(std::vector<async<int>>())).empty());
    co_await gather(std::vector<task<>>());
    EXPECT_FALSE(other_ran);
    co_await other;
}

TORUS_TEST(gather, S63_the_same_task_twice_fills_both_slots) {
    auto t = create_task(slowly(1s, 5));
    auto [a, b] = co_await gather(t, t);
    EXPECT_EQ(a + b, 10);
    EXPECT_EQ(elapsed(), 1s);
}

TORUS_TEST(gather, S64_a_failing_coroutine_cancels_and_joins_the_others) {
    std::string log;
    co_await expect_throws<std::runtime_error>(gather(note_end(log, 'a', 2s), fail_after(1s), note_end(log, 'b', 1s)));
    EXPECT_EQ(log, "ba") << "they have ended when the error is thrown";
    EXPECT_EQ(elapsed(), 3s);
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(gather, S64_a_failing_task_leaves_other_tasks_running) {
    std::string log;
    auto other = create_task(slowly(5s, 3));
    auto failing = create_task(fail_after(1s));
    co_await expect_throws<std::runtime_error>(gather(other, failing));
    EXPECT_EQ(elapsed(), 1s);
    EXPECT_FALSE(other.done());
    EXPECT_EQ(co_await other, 3);
    EXPECT_EQ(other.cancelling(), 0);
}

TORUS_TEST(gather, S65_the_errors_of_the_others_are_not_reported) {
    auto first = create_task(fail_after(1s, "first"));
    auto second = create_task(fail_after(2s, "second"));
    auto thrown = co_await expect_throws<std::runtime_error>(gather(first, second));
    EXPECT_STREQ(thrown.what(), "first");
    first = {};
    second = {};
    co_await sleep(5s);
    auto both = [](std::string what) -> async<> {
        throw std::runtime_error(what);
        co_return;
    };
    co_await expect_throws<std::runtime_error>(gather(both("a"), both("b")));
    auto done = std::vector{create_task(both("c")), create_task(both("d"))};
    co_await let_others_run();
    co_await expect_throws<std::runtime_error>(gather(std::move(done)));
}

TORUS_TEST(gather, S65_but_in_debug_mode) {
    event_loop::current().set_debug(true);
    auto both = [](std::string what) -> async<> {
        co_await yield_now();
        throw std::runtime_error(what);
    };
    co_await expect_throws<std::runtime_error>(gather(both("a"), both("b")));
    event_loop::current().set_debug(false);
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
}

TORUS_TEST(gather, S66_a_gather_that_has_thrown_cancels_nothing_any_more) {
    auto other = create_task(slowly(5s, 3));
    auto caller = create_task(
        [](task<int>& running) -> async<> {
            auto failing = create_task(fail_after(1s));
            co_await expect_throws<std::runtime_error>(gather(running, failing));
            co_await sleep_forever();
        },
        std::ref(other));
    co_await sleep(2s);
    caller.cancel();
    co_await expect_throws<cancelled_error>(caller);
    EXPECT_EQ(co_await other, 3);
}

TORUS_TEST(gather, S75_of_finished_tasks_does_not_suspend) {
    auto a = create_task(slowly(0s, 1));
    auto b = create_task(slowly(0s, 2));
    co_await let_others_run();
    bool other_ran = false;
    auto other = create_task(note_run(other_ran));
    auto [x, y] = co_await gather(a, b);
    EXPECT_EQ(x + y, 3);
    EXPECT_FALSE(other_ran);
    co_await other;
}

TORUS_TEST(gather, S76_each_coroutine_is_a_task_of_its_own) {
    auto self = []() -> async<any_task> { co_return current_task(); };
    auto [a, b] = co_await gather(self(), self());
    EXPECT_NE(a, b);
    EXPECT_NE(a, current_task());
}

TORUS_TEST(gather, S77_children_may_use_the_locals_of_whoever_awaits) {
    for (bool failing : {false, true}) {
        std::vector<int> local(3);
        auto fill = [&](std::size_t i) -> async<> {
            bool cancelled = false;
            try {
                co_await sleep(1s);
            } catch (const cancelled_error&) {
                cancelled = true;
            }
            co_await sleep(1s);
            local.at(i) = 1;
            if (cancelled) throw cancelled_error();
        };
        bool threw = false;
        try {
            if (failing) co_await gather(fill(0), fill(1), fail_after(500ms));
            else co_await gather(fill(0), fill(1), fill(2));
        } catch (const std::runtime_error&) {
            threw = true;
        }
        EXPECT_EQ(threw, failing);
        EXPECT_EQ(local[0] + local[1], 2) << "no child is left running";
    }
}

TORUS_TEST(gather, of_very_many) {
    std::vector<async<int>> all;
    for (int i = 0; i < 10'000; ++i) all.push_back(slowly(1ms * (i % 100), i));
    const auto results = co_await gather(std::move(all));
    EXPECT_EQ(results.size(), 10'000U);
    EXPECT_EQ(results.back(), 9'999);
}

TORUS_TEST(gather, never_awaited_is_reported_for_each_coroutine) {
    { auto forgotten = gather(slowly(1s, 1), slowly(1s, 2)); }
    EXPECT_EQ(take_reports().size(), 2U);
    co_return;
}

}  // namespace
