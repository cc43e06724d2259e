// tests/core/cancel_scope_children_test.cpp: cancel scopes, and the tasks within them.
#include <torus/core/cancel_scope.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include <torus/core/as_completed.hpp>
#include <torus/core/gather.hpp>
#include <torus/core/map.hpp>
#include <torus/core/race.hpp>
#include <torus/core/task_group.hpp>
#include <torus/core/time.hpp>
#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "core/scopes.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// Counts how often it is interrupted before it gives up.
async<int> stubborn(int& interrupted) {
    for (int i = 0; i < 3; ++i) {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            ++interrupted;
        }
    }
    co_await sleep(1h);
    co_return 0;
}

async<> stubborn_child(int& interrupted) { co_await stubborn(interrupted); }

TORUS_TEST(cancel_scope, S504_children_of_a_group_in_it_are_in_it) {
    int interrupted = 0;
    auto body = [&]() -> async<> {
        co_await task_group([&](task_group& tg) {
            tg.create_task(stubborn(interrupted));
            tg.create_task(stubborn(interrupted));
        });
    };
    EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, body));
    EXPECT_EQ(interrupted, 6);
    EXPECT_EQ(elapsed(), 1s);
}

TORUS_TEST(cancel_scope, S504_and_so_are_those_of_gather_race_and_map) {
    int interrupted = 0;
    auto one = [&](int) -> async<> { co_await stubborn(interrupted); };
    auto outcomes = [&]() -> async<> { co_await gather(return_exceptions, stubborn(interrupted), sleep(1h)); };
    const std::vector<int> two{1, 2};
    EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, gather(stubborn(interrupted), sleep(1h))));
    EXPECT_EQ(interrupted, 3);
    EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, outcomes));
    EXPECT_EQ(interrupted, 6);
    EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, race(stubborn_child(interrupted), sleep(1h))));
    EXPECT_EQ(interrupted, 9);
    EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, map(two, one, 2)));
    EXPECT_EQ(interrupted, 15);
    EXPECT_EQ(elapsed(), 4s);
}

TORUS_TEST(cancel_scope, S504_children_that_have_not_begun_never_do) {
    bool ran = false;
    EXPECT_FALSE(co_await cancel_scope([&](cancel_scope& scope) -> async<> {
        co_await task_group([&](task_group& tg) -> async<> {
            tg.create_task(note_run(ran));
            scope.cancel();
            tg.create_task(note_run(ran));
            co_await gather(note_run(ran), note_run(ran));
        });
    }));
    EXPECT_FALSE(ran);
}

TORUS_TEST(cancel_scope, S504_a_child_is_in_the_scope_that_its_group_is_in) {
    std::string log;
    auto in_a_scope_of_its_own = [&](task_group& tg) -> async<> {
        EXPECT_FALSE(co_await cancel_scope([&](cancel_scope& scope) -> async<> {
            tg.create_task(note_end(log, 'a'));
            scope.cancel();
            co_await sleep(1s);
        }));
        co_await sleep(2h);
        log += 'b';
    };
    co_await task_group(in_a_scope_of_its_own);
    EXPECT_EQ(log, "ab") << "the child is not in the scope where it was made";
}

TORUS_TEST(cancel_scope, S504_a_child_s_own_scope_is_within_it) {
    int interrupted = 0;
    cancel_scope within([&]() -> async<> { co_await stubborn(interrupted); });
    auto child = [&]() -> async<> { co_await std::move(within); };
    auto body = [&]() -> async<> { co_await task_group([&](task_group& tg) { tg.create_task(child()); }); };
    EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, body));
    EXPECT_EQ(interrupted, 3);
    EXPECT_FALSE(within.cancelled_caught());
}

TORUS_TEST(cancel_scope, S504_a_child_may_cancel_the_scope_around_its_group) {
    auto body = [](cancel_scope& scope) -> async<> {
        auto child = [&]() -> async<> {
            co_await sleep(1s);
            scope.cancel();
            co_await sleep(1h);
        };
        co_await task_group([&](task_group& tg) -> async<> {
            tg.create_task(child());
            co_await sleep(2h);
        });
    };
    EXPECT_FALSE(co_await cancel_scope(body));
    EXPECT_EQ(elapsed(), 1s);
}

TORUS_TEST(cancel_scope, S504_tasks_that_may_outlive_it_are_not_in_it) {
    task<int> free;
    EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, [&]() -> async<> {
        free = create_task(slowly(5s, 42));
        co_await sleep(1h);
    }));
    EXPECT_EQ(co_await free, 42);
}

