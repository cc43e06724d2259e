// tests/core/cancel_scope_shield_test.cpp: awaiting in a place that has been cancelled.
#include <torus/core/cancel_scope.hpp>

#include <memory>
#include <stdexcept>
#include <string>

#include <torus/core/context.hpp>
#include <torus/core/exit_stack.hpp>
#include <torus/core/finally.hpp>
#include <torus/core/shield.hpp>
#include <torus/core/task_group.hpp>
#include <torus/core/time.hpp>
#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "core/scopes.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(cancel_scope, S506_shielded_code_awaits_within_a_cancelled_scope) {
    EXPECT_FALSE(co_await cancel_scope([](cancel_scope& scope) -> async<> {
        scope.cancel();
        EXPECT_TRUE(co_await was_interrupted());
        EXPECT_TRUE(co_await cancel_scope({.shield = true}, []() -> async<> {
            EXPECT_EQ(current_effective_deadline(), time_point::max());
            EXPECT_FALSE(co_await was_interrupted());
            EXPECT_FALSE(co_await was_interrupted());
        }));
        EXPECT_TRUE(co_await was_interrupted()) << "left again";
        co_await sleep(1s);
    }));
    EXPECT_EQ(elapsed(), 2s);
}

TORUS_TEST(cancel_scope, S506_a_cancellation_that_comes_meanwhile_waits_outside) {
    bool ended = false;
    auto shielded = [&]() -> async<> {
        co_await sleep(5s);
        ended = true;
    };
    auto body = [&]() -> async<> {
        EXPECT_TRUE(co_await cancel_scope({.shield = true}, shielded)) << "what has ended has ended";
        co_await yield_now();
        ADD_FAILURE() << "not interrupted";
    };
    EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, body));
    EXPECT_TRUE(ended);
    EXPECT_EQ(elapsed(), 5s);
}

TORUS_TEST(cancel_scope, S506_nor_does_a_cancelled_task_a_timeout_or_a_group_reach_it) {
    auto rest = []() -> async<> { EXPECT_TRUE(co_await cancel_scope({.shield = true}, sleep(5s))); };
    auto then_wait = [&]() -> async<> {
        co_await rest();
        co_await sleep(1h);
    };
    auto t = create_task(then_wait());
    co_await sleep(1s);
    t.cancel();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(elapsed(), 5s);

    co_await expect_throws<timeout_error>(timeout(1s, then_wait()));
    EXPECT_EQ(elapsed(), 10s);

    auto failing = [&](task_group& tg) -> async<> {
        tg.create_task(then_wait());
        co_await fail_after(1s);
    };
    co_await expect_throws<std::runtime_error>(task_group_of(failing));
    EXPECT_EQ(elapsed(), 15s);
}

TORUS_TEST(cancel_scope, S506_a_shielded_child_s_clean_up_outlasts_its_group_s_scope) {
    bool cleaned = false;
    auto child = [&]() -> async<> {
        bool interrupted = false;
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            interrupted = true;
        }
        EXPECT_TRUE(interrupted);
        co_await cancel_scope({.shield = true}, sleep(2s));
        cleaned = true;
        co_await sleep(1h);
    };
    auto body = [&]() -> async<> { co_await task_group([&](task_group& tg) { tg.create_task(child()); }); };
    EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, body));
    EXPECT_TRUE(cleaned);
    EXPECT_EQ(elapsed(), 3s);
}

TORUS_TEST(cancel_scope, S506_its_own_deadline_and_cancel_do) {
    EXPECT_FALSE(co_await cancel_scope({.timeout = 2s, .shield = true}, sleep(1h)));
    EXPECT_EQ(elapsed(), 2s);
    EXPECT_FALSE(co_await cancel_scope({.shield = true}, [](cancel_scope& scope) -> async<> {
        scope.cancel();
        EXPECT_TRUE(co_await was_interrupted());
        co_await sleep(1h);
    }));
    EXPECT_EQ(elapsed(), 2s);
    co_await sleep(1s);
}

TORUS_TEST(cancel_scope, S506_scopes_timeouts_and_groups_within_it_work) {
    EXPECT_TRUE(co_await cancel_scope({.shield = true}, []() -> async<> {
        co_await expect_throws<timeout_error>(timeout(1s, sleep(1h)));
        EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, sleep(1h)));
        EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, []() -> async<> {
            co_await task_group([](task_group& tg) { tg.create_task(as_coroutine(sleep(1h))); });
        }));
    }));
    EXPECT_EQ(elapsed(), 3s);
}

