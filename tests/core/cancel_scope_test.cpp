// tests/core/cancel_scope_test.cpp: a cancellation that lasts.
#include <torus/core/cancel_scope.hpp>

#include <stdexcept>
#include <string>
#include <thread>

#include <torus/core/future.hpp>
#include <torus/core/time.hpp>
#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "core/scopes.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(cancel_scope, S132_once_cancelled_every_suspension_raises_until_it_is_left) {
    int interrupted = 0;
    const bool ended = co_await cancel_scope([&](cancel_scope& scope) -> async<> {
        scope.cancel();
        for (int i = 0; i < 3; ++i)
            if (co_await was_interrupted()) ++interrupted;
        co_await yield_now();
        ADD_FAILURE() << "not interrupted";
    });
    EXPECT_FALSE(ended);
    EXPECT_EQ(interrupted, 3);
    EXPECT_EQ(elapsed(), 0s);
    EXPECT_FALSE(co_await was_interrupted());
}

TORUS_TEST(cancel_scope, S500_it_interrupts_what_is_waited_for_now) {
    auto body = [](cancel_scope& scope) -> async<> {
        auto cancelling = [&]() -> async<> {
            co_await sleep(2s);
            scope.cancel();
        };
        spawn(cancelling());
        co_await sleep(1h);
    };
    EXPECT_FALSE(co_await cancel_scope(body));
    EXPECT_EQ(elapsed(), 2s);
}

