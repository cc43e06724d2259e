// tests/core/timeout_test.cpp: deadlines around closures.
#include <torus/core/time.hpp>

#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>

#include <torus/core/task_group.hpp>
#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(timeout, S92_a_body_that_is_quicker_is_unaffected) {
    EXPECT_EQ(co_await timeout(5s, slowly(1s, 42)), 42);
    EXPECT_EQ(elapsed(), 1s);
    co_await sleep(10s);
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(timeout, S93_at_the_deadline_it_throws_and_the_count_is_what_it_was) {
    auto body = [](timeout_scope& t) -> async<> {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            EXPECT_TRUE(t.expired());
            EXPECT_EQ(current_task().cancelling(), 1);
            throw;
        }
    };
    co_await expect_throws<timeout_error>(timeout(5s, body));
    EXPECT_EQ(elapsed(), 5s);
    EXPECT_EQ(current_task().cancelling(), 0);
    co_await sleep(1s);
}

TORUS_TEST(timeout, S94_none_never_expires) {
    co_await timeout(duration::max(), slowly(1000h, 0));
    co_await timeout_at(time_point::max(), slowly(1000h, 0));
    auto body = [](timeout_scope& t) -> async<> {
        t.reschedule(std::nullopt);
        EXPECT_EQ(t.when(), time_point::max());
        co_await sleep(1h);
    };
    co_await timeout(1s, body);
}

TORUS_TEST(timeout, S95_a_past_deadline_expires_at_the_first_suspension) {
    for (duration limit : std::initializer_list<duration>{0s, -5s}) {
        bool began = false;
        auto body = [&]() -> async<> {
            began = true;
            co_await sleep(0s);
            ADD_FAILURE() << "not interrupted";
        };
        co_await expect_throws<timeout_error>(timeout(limit, body));
        EXPECT_TRUE(began);
        auto quick = []() -> async<int> { co_return 1; };
        EXPECT_EQ(co_await timeout(limit, quick), 1) << "it does not suspend";
        EXPECT_EQ(current_task().cancelling(), 0);
        co_await sleep(0s);
    }
}

TORUS_TEST(timeout, S96_if_the_outer_one_is_earlier_only_it_throws) {
    bool inner_threw = false;
    bool inner_expired = true;
    auto inner = [&](timeout_scope& t) -> async<> {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            inner_expired = t.expired();
            throw;
        }
    };
    auto body = [&]() -> async<> {
        try {
            co_await timeout(10s, inner);
        } catch (const timeout_error&) {
            inner_threw = true;
        }
    };
    co_await expect_throws<timeout_error>(timeout(5s, body));
    EXPECT_FALSE(inner_threw);
    EXPECT_FALSE(inner_expired);
}