TORUS_TEST(cancel_scope, S506_its_error_goes_first_and_the_cancellation_comes_next) {
    EXPECT_FALSE(co_await cancel_scope([](cancel_scope& scope) -> async<> {
        scope.cancel();
        co_await expect_throws<std::runtime_error>(scope_of({.shield = true}, fail_after(1s)));
        EXPECT_TRUE(co_await was_interrupted());
        co_await sleep(1s);
    }));
}

TORUS_TEST(cancel_scope, S506_it_begins_at_once_with_a_copy_of_the_context) {
    static context_var<int> number(0);
    number.set(1);
    std::string log;
    spawn(note(log, 'b'));
    co_await cancel_scope({.shield = true}, [&]() -> async<> {
        log += 'a';
        EXPECT_EQ(number.get(), 1);
        number.set(2);
        co_await yield_now();
    });
    EXPECT_EQ(log, "ab");
    EXPECT_EQ(number.get(), 1);
}

TORUS_TEST(cancel_scope, S506_one_that_is_cancelled_as_a_task_says_so) {
    auto body = []() -> async<> {
        current_task().cancel();
        co_await sleep(1s);
    };
    co_await expect_throws<cancelled_error>(scope_of({.shield = true}, body));
    auto at_once = []() -> async<> {
        throw cancelled_error();
        co_return;
    };
    co_await expect_throws<cancelled_error>(scope_of({.shield = true}, at_once));
    EXPECT_EQ(current_task().cancelling(), 0);
    current_task().cancel();
    co_await expect_throws<cancelled_error>(scope_of({.shield = true}, at_once));
    current_task().uncancel();
    co_await sleep(1s);
}

TEST(cancel_scope, S506_the_end_of_run_leaves_it_time) {
    bool ended = false;
    auto shielded = [&]() -> async<> {
        co_await sleep(1ms);
        ended = true;
    };
    auto left = [&]() -> async<> { co_await cancel_scope({.shield = true}, shielded); };
    auto main = [&]() -> async<> {
        spawn(left(), {.eager = true});
        co_return;
    };
    run(main(), simulated());
    EXPECT_TRUE(ended);
}

TORUS_TEST(cancel_scope, S507_clean_ups_await_within_a_cancelled_scope) {
    std::string log;
    auto cleaning_up = [&]() -> async<> {
        EXPECT_FALSE(co_await was_interrupted());
        log += 'f';
    };
    EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, finally(sleep(1h), cleaning_up)));
    EXPECT_EQ(log, "f");

    auto with_stack = [&](exit_stack& stack) -> async<> {
        stack.callback([&]() -> async<> {
            EXPECT_FALSE(co_await was_interrupted());
            log += 's';
        });
        co_await sleep(1h);
    };
    EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, [&]() -> async<> { co_await exit_stack(with_stack); }));
    EXPECT_EQ(log, "fs");

    EXPECT_FALSE(co_await cancel_scope([&](cancel_scope& scope) -> async<> {
        scope.cancel();
        auto shielded = [&]() -> async<> {
            EXPECT_FALSE(co_await was_interrupted());
            log += 'h';
        };
        co_await shield(shielded());
    }));
    EXPECT_EQ(log, "fsh");
}

TORUS_TEST(cancel_scope, S507_one_that_has_begun_is_spared_from_one_cancellation) {
    std::string log;
    auto cleaning_up = [&]() -> async<> {
        EXPECT_FALSE(co_await was_interrupted());
        log += 'f';
    };
    auto body = [&]() -> async<> {
        co_await task_group([&](task_group& tg) { tg.create_task(finally(sleep(1s), cleaning_up)); });
    };
    EXPECT_TRUE(co_await cancel_scope({.timeout = 1s + 500ms}, body)) << "nothing was interrupted";
    EXPECT_EQ(log, "f") << "of the scope and the group it hears once";
    EXPECT_EQ(elapsed(), 2s);
}

TORUS_TEST(cancel_scope, S507_an_error_of_the_clean_up_is_thrown) {
    co_await expect_throws<std::runtime_error>(scope_of({.timeout = 1s}, finally(sleep(1h), fail_after(1s))));
    EXPECT_EQ(elapsed(), 2s);
    co_await sleep(1s);
}

TORUS_TEST(finally, S259_a_clean_up_that_throws_a_cancellation_at_once_while_one_is_pending) {
    auto cancelled_at_its_end = []() -> async<> {
        current_task().cancel("pending");
        co_return;
    };
    auto throwing = []() -> async<> {
        throw cancelled_error();
        co_return;
    };
    std::string reason;
    try {
        co_await finally(cancelled_at_its_end(), throwing);
    } catch (const cancelled_error& e) {
        reason = e.reason();
    }
    EXPECT_EQ(reason, "pending");
    current_task().uncancel();
}

}  // namespace
