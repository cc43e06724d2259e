// tests/core/as_completed_test.cpp: tasks in the order in which they end.
#include <torus/core/as_completed.hpp>

#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "core/gate.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(as_completed, S84_results_come_in_the_order_of_completion_each_once) {
    auto tasks = sleepers({3, 1, 2});
    tasks.push_back(tasks[0]);
    auto finished = as_completed(tasks);
    std::string log;
    while (auto each = co_await finished.next()) {
        EXPECT_EQ(elapsed(), 1s * each->result()) << "as soon as it is there";
        log += std::to_string(co_await *each);
    }
    EXPECT_EQ(log, "123");
    auto nothing = co_await finished.next();
    EXPECT_FALSE(nothing) << "and nothing ever after";
}

TORUS_TEST(as_completed, S84_what_ended_while_nobody_waited_comes_first_and_does_not_suspend) {
    auto tasks = sleepers({3, 2, 1});
    auto finished = as_completed(tasks);
    co_await sleep(10s);
    bool other_ran = false;
    auto other = create_task(note_run(other_ran));
    std::string log;
    while (auto each = co_await finished.next()) log += std::to_string(co_await *each);
    EXPECT_EQ(log, "123");
    EXPECT_FALSE(other_ran);
    co_await other;
}

TORUS_TEST(as_completed, S84_those_that_are_done_before_come_in_the_order_of_the_range) {
    auto tasks = sleepers({2, 0, 1});
    co_await sleep(1s + 1ms);
    auto finished = as_completed(tasks);
    std::string log;
    while (auto each = co_await finished.next()) log += std::to_string(co_await *each);
    EXPECT_EQ(log, "012");
}

TORUS_TEST(as_completed, S84_of_nothing_is_over_at_once) {
    auto finished = as_completed(std::vector<task<>>());
    auto first = co_await finished.next();
    EXPECT_FALSE(first);
}

TORUS_TEST(as_completed, S85_it_gives_the_tasks_themselves) {
    auto tasks = sleepers({2, 1});
    auto finished = as_completed(tasks);
    auto first = co_await finished.next();
    static_assert(std::is_same_v<decltype(first), std::optional<task<int>>>);
    EXPECT_EQ(*first, tasks[1]);
    auto second = co_await finished.next();
    EXPECT_EQ(*second, tasks[0]);
    std::vector<any_task> any(1, create_task(fail_after(1s)));
    auto of_any = as_completed(any);
    auto failed = co_await of_any.next();
    EXPECT_TRUE(failed->exception()) << "an error stays in its task";
}

TORUS_TEST(as_completed, S86_after_the_deadline_next_throws_where_it_would_wait) {
    auto tasks = sleepers({1, 3, 5});
    auto finished = as_completed(tasks, {.timeout = 2s});
    auto first = co_await finished.next();
    EXPECT_EQ(*first, tasks[0]);
    co_await expect_throws<timeout_error>(finished.next());
    EXPECT_EQ(elapsed(), 2s);
    co_await expect_throws<timeout_error>(finished.next());
    EXPECT_EQ(elapsed(), 2s);
    co_await sleep(2s);
    auto second = co_await finished.next();
    EXPECT_EQ(*second, tasks[1]) << "what has ended is given all the same";
    EXPECT_EQ(tasks[2].cancelling(), 0);
    EXPECT_EQ(co_await tasks[2], 5) << "and none is cancelled";
    auto third = co_await finished.next();
    EXPECT_EQ(*third, tasks[2]);
    auto nothing = co_await finished.next();
    EXPECT_FALSE(nothing);
}

TORUS_TEST(as_completed, S86_a_timeout_that_is_not_needed_leaves_nothing) {
    auto tasks = sleepers({1});
    {
        auto finished = as_completed(tasks, {.timeout = 2s});
        while (auto each = co_await finished.next()) co_await *each;
    }
    co_await sleep(10s);
}

