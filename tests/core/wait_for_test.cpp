// tests/core/wait_for_test.cpp: deadlines around one awaitable, and doing without the exception.
#include <torus/core/time.hpp>

#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>

#include <torus/core/shield.hpp>
#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "core/gate.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(wait_for, S107_results_and_errors_pass_through) {
    EXPECT_EQ(co_await timeout(2s, slowly(1s, 3)), 3);
    co_await expect_throws<std::out_of_range>(timeout(2s, fail_after<std::out_of_range>(1s)));
    auto t = create_task(slowly(1s, 5));
    EXPECT_EQ(co_await timeout(2s, t), 5);
    gate open;
    open.open();
    co_await timeout(2s, open.pass());
}

TORUS_TEST(wait_for, S108_without_time_a_coroutine_is_not_even_started) {
    for (duration limit : std::initializer_list<duration>{0s, -1s, duration::min()}) {
        bool began = false;
        co_await expect_throws<timeout_error>(timeout(limit, note_run(began)));
        EXPECT_FALSE(co_await move_on_after(limit, note_run(began)));
        EXPECT_EQ(co_await move_on_after(limit, slowly(0s, 1)), std::nullopt);
        EXPECT_FALSE(began);
    }
    auto finished = create_task(slowly(0s, 8));
    co_await finished;
    EXPECT_EQ(co_await timeout(0s, finished), 8);
    EXPECT_EQ(co_await move_on_after(0s, finished), 8);
}

TORUS_TEST(wait_for, S109_it_waits_until_the_inner_one_has_really_ended) {
    for (duration limit : std::initializer_list<duration>{1s, 0s}) {
        const time_point began = clock::now();
        std::string log;
        auto inner = create_task(note_end(log, 'e', 3s));
        co_await yield_now();
        co_await expect_throws<timeout_error>(timeout(limit, inner));
        EXPECT_EQ(log, "e");
        EXPECT_TRUE(inner.cancelled());
        EXPECT_EQ(clock::now() - began, limit + 3s);
        EXPECT_EQ(current_task().cancelling(), 0);
    }
}

TORUS_TEST(wait_for, S110_an_error_in_the_clean_up_is_thrown_instead) {
    auto inner = create_task(answer_with<std::out_of_range>("in clean-up"));
    co_await expect_throws<std::out_of_range>(timeout(1s, inner));
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(wait_for, S111_a_value_in_spite_of_the_cancellation_is_returned) {
    auto inner = create_task(swallow(4));
    EXPECT_EQ(co_await timeout(1s, inner), 4);
    EXPECT_EQ(current_task().cancelling(), 0);
    co_await sleep(1s);
}

TORUS_TEST(wait_for, S112_cancelling_the_caller_cancels_the_inner_one) {
    auto inner = create_task(slowly(1h, 0));
    auto limited = [](task<int>& awaited) -> async<> { co_await timeout(5s, awaited); };
    auto caller = create_task(limited(inner));
    co_await let_others_run();
    caller.cancel("enough");
    auto thrown = co_await expect_throws<cancelled_error>(caller);
    EXPECT_EQ(thrown.reason(), "enough");
    EXPECT_TRUE(inner.cancelled());
}

TORUS_TEST(wait_for, S112_a_cancellation_that_races_with_the_result_is_not_lost) {
    gate done;
    std::string log;
    auto limited = [&]() -> async<> {
        co_await timeout(5s, done.pass());
        log += "result";
        co_await sleep(1h);
    };
    auto caller = create_task(limited());
    co_await let_others_run();
    done.open();
    caller.cancel();
    co_await expect_throws<cancelled_error>(caller);
    EXPECT_EQ(log, "result");
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_TEST(wait_for, S112_nor_one_that_races_with_the_deadline) {
    for (duration when : std::initializer_list<duration>{5s - 1ns, 5s, 5s + 1ns}) {
        auto caller = create_task([]() -> async<> {
            try {
                co_await timeout(5s, slowly(1h, 0));
            } catch (const timeout_error&) {}
            co_await sleep(1s);
        });
        co_await sleep(when);
        EXPECT_TRUE(caller.cancel());
        co_await expect_throws<cancelled_error>(caller);
    }
}

TORUS_TEST(wait_for, S113_behind_a_shield_the_inner_one_goes_on) {
    auto inner = create_task(slowly(10s, 6));
    co_await expect_throws<timeout_error>(timeout(1s, shield(inner)));
    EXPECT_FALSE(inner.cancelled());
    EXPECT_EQ(co_await inner, 6);
    EXPECT_EQ(elapsed(), 10s);
}

TORUS_TEST(wait_for, S113_many_may_wait_for_one_task_each_with_a_deadline) {
    auto inner = create_task(slowly(10s, 6));
    auto wait = [](task<int>& awaited, duration limit) -> async<int> {
        co_return co_await timeout(limit, shield(awaited));
    };
    auto patient = create_task(wait(inner, 1min));
    co_await expect_throws<timeout_error>(wait(inner, 1s));
    EXPECT_EQ(co_await patient, 6);
}

TORUS_TEST(move_on_after, S268_gives_an_optional_or_a_bool_instead_of_an_exception) {
    EXPECT_EQ(co_await move_on_after(5s, slowly(1s, 2)), 2);
    EXPECT_EQ(co_await move_on_after(5s, slowly(1h, 2)), std::nullopt);
    EXPECT_EQ(elapsed(), 6s);
    EXPECT_TRUE(co_await move_on_after(5s, sleep(1s)));
    EXPECT_FALSE(co_await move_on_after(5s, sleep(1h)));
    auto closure = []() -> async<> { co_await sleep(1h); };
    EXPECT_FALSE(co_await move_on_after(1s, closure));
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(move_on_after, S268_lets_errors_and_cancellations_pass) {
    co_await expect_throws<std::out_of_range>(move_on_after(5s, fail_after<std::out_of_range>(1s)));
    auto limited = []() -> async<> { co_await move_on_after(5s, slowly(1h, 0)); };
    auto t = create_task(limited());
    co_await yield_now();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
}

TORUS_TEST(move_on_after, S268_a_result_in_spite_of_it_is_given) {
    EXPECT_EQ(co_await move_on_after(5s, swallow(3)), 3);
    EXPECT_EQ(elapsed(), 5s);
    EXPECT_EQ(current_task().cancelling(), 0);
    co_await sleep(1s);
}

TORUS_TEST(wait_for, S107_it_is_timeout_with_asyncios_order) {
    EXPECT_EQ(co_await wait_for(slowly(1s, 3), 2s), 3);
    co_await expect_throws<timeout_error>(wait_for(slowly(1h, 3), 2s));
    auto t = create_task(slowly(1h, 3));
    co_await expect_throws<timeout_error>(wait_for(t, 2s));
    EXPECT_TRUE(t.cancelled());
    EXPECT_EQ(elapsed(), 5s);
}

}  // namespace
