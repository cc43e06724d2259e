// tests/core/shield_test.cpp: what a cancellation does not reach.
#include <torus/core/shield.hpp>

#include <string>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(shield, S87_of_a_task_throws_at_once_and_the_task_goes_on) {
    auto inner = create_task(slowly(10s, 5));
    auto outer = create_task([](task<int>& t) -> async<> { co_await shield(t); }, std::ref(inner));
    co_await sleep(1s);
    outer.cancel();
    co_await expect_throws<cancelled_error>(outer);
    EXPECT_EQ(elapsed(), 1s);
    EXPECT_EQ(co_await inner, 5);
    EXPECT_EQ(inner.cancelling(), 0);
}

TORUS_TEST(shield, S87_of_a_coroutine_holds_the_cancellation_until_it_has_ended) {
    std::string log;
    auto rollback = [&]() -> async<int> {
        co_await sleep(10s);
        log += "rolled back";
        co_return 1;
    };
    auto t = create_task([&]() -> async<> {
        try {
            co_await shield(rollback());
        } catch (const cancelled_error& e) {
            EXPECT_TRUE(e.is_own());
            throw;
        }
    });
    co_await sleep(1s);
    t.cancel("why");
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(thrown.reason(), "why");
    EXPECT_EQ(log, "rolled back");
    EXPECT_EQ(elapsed(), 10s);
}

TORUS_TEST(shield, S87_a_coroutine_runs_even_if_a_cancellation_is_pending) {
    std::string log;
    auto rollback = [&]() -> async<> {
        co_await sleep(1s);
        log += "rolled back";
    };
    auto t = create_task([&]() -> async<> {
        current_task().cancel();
        co_await shield(rollback());
    });
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "rolled back");
}

TORUS_TEST(shield, S87_of_a_task_throws_where_a_cancellation_is_pending) {
    auto inner = create_task(slowly(1s, 5));
    auto t = create_task([&]() -> async<> {
        current_task().cancel();
        co_await shield(inner);
    });
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(elapsed(), 0s);
    EXPECT_EQ(co_await inner, 5);
}

TORUS_TEST(shield, S88_an_inner_one_that_is_cancelled_is_not_the_awaiters_cancellation) {
    auto inner = create_task(slowly(1h, 0));
    auto t = create_task([&]() -> async<bool> {
        bool own = true;
        try {
            co_await shield(inner);
        } catch (const cancelled_error& e) {
            own = e.is_own();
        }
        EXPECT_EQ(current_task().cancelling(), 0);
        co_return own;
    });
    co_await let_others_run();
    inner.cancel();
    EXPECT_FALSE(co_await t);
    auto gives_up = []() -> async<> {
        co_await yield_now();
        throw cancelled_error();
    };
    auto thrown = co_await expect_throws<cancelled_error>(shield(gives_up()));
    EXPECT_FALSE(thrown.is_own());
}

TORUS_TEST(shield, S89_results_and_errors_pass_through) {
    EXPECT_EQ(co_await shield(slowly(1s, 3)), 3);
    auto inner = create_task(slowly(1s, 4));
    EXPECT_EQ(co_await shield(inner), 4);
    co_await expect_throws<std::out_of_range>(shield(fail_after<std::out_of_range>(1s)));
    auto failing = create_task(fail_after<std::out_of_range>(1s));
    co_await expect_throws<std::out_of_range>(shield(failing));
    co_await shield(sleep(1s));
}

TORUS_TEST(shield, S89_a_finished_one_does_not_suspend) {
    auto inner = create_task(slowly(0s, 4));
    co_await let_others_run();
    current_task().cancel();
    EXPECT_EQ(co_await shield(inner), 4);
    current_task().uncancel();
}

TORUS_TEST(shield, S90_an_error_after_the_awaiter_was_cancelled_is_reported) {
    auto t = create_task([]() -> async<> { co_await shield(create_task(fail_after<std::out_of_range>(10s))); });
    co_await sleep(1s);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_TRUE(take_reports().empty());
    co_await sleep(10s);
    EXPECT_EQ(take_reports().size(), 1U);
}

TORUS_TEST(shield, S90_an_error_of_a_coroutine_is_thrown_and_the_cancellation_stays_pending) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        co_await expect_throws<std::out_of_range>(shield(fail_after<std::out_of_range>(10s)));
        log += "error";
        co_await yield_now();
        log += ", never here";
    });
    co_await sleep(1s);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "error");
}

TORUS_TEST(shield, S91_around_a_gather_it_protects_all_children) {
    int done = 0;
    auto count = [&]() -> async<> {
        co_await sleep(5s);
        ++done;
    };
    auto t = create_task([&]() -> async<> { co_await shield(gather(count(), count())); });
    co_await sleep(1s);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(done, 2);
}

TORUS_TEST(shield, S91_within_a_gather_it_protects_one) {
    int done = 0;
    auto count = [&]() -> async<> {
        co_await sleep(5s);
        ++done;
    };
    auto t = create_task([&]() -> async<> { co_await gather(shield(count()), count()); });
    co_await sleep(1s);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(done, 1);
    EXPECT_EQ(elapsed(), 5s) << "gather waits for all";
}

TORUS_TEST(shield, a_cancellation_asked_for_often_is_thrown_once) {
    auto t = create_task([]() -> async<int> {
        bool cancelled = false;
        try {
            co_await shield(slowly(10s, 0));
        } catch (const cancelled_error&) {
            cancelled = true;
        }
        co_await sleep(1s);
        co_return cancelled ? current_task().cancelling() : -1;
    });
    co_await sleep(1s);
    for (int i = 0; i < 3; ++i) t.cancel();
    EXPECT_EQ(co_await t, 3);
}

TORUS_TEST(shielded, S269_a_closure_holds_the_cancellation_until_it_has_ended) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        co_await shielded([&]() -> async<> {
            co_await sleep(10s);
            log += "committed";
        });
        log += ", never here";
    });
    co_await sleep(1s);
    t.cancel("why");
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(thrown.reason(), "why");
    EXPECT_EQ(log, "committed");
    EXPECT_EQ(elapsed(), 10s);
}

TORUS_TEST(shielded, S269_results_and_errors_pass) {
    auto gives = []() -> async<int> { co_return co_await slowly(1s, 4); };
    EXPECT_EQ(co_await shielded(gives), 4);
    auto fails = [] { return fail_after<std::out_of_range>(1s); };
    co_await expect_throws<std::out_of_range>(shielded(fails));
}

}  // namespace