TORUS_TEST(as_completed, S86_it_can_be_resumed_after_a_break) {
    auto tasks = sleepers({1, 2, 3});
    auto finished = as_completed(tasks);
    while (auto each = co_await finished.next())
        if (co_await *each == 1) break;
    co_await sleep(5s);
    std::string log;
    while (auto each = co_await finished.next()) log += std::to_string(co_await *each);
    EXPECT_EQ(log, "23");
}

TORUS_TEST(as_completed, S83_cancelling_who_iterates_cancels_no_task_and_loses_none) {
    auto tasks = sleepers({5, 6});
    auto finished = as_completed(tasks, {.timeout = 1h});
    auto t = create_task([&]() -> async<> { co_await finished.next(); });
    co_await sleep(1s);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(elapsed(), 1s) << "at once";
    std::string log;
    while (auto each = co_await finished.next()) log += std::to_string(co_await *each);
    EXPECT_EQ(log, "56");
}

TORUS_TEST(as_completed, S126_a_task_that_was_handed_over_is_received_and_the_cancellation_stays_pending) {
    gate g;
    auto passing = [](gate& to_pass) -> async<int> {
        co_await to_pass.pass();
        co_return 7;
    };
    std::vector<task<int>> tasks(1, create_task(passing(g)));
    auto finished = as_completed(tasks);
    std::string log;
    auto t = create_task([&]() -> async<> {
        auto each = co_await finished.next();
        log += std::to_string(each->result());
        co_await yield_now();
        log += ", never here";
    });
    co_await let_others_run();
    g.open();
    auto late = create_task([&]() -> async<> {
        EXPECT_TRUE(t.cancel());
        co_return;
    });
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "7");
    co_await late;
}

TORUS_TEST(as_completed, dropped_it_leaves_the_tasks_alone) {
    auto tasks = sleepers({1, 2});
    {
        auto finished = as_completed(tasks);
        auto first = co_await finished.next();
        EXPECT_EQ(*first, tasks[0]);
    }
    EXPECT_EQ(co_await tasks[1], 2);
}

TORUS_TEST(as_completed, one_task_at_a_time_iterates) {
    auto tasks = sleepers({5});
    auto finished = as_completed(tasks);
    auto first = create_task([&]() -> async<> {
        auto each = co_await finished.next();
        EXPECT_EQ(each->result(), 5);
    });
    co_await let_others_run();
    co_await expect_throws<invalid_state_error>(finished.next());
    co_await first;
}

TORUS_TEST(as_completed, of_the_current_task_itself_is_an_error) {
    auto t = create_task([]() -> async<> {
        const std::vector<any_task> self(1, current_task());
        EXPECT_THROW(static_cast<void>(as_completed(self)), std::runtime_error);
        co_return;
    });
    co_await t;
}

TORUS_TEST(as_completed, of_very_many) {
    std::vector<task<int>> tasks;
    for (int i = 0; i < 10'000; ++i) tasks.push_back(create_task(slowly(1ms * (i % 100), i % 100)));
    auto finished = as_completed(tasks);
    int count = 0;
    int last = 0;
    while (auto each = co_await finished.next()) {
        EXPECT_GE(each->result(), last);
        last = each->result();
        ++count;
    }
    EXPECT_EQ(count, 10'000);
}

/// Holds an iteration in a task that refuses to end.
async<> iterate_for_ever(std::vector<task<int>> tasks) {
    auto finished = as_completed(tasks);
    for (;;) {
        try {
            auto each = co_await finished.next();
            if (!each) co_await sleep_forever();
        } catch (const cancelled_error&) {}
    }
}

TEST(as_completed, is_taken_apart_with_a_task_that_is_dropped) {
    const auto leave_behind = []() -> async<> {
        auto hung = create_task([]() -> async<int> {
            for (;;) {
                try {
                    co_await sleep_forever();
                } catch (const cancelled_error&) {}
            }
        });
        std::vector<task<int>> tasks(1, hung);
        spawn(iterate_for_ever(std::move(tasks)));
        co_await sleep(1s);
    };
    ::testing::internal::CaptureStderr();
    run(leave_behind(), {.clock = clock_kind::simulated});
    const std::string text = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(text.find("was dropped"), text.npos) << text;
}

}  // namespace