TORUS_TEST(timeout, S97_equal_deadlines_make_the_outermost_throw) {
    std::string log;
    auto body = [&](timeout_scope& outer) -> async<> {
        auto innermost = [&](timeout_scope& inner) -> async<> {
            try {
                co_await sleep(1h);
            } catch (const cancelled_error&) {
                EXPECT_TRUE(inner.expired());
                EXPECT_TRUE(outer.expired());
                log += "innermost ";
                throw;
            }
        };
        try {
            co_await timeout(5s, innermost);
        } catch (const cancelled_error&) {
            log += "between";
            throw;
        }
    };
    co_await expect_throws<timeout_error>(timeout(5s, body));
    EXPECT_EQ(log, "innermost between");
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(timeout, S97_the_outer_one_during_the_clean_up_of_the_inner_one) {
    std::string log;
    auto innermost = []() -> async<> {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {}
        co_await sleep(10s);  // past the outer deadline
    };
    auto body = [&]() -> async<> {
        try {
            co_await timeout(1s, innermost);
        } catch (const cancelled_error&) {
            log += "cancelled";
            throw;
        }
    };
    co_await expect_throws<timeout_error>(timeout(5s, body));
    EXPECT_EQ(log, "cancelled");
    EXPECT_EQ(elapsed(), 5s);
}

TORUS_TEST(timeout, S98_another_exception_passes_before_and_after_expiry) {
    auto instead_of_a_coroutine = []() -> async<> { throw std::out_of_range("before"); };
    co_await expect_throws<std::out_of_range>(timeout(5s, instead_of_a_coroutine));
    auto early = [] { return fail_after<std::out_of_range>(1s); };
    co_await expect_throws<std::out_of_range>(timeout(5s, early));
    EXPECT_EQ(elapsed(), 1s);
    auto instead = [] { return answer_with<std::out_of_range>("after"); };
    co_await expect_throws<std::out_of_range>(timeout(5s, instead));
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(timeout, S99_a_cancellation_from_outside_stays_one) {
    bool expired = true;
    auto body = [&](timeout_scope& scope) -> async<> {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            expired = scope.expired();
            throw;
        }
    };
    auto limited = [&]() -> async<> { co_await timeout(5s, body); };
    auto t = create_task(limited());
    co_await sleep(1s);
    t.cancel("outside");
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(thrown.reason(), "outside");
    EXPECT_FALSE(expired);
    EXPECT_EQ(t.cancelling(), 1);
}

TORUS_TEST(timeout, S100_one_from_outside_wins_where_both_are_pending) {
    // A moment before the deadline; and at the deadline, by a task that is resumed before the one that is late.
    for (duration when : std::initializer_list<duration>{5s - 1ns, 5s}) {
        task<> target;
        auto cancel_then = [&]() -> async<> {
            co_await sleep(when);
            target.cancel("outside");
        };
        auto cancels = create_task(cancel_then());
        co_await yield_now();
        auto limited = []() -> async<> { co_await timeout(5s, slowly(1h, 0)); };
        target = create_task(limited());
        auto thrown = co_await expect_throws<cancelled_error>(target);
        EXPECT_EQ(thrown.reason(), "outside");
        co_await cancels;
    }
}

TORUS_TEST(timeout, S100_one_that_was_pending_before_the_scope_began_is_not_lost) {
    auto limited = []() -> async<> {
        current_task().cancel("before");
        auto body = []() -> async<> { co_await sleep(1h); };
        co_await timeout(0s, body);  // expires at once: both are thrown as one
    };
    auto t = create_task(limited());
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(thrown.reason(), "before");
    EXPECT_TRUE(t.cancelled());
}

TORUS_TEST(timeout, S101_one_that_was_swallowed_before_does_not_disturb) {
    auto t = create_task([]() -> async<int> {
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {}
        bool timed_out = false;
        try {
            co_await timeout(5s, slowly(1h, 0));
        } catch (const timeout_error&) {
            timed_out = true;
        }
        co_await sleep(1s);
        co_return timed_out ? current_task().cancelling() : -1;
    });
    co_await yield_now();
    t.cancel();
    EXPECT_EQ(co_await t, 1);
}

TORUS_TEST(timeout, S102_a_body_that_swallows_it_ends_normally) {
    bool expired = false;
    auto body = [&](timeout_scope& t) -> async<int> {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {}
        expired = t.expired();
        co_return 3;
    };
    EXPECT_EQ(co_await timeout(5s, body), 3);
    EXPECT_TRUE(expired);
    EXPECT_EQ(current_task().cancelling(), 0);
    co_await sleep(1s);
}

// The deadline passes while the body is about to return: nobody is to hear of it later.
TORUS_TEST(timeout, S102_one_that_was_never_delivered_is_withdrawn) {
    for (bool swallowed_before : {false, true}) {
        auto t = create_task([]() -> async<> {
            try {
                co_await sleep(1s);
            } catch (const cancelled_error&) {}
            auto body = [](timeout_scope& scope) -> async<> {
                scope.reschedule(-1s);
                EXPECT_TRUE(scope.expired());
                co_return;
            };
            co_await timeout(5s, body);
            co_await sleep(1s);
            co_await yield_now();
        });
        co_await yield_now();
        if (swallowed_before) t.cancel();
        co_await t;
    }
}

TORUS_TEST(timeout, S103_it_can_be_rescheduled_until_it_expires) {
    auto body = [](timeout_scope& t) -> async<> {
        co_await sleep(4s);
        t.reschedule(30s);
        EXPECT_EQ(t.when(), clock::now() + 30s);
        co_await sleep(29s);
        t.reschedule_at(clock::now() + 2s);
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            EXPECT_THROW(t.reschedule(1h), invalid_state_error);
            throw;
        }
    };
    co_await expect_throws<timeout_error>(timeout(5s, body));
    EXPECT_EQ(elapsed(), 35s);
}

TORUS_TEST(timeout, S103_nor_after_it_has_ended) {
    timeout_scope scope(clock::now() + 5s);
    scope.end_cancelled();
    EXPECT_FALSE(scope.expired());
    EXPECT_THROW(scope.reschedule(1h), invalid_state_error);
    co_await sleep(1h);
}

TEST(timeout, S104_outside_of_a_task_it_is_refused) {
    EXPECT_THROW(timeout_scope scope(time_point::max()), std::runtime_error);
}

TORUS_TEST(timeout, S105_one_in_clean_up_code_works) {
    std::string log;
    auto body = [&]() -> async<> {
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {}
        try {
            co_await timeout(2s, slowly(1h, 0));
        } catch (const timeout_error&) {
            log += "gave up cleaning";
        }
        throw cancelled_error();
    };
    auto t = create_task(body());
    co_await yield_now();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "gave up cleaning");
    EXPECT_EQ(elapsed(), 2s);
}

TORUS_TEST(timeout, S106_around_a_group_it_waits_for_the_children) {
    std::string log;
    auto child = [&]() -> async<> {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            log += "interrupted, ";
        }
        co_await sleep(2s);
        log += "cleaned";
        throw cancelled_error();
    };
    auto group = [&](task_group& tg) -> async<> {
        tg.create_task(child());
        co_await sleep(1h);
    };
    auto body = [&]() -> async<> { co_await task_group(group); };
    co_await expect_throws<timeout_error>(timeout(5s, body));
    EXPECT_EQ(log, "interrupted, cleaned");
    EXPECT_EQ(elapsed(), 7s);
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(timeout, S104_it_is_entered_once) {
    auto limited = timeout(5s, slowly(1s, 3));
    EXPECT_EQ(co_await std::move(limited), 3);
    co_await expect_throws<invalid_state_error>(std::move(limited));
}

TORUS_TEST(timeout, S104_outside_of_a_task_there_is_none) {
    bool refused = false;
    event_loop::current().call_soon_threadsafe([&] {
        try {
            timeout_scope scope(time_point::max());
        } catch (const std::runtime_error&) {
            refused = true;
        }
    });
    while (!refused) co_await sleep(1ms);
    EXPECT_TRUE(refused);
}

}  // namespace