TORUS_TEST(cancel_scope, S500_it_is_no_request_of_the_task_s) {
    co_await cancel_scope([](cancel_scope& scope) -> async<> {
        scope.cancel();
        EXPECT_EQ(current_task().cancelling(), 0);
        try {
            co_await sleep(1h);
        } catch (const cancelled_error& e) {
            EXPECT_TRUE(e.is_own());
            EXPECT_EQ(current_task().cancelling(), 0);
            EXPECT_EQ(current_task().uncancel(), 0) << "which does not end it";
        }
        EXPECT_TRUE(co_await was_interrupted());
    });
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(cancel_scope, S501_it_tells_whether_the_body_ended_by_itself) {
    cancel_scope quiet([]() -> async<> { co_await sleep(1s); });
    EXPECT_TRUE(co_await std::move(quiet));
    EXPECT_FALSE(quiet.cancel_called());
    EXPECT_FALSE(quiet.cancelled_caught());

    cancel_scope cancelled([](cancel_scope& scope) -> async<> {
        scope.cancel();
        co_await sleep(1s);
    });
    EXPECT_FALSE(co_await std::move(cancelled));
    EXPECT_TRUE(cancelled.cancel_called());
    EXPECT_TRUE(cancelled.cancelled_caught());
}

TORUS_TEST(cancel_scope, S501_one_that_is_cancelled_after_its_last_suspension_ends_by_itself) {
    cancel_scope late([](cancel_scope& scope) -> async<> {
        co_await sleep(1s);
        scope.cancel();
    });
    EXPECT_TRUE(co_await std::move(late));
    EXPECT_TRUE(late.cancel_called());
    EXPECT_FALSE(late.cancelled_caught());
    EXPECT_FALSE(co_await was_interrupted()) << "nothing is left of it";
}

TORUS_TEST(cancel_scope, S501_other_errors_pass) {
    auto body = [](cancel_scope& scope) -> async<> {
        scope.cancel();
        co_await answer_with("answered");
    };
    cancel_scope scope(body);
    co_await expect_throws<std::runtime_error>(entering(scope));
    EXPECT_FALSE(scope.cancelled_caught());
    EXPECT_FALSE(co_await was_interrupted());
}

TORUS_TEST(cancel_scope, S501_a_cancelled_error_that_is_not_its_own_passes) {
    auto other = create_task(slowly(1h, 0));
    other.cancel();
    auto body = [&]() -> async<> { co_await other; };
    co_await expect_throws<cancelled_error>(scope_of({}, body));
}

TORUS_TEST(cancel_scope, S502_at_its_deadline_it_is_cancelled) {
    EXPECT_FALSE(co_await cancel_scope({.timeout = 5s}, sleep(1h)));
    EXPECT_EQ(elapsed(), 5s);
    EXPECT_FALSE(co_await cancel_scope({.deadline = torus::clock::now() + 2s}, sleep(1h)));
    EXPECT_EQ(elapsed(), 7s);
    EXPECT_FALSE(co_await cancel_scope({.timeout = 3s, .deadline = torus::clock::now() + 1s}, sleep(1h)));
    EXPECT_EQ(elapsed(), 8s) << "the earlier one";
    EXPECT_TRUE(co_await cancel_scope({.timeout = 3s}, sleep(1s)));
    co_await sleep(10s);
}

TORUS_TEST(cancel_scope, S502_one_that_has_passed_lets_the_body_begin) {
    bool began = false;
    auto body = [&]() -> async<> {
        began = true;
        co_await yield_now();
        ADD_FAILURE() << "not interrupted";
    };
    EXPECT_FALSE(co_await cancel_scope({.timeout = 0s}, body));
    EXPECT_TRUE(began);
}

TORUS_TEST(cancel_scope, S502_it_can_be_moved_until_it_has_passed) {
    auto later_on = [](cancel_scope& scope) -> async<> {
        scope.reschedule(10s);
        co_await sleep(9s);
        scope.reschedule(std::nullopt);
        EXPECT_EQ(scope.deadline(), time_point::max());
        co_await sleep(1h);
        scope.reschedule_at(torus::clock::now() - 1s);
        EXPECT_TRUE(scope.cancel_called());
        EXPECT_THROW(scope.reschedule(1s), invalid_state_error);
        co_await sleep(1h);
    };
    cancel_scope scope({.timeout = 1s}, later_on);
    scope.reschedule(20s);
    EXPECT_EQ(scope.deadline(), torus::clock::now() + 20s) << "also before it is entered";
    EXPECT_FALSE(co_await std::move(scope));
    EXPECT_EQ(elapsed(), 1h + 9s);

    cancel_scope over([]() -> async<> { co_return; });
    co_await std::move(over);
    EXPECT_THROW(over.reschedule(1s), invalid_state_error);
}

TORUS_TEST(cancel_scope, S503_the_earliest_deadline_of_the_enclosing_ones_counts) {
    EXPECT_EQ(current_effective_deadline(), time_point::max());
    const time_point now = torus::clock::now();
    cancel_scope inner({.timeout = 1h}, [&](cancel_scope& scope) -> async<> {
        EXPECT_EQ(current_effective_deadline(), now + 5s);
        scope.reschedule(2s);
        EXPECT_EQ(current_effective_deadline(), now + 2s);
        scope.reschedule(2h);
        co_await swallow(0);
        EXPECT_EQ(current_effective_deadline(), time_point::min());
        co_await sleep(1s);
    });
    auto body = [&]() -> async<> { co_await std::move(inner); };
    EXPECT_FALSE(co_await cancel_scope({.timeout = 5s}, body));
    EXPECT_EQ(elapsed(), 5s);
    EXPECT_FALSE(inner.cancel_called());
    EXPECT_FALSE(inner.cancelled_caught());
}

TORUS_TEST(cancel_scope, S503_an_inner_one_s_cancellation_ends_with_it) {
    bool went_on = false;
    auto outer = [&]() -> async<> {
        EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, sleep(1h)));
        EXPECT_FALSE(co_await was_interrupted());
        went_on = true;
    };
    EXPECT_TRUE(co_await cancel_scope({.timeout = 1h}, outer));
    EXPECT_TRUE(went_on);
}

