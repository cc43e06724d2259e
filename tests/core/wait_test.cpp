// tests/core/wait_test.cpp: waiting for some of several tasks, without touching them.
#include <torus/core/wait.hpp>

#include <array>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "core/gate.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

template <class Range>
concept can_wait_for = requires(Range r) { wait(r); };

TORUS_TEST(wait, S78_gives_those_that_are_done_and_throws_no_error_of_theirs) {
    auto succeeds = create_task(slowly(1s, 1));
    auto fails = create_task(fail_after(2s));
    std::vector<any_task> tasks{fails, succeeds};
    auto [done, pending] = co_await wait(tasks);
    EXPECT_EQ(done, tasks) << "in the order in which they were given";
    EXPECT_TRUE(pending.empty());
    EXPECT_EQ(elapsed(), 2s);
    EXPECT_TRUE(fails.exception());
    EXPECT_EQ(succeeds.result(), 1);
}

TORUS_TEST(wait, S78_an_error_that_nobody_looks_at_is_reported_as_ever) {
    co_await wait(std::vector<task<>>(1, create_task(fail_after(1s))));
    EXPECT_EQ(take_reports().size(), 1U);
}

TORUS_TEST(wait, S78_of_tasks_that_are_done_does_not_suspend) {
    auto tasks = sleepers({0, 0});
    co_await let_others_run();
    bool other_ran = false;
    auto other = create_task(note_run(other_ran));
    auto [done, pending] = co_await wait(tasks);
    EXPECT_EQ(done.size(), 2U);
    EXPECT_FALSE(other_ran);
    co_await other;
}

TORUS_TEST(wait, S79_when_the_time_is_up_it_returns_what_is_done) {
    auto tasks = sleepers({3, 1});
    auto [done, pending] = co_await wait(tasks, {.timeout = 2s});
    EXPECT_EQ(elapsed(), 2s);
    EXPECT_EQ(done, std::vector{tasks[1]});
    EXPECT_EQ(pending, std::vector{tasks[0]});
    EXPECT_EQ(co_await tasks[0], 3) << "it was not cancelled";
}

TORUS_TEST(wait, S79_the_time_is_counted_from_the_call) {
    auto tasks = sleepers({10});
    auto waiting = wait(tasks, {.timeout = 2s});
    co_await sleep(1s);
    auto [done, pending] = co_await std::move(waiting);
    EXPECT_EQ(elapsed(), 2s);
    EXPECT_EQ(pending.size(), 1U);
    co_await tasks[0];
}

TORUS_TEST(wait, S79_without_time_it_lets_the_others_run_once) {
    auto tasks = sleepers({10});
    for (duration none : {0s, -1s}) {
        bool other_ran = false;
        auto other = create_task(note_run(other_ran));
        auto [done, pending] = co_await wait(tasks, {.timeout = none});
        EXPECT_TRUE(done.empty());
        EXPECT_TRUE(other_ran);
        EXPECT_EQ(elapsed(), 0s);
        co_await other;
    }
    co_await tasks[0];
    bool other_ran = false;
    auto other = create_task(note_run(other_ran));
    auto [done, pending] = co_await wait(tasks, {.timeout = 0s});
    EXPECT_EQ(done.size(), 1U);
    EXPECT_TRUE(other_ran) << "so that a loop over it starves nobody";
    co_await other;
}

TORUS_TEST(wait, S80_until_the_first_is_done) {
    auto tasks = sleepers({3, 1, 2});
    auto [done, pending] = co_await wait(tasks, {.until = first_completed});
    EXPECT_EQ(elapsed(), 1s);
    EXPECT_EQ(done, std::vector{tasks[1]});
    EXPECT_EQ(pending.size(), 2U);
    auto [two, one] = co_await wait(pending, {.timeout = 1s, .until = first_completed});
    EXPECT_EQ(two, std::vector{tasks[2]});
    EXPECT_EQ(one, std::vector{tasks[0]});
    co_await wait(one);
}

TORUS_TEST(wait, S80_several_may_be) {
    auto tasks = sleepers({1, 1, 2});
    auto [done, pending] = co_await wait(tasks, {.until = first_completed});
    EXPECT_EQ(done.size(), 2U) << "both had ended when it went on";
    EXPECT_EQ(pending.size(), 1U);
    co_await wait(pending);
}