TORUS_TEST(cancel_scope, S504_awaiting_one_passes_the_cancellation_on_once) {
    auto slow_to_end = []() -> async<> {
        std::string log;
        co_await note_end(log, 'x', 5s);
    };
    task<> awaited = create_task(slow_to_end());
    EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, [&]() -> async<> { co_await awaited; }));
    EXPECT_EQ(elapsed(), 6s) << "its own clean-up could await";
    EXPECT_EQ(awaited.cancelling(), 1);
}

TORUS_TEST(cancel_scope, S504_a_task_of_it_that_somebody_holds_may_outlive_it) {
    task<> held;
    {
        cancel_scope scope([&]() -> async<> {
            co_await task_group([&](task_group& tg) { held = tg.create_task(as_coroutine(sleep(1s))); });
        });
        EXPECT_TRUE(co_await std::move(scope));
    }
    EXPECT_TRUE(held.done());
}

TORUS_TEST(cancel_scope, S504_however_deep_they_are_nested_the_native_stack_is_enough) {
    constexpr int levels = 20'000;
    int caught = 0;
    struct nested {
        static async<> run(int left, int& caught) {
            if (left == 0) co_return co_await sleep(1h);
            auto deeper = [&]() -> async<> { co_await run(left - 1, caught); };
            if (!co_await cancel_scope(deeper)) ++caught;
        }
    };
    EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, nested::run(levels, caught)));
    EXPECT_EQ(caught, 0);
}

TORUS_TEST(cancel_scope, S505_a_cancellation_of_the_task_passes) {
    auto body = [](cancel_scope& scope) -> async<> {
        current_task().cancel("from outside");
        scope.cancel("from within");
        co_await sleep(1h);
    };
    auto with_scope = [&]() -> async<> { co_await cancel_scope(body); };
    auto t = create_task(with_scope());
    co_await expect_throws<cancelled_error>(t);
    EXPECT_TRUE(t.cancelled());
    EXPECT_EQ(t.cancelling(), 1);
}

TORUS_TEST(cancel_scope, S505_one_that_was_swallowed_before_does_not_count) {
    current_task().cancel();
    co_await expect_throws<cancelled_error>(sleep(1s));
    EXPECT_FALSE(co_await cancel_scope({.timeout = 1s}, sleep(1h)));
    EXPECT_EQ(current_task().uncancel(), 0);
}

TORUS_TEST(cancel_scope, S505_a_cancelled_scope_is_no_timeout) {
    bool timed_out = false;
    auto body = [&](cancel_scope& scope) -> async<> {
        scope.cancel();
        try {
            co_await timeout(0s, [&]() -> async<> { co_await sleep(1h); });
        } catch (const timeout_error&) {
            timed_out = true;
        }
    };
    EXPECT_FALSE(co_await cancel_scope(body));
    EXPECT_FALSE(timed_out);
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(cancel_scope, S505_a_timeout_within_and_around_a_scope_stays_one) {
    EXPECT_TRUE(co_await cancel_scope(
        {.timeout = 1h}, []() -> async<> { co_await expect_throws<timeout_error>(timeout(1s, sleep(2h))); }));
    co_await expect_throws<timeout_error>(timeout(1s, scope_of({.timeout = 1h}, sleep(2h))));
    EXPECT_TRUE(co_await move_on_after(2s, scope_of({.timeout = 1s}, sleep(1h))));
    EXPECT_EQ(elapsed(), 3s);
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(cancel_scope, S505_an_error_of_a_group_within_it_goes_first) {
    auto body = [](cancel_scope& scope) -> async<> {
        scope.cancel();
        co_await task_group([](task_group& tg) -> async<> {
            tg.create_task(as_coroutine(sleep(1h)));
            co_await answer_with("answered");
        });
    };
    co_await expect_throws<std::runtime_error>(scope_of({}, body));
    EXPECT_EQ(current_task().cancelling(), 0);
    co_await sleep(1s);
}

TORUS_TEST(cancel_scope, S505_a_group_that_ends_itself_within_it_has_ended) {
    EXPECT_TRUE(co_await cancel_scope({.timeout = 1h}, []() -> async<> {
        co_await task_group([](task_group& tg) -> async<> {
            tg.cancel();
            co_await sleep(1h);
        });
        co_await sleep(1s);
    }));
    EXPECT_EQ(elapsed(), 1s);
}

TORUS_TEST(cancel_scope, S510_children_are_told_the_reason) {
    std::string reason;
    auto child = [&]() -> async<> {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error& e) {
            reason = e.reason();
        }
    };
    co_await cancel_scope([&](cancel_scope& scope) -> async<> {
        co_await task_group([&](task_group& tg) -> async<> {
            tg.create_task(child(), {.eager = true});
            scope.cancel("enough");
            co_await sleep(1h);
        });
    });
    EXPECT_EQ(reason, "enough");
}

}  // namespace