TORUS_TEST(cancel_scope, S503_where_both_are_cancelled_the_outer_one_catches_it) {
    cancel_scope* outside = nullptr;
    cancel_scope inner([&](cancel_scope& scope) -> async<> {
        scope.cancel();
        outside->cancel();
        co_await sleep(1h);
    });
    cancel_scope outer([&](cancel_scope& scope) -> async<> {
        outside = &scope;
        co_await std::move(inner);
    });
    EXPECT_FALSE(co_await std::move(outer));
    EXPECT_FALSE(inner.cancelled_caught());
    EXPECT_TRUE(outer.cancelled_caught());
}

TORUS_TEST(cancel_scope, S503_one_that_is_entered_within_a_cancelled_one_is_cancelled) {
    EXPECT_FALSE(co_await cancel_scope([](cancel_scope& scope) -> async<> {
        scope.cancel();
        co_await cancel_scope([]() -> async<> {
            EXPECT_TRUE(co_await was_interrupted());
            EXPECT_TRUE(co_await was_interrupted());
        });
        EXPECT_TRUE(co_await was_interrupted());
        co_await sleep(1h);
    }));
}

TORUS_TEST(cancel_scope, S508_what_needs_no_suspension_or_is_ready_gives_its_result) {
    promise<int> first;
    promise<int> second;
    co_await cancel_scope([&](cancel_scope& scope) -> async<> {
        auto cancelling = [&]() -> async<> {
            first.set_value(42);
            scope.cancel();
            second.set_value(43);
            co_return;
        };
        spawn(cancelling());
        EXPECT_EQ(co_await first.future(), 42);
        EXPECT_EQ(co_await second.future(), 43);
        EXPECT_TRUE(co_await was_interrupted());
    });
}

TORUS_TEST(cancel_scope, S509_it_can_be_cancelled_before_it_is_entered_and_often) {
    bool began = false;
    cancel_scope early([&](cancel_scope& scope) -> async<> {
        began = true;
        scope.cancel();
        co_await sleep(1h);
    });
    early.cancel();
    early.cancel();
    EXPECT_TRUE(early.cancel_called());
    EXPECT_FALSE(co_await std::move(early));
    EXPECT_TRUE(began);
}

TORUS_TEST(cancel_scope, S509_one_that_has_ended_is_not_cancelled_any_more) {
    cancel_scope scope([]() -> async<> { co_return; });
    EXPECT_TRUE(co_await std::move(scope));
    scope.cancel();
    EXPECT_FALSE(scope.cancel_called());
    EXPECT_FALSE(co_await was_interrupted());
}

TORUS_TEST(cancel_scope, S509_a_second_await_is_an_error) {
    cancel_scope scope([]() -> async<> { co_return; });
    co_await std::move(scope);
    co_await expect_throws<invalid_state_error>(entering(scope));
    cancel_scope shielded({.shield = true}, []() -> async<> { co_return; });
    co_await std::move(shielded);
    co_await expect_throws<invalid_state_error>(entering(shielded));
}

TORUS_TEST(cancel_scope, S509_another_thread_may_not_cancel_it) {
    event_loop::current().set_debug(true);
    EXPECT_TRUE(co_await cancel_scope([](cancel_scope& scope) -> async<> {
        std::thread([&] { EXPECT_THROW(scope.cancel(), std::runtime_error); }).join();
        EXPECT_FALSE(co_await was_interrupted());
    }));
    event_loop::current().set_debug(false);
}

TORUS_TEST(cancel_scope, S510_the_reason_is_told) {
    auto body = [](cancel_scope& scope) -> async<> {
        scope.cancel("too late");
        for (int i = 0; i < 2; ++i) {
            std::string reason;
            try {
                co_await sleep(1h);
            } catch (const cancelled_error& e) {
                reason = e.reason();
            }
            EXPECT_EQ(reason, "too late");
        }
    };
    co_await cancel_scope(body);
    current_task().cancel();
    try {
        co_await sleep(1h);
    } catch (const cancelled_error& e) {
        EXPECT_EQ(e.reason(), "") << "it was the scope's";
    }
    current_task().uncancel();
}

}  // namespace