TORUS_TEST(wait, S81_until_the_first_has_failed) {
    auto cancelled = create_task(fail_after(1h));
    std::vector<any_task> tasks{create_task(slowly(1s, 1)), cancelled, create_task(slowly(9s, 1))};
    auto fails = create_task(fail_after(3s));
    tasks.emplace_back(fails);
    cancelled.cancel();
    auto [done, pending] = co_await wait(tasks, {.until = first_exception});
    EXPECT_EQ(elapsed(), 3s) << "neither a result nor a cancellation ends it";
    EXPECT_EQ(done.size(), 3U);
    EXPECT_EQ(pending.size(), 1U);
    EXPECT_TRUE(fails.exception());
    auto again = co_await wait(tasks, {.until = first_exception});
    EXPECT_EQ(elapsed(), 3s) << "nor does one that has failed already wait";
    EXPECT_EQ(again.done.size(), 3U);
    co_await wait(pending);
}

TORUS_TEST(wait, S81_or_all_are_done) {
    auto tasks = sleepers({1, 3});
    auto [done, pending] = co_await wait(tasks, {.until = first_exception});
    EXPECT_EQ(elapsed(), 3s);
    EXPECT_EQ(done.size(), 2U);
    EXPECT_TRUE(pending.empty());
}

TORUS_TEST(wait, S82_nothing_is_refused_and_a_repetition_counts_once) {
    EXPECT_THROW(static_cast<void>(wait(std::vector<task<>>())), std::invalid_argument);
    auto tasks = sleepers({2, 1});
    const std::vector repeated{tasks[1], tasks[0], tasks[1], tasks[0]};
    auto [done, pending] = co_await wait(repeated, {.until = first_completed});
    EXPECT_EQ(done, std::vector{tasks[1]});
    EXPECT_EQ(pending, std::vector{tasks[0]});
    co_await wait(pending);
}

TORUS_TEST(wait, S82_coroutines_are_not_accepted) {
    static_assert(!can_wait_for<std::vector<async<int>>>);
    static_assert(can_wait_for<std::vector<task<int>>>);
    static_assert(can_wait_for<const std::array<any_task, 2>>);
    co_return;
}

TORUS_TEST(wait, S83_cancelling_the_waiter_does_not_cancel_the_children) {
    auto tasks = sleepers({5, 6});
    auto t = create_task([&]() -> async<> { co_await wait(tasks, {.timeout = 3s}); });
    co_await sleep(1s);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(elapsed(), 1s) << "at once";
    EXPECT_EQ(tasks[0].cancelling(), 0);
    EXPECT_EQ(co_await tasks[0], 5);
    EXPECT_EQ(co_await tasks[1], 6);
}

TORUS_TEST(wait, S83_nor_one_that_is_pending_before) {
    auto tasks = sleepers({1});
    auto t = create_task([&]() -> async<> {
        current_task().cancel();
        co_await wait(tasks, {.timeout = 0s});
    });
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(co_await tasks[0], 1);
}

TORUS_TEST(wait, S126_one_that_is_over_returns_and_the_cancellation_stays_pending) {
    gate g;
    auto passing = [](gate& to_pass) -> async<> { co_await to_pass.pass(); };
    std::vector<task<>> tasks;
    tasks.push_back(create_task(passing(g)));
    std::string log;
    auto t = create_task([&]() -> async<> {
        auto [done, pending] = co_await wait(tasks);
        log += std::to_string(done.size());
        co_await yield_now();
        log += ", never here";
    });
    co_await let_others_run();
    g.open();
    auto late = create_task([&]() -> async<> {  // behind the task, before the wait, in the ready queue
        EXPECT_TRUE(t.cancel());
        co_return;
    });
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "1");
    co_await late;
}

TORUS_TEST(wait, for_the_current_task_itself_is_an_error) {
    auto t = create_task([]() -> async<> {
        const std::vector<any_task> self(1, current_task());
        co_await expect_throws<std::runtime_error>(wait(self, {.timeout = 1s}));
    });
    co_await t;
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_TEST(wait, many_may_wait_for_the_same_tasks) {
    auto tasks = sleepers({1, 2});
    auto all = create_task([&]() -> async<> { co_await wait(tasks); });
    auto one = create_task([&]() -> async<> { co_await wait(tasks, {.until = first_completed}); });
    co_await one;
    EXPECT_EQ(elapsed(), 1s);
    co_await all;
    EXPECT_EQ(elapsed(), 2s);
}

}  // namespace
