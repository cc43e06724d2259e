// tests/core/cancel_test.cpp: how a cancellation is asked for, delivered, swallowed, withdrawn.
#include <torus/core/task.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <torus/testing/test.hpp>

#include "core/gate.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> sleep_for_ever() { co_await sleep_forever(); }

async<> note_cancellation(std::string& log) {
    try {
        co_await sleep_forever();
    } catch (const cancelled_error& e) {
        log += e.reason();
        throw;
    }
}

async<> await_another(task<>& awaited) { co_await awaited; }

TORUS_TEST(cancel, S114_it_takes_effect_later) {
    auto t = create_task(sleep_for_ever());
    co_await yield_now();
    EXPECT_TRUE(t.cancel());
    EXPECT_FALSE(t.done());
    EXPECT_FALSE(t.cancelled());
    EXPECT_EQ(t.cancelling(), 1);
    co_await expect_throws<cancelled_error>(t);
    EXPECT_TRUE(t.done());
    EXPECT_TRUE(t.cancelled());
}

TORUS_TEST(cancel, S115_locals_are_destroyed_by_unwinding) {
    auto counted = std::make_shared<int>();
    auto holding = [](std::shared_ptr<int> held) -> async<> {
        auto local = held;
        co_await sleep_forever();
    };
    auto t = create_task(holding(counted));
    co_await yield_now();
    EXPECT_EQ(counted.use_count(), 3);
    t.cancel();
    co_await expect_throws<cancelled_error>(std::move(t));
    EXPECT_EQ(counted.use_count(), 1);
}

TORUS_TEST(cancel, S116_before_the_first_step_the_body_never_runs) {
    auto counted = std::make_shared<int>();
    bool ran = false;
    auto body = [](std::shared_ptr<int>, bool& began) -> async<> {
        began = true;
        co_return;
    };
    auto t = create_task(body(counted, ran));
    t.cancel("early");
    EXPECT_FALSE(t.done());
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(thrown.reason(), "early");
    EXPECT_FALSE(ran);
    EXPECT_TRUE(t.cancelled());
    EXPECT_EQ(counted.use_count(), 1) << "its arguments are gone";
}

TORUS_TEST(cancel, S117_a_finished_task_is_not_changed) {
    auto t = create_task([]() -> async<int> { co_return 5; });
    co_await t;
    EXPECT_FALSE(t.cancel());
    EXPECT_EQ(t.cancelling(), 0);
    EXPECT_EQ(t.result(), 5);
    EXPECT_FALSE(t.cancelled());
}

TORUS_TEST(cancel, S118_the_last_reason_wins) {
    std::string log;
    auto t = create_task(note_cancellation(log));
    co_await yield_now();
    t.cancel("first");
    t.cancel("second");
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "second");
    EXPECT_EQ(thrown.reason(), "second");
}

TORUS_TEST(cancel, S119_it_passes_down_a_chain_of_awaited_tasks) {
    std::string log;
    auto inner = create_task(note_cancellation(log));
    auto middle = create_task(await_another(inner));
    auto outer = create_task(await_another(middle));
    co_await let_others_run();
    outer.cancel("why");
    co_await expect_throws<cancelled_error>(outer);
    EXPECT_TRUE(inner.cancelled() && middle.cancelled() && outer.cancelled());
    EXPECT_EQ(log, "why") << "the reason goes along";
}

TORUS_TEST(cancel, S119_a_chain_of_any_length) {
    auto link = [](task<> awaited) -> async<> { co_await awaited; };
    task<> innermost = create_task(sleep_for_ever());
    task<> last = innermost;
    for (int i = 0; i < 50'000; ++i) last = create_task(link(std::move(last)));
    co_await let_others_run(3);
    last.cancel();
    co_await expect_throws<cancelled_error>(std::move(last));
    EXPECT_TRUE(innermost.cancelled());
}

async<> nest(int depth) {
    if (depth == 0) co_await sleep_forever();
    else co_await gather(nest(depth - 1));
}

TORUS_TEST(cancel, S119_gathers_nested_to_any_depth) {
    auto t = create_task(nest(50'000));
    co_await sleep(1s);
    t.cancel();
    co_await expect_throws<cancelled_error>(std::move(t));
}

/// Each task of a layer gathers both of the next one: so many layers, twice as many ways for each.
TORUS_TEST(cancel, S119_a_task_to_which_very_many_ways_lead_is_told_once) {
    auto both = [](task<> a, task<> b) -> async<> { co_await gather(a, b); };
    task<> left = create_task(sleep_for_ever());
    task<> right = create_task(sleep_for_ever());
    const task<> innermost = left;
    for (int layer = 0; layer < 200; ++layer) {
        const task<> next = create_task(both(left, right));
        right = create_task(both(left, right));
        left = next;
    }
    co_await let_others_run();
    left.cancel();
    co_await expect_throws<cancelled_error>(left);
    co_await expect_throws<cancelled_error>(right);
    EXPECT_TRUE(innermost.cancelled());
}

TORUS_TEST(cancel, S119_it_is_passed_on_where_it_was_pending_before_the_await) {
    auto inner = create_task(sleep_for_ever());
    auto cancelled = [](task<>& awaited) -> async<> {
        current_task().cancel();
        co_await awaited;
    };
    co_await expect_throws<cancelled_error>(create_task(cancelled(inner)));
    EXPECT_TRUE(inner.cancelled());
}

TORUS_TEST(cancel, S120_a_task_cancelled_by_somebody_else_is_not_the_awaiters_cancellation) {
    auto is_own = [](task<>& awaited) -> async<bool> {
        bool own = true;
        try {
            co_await awaited;
        } catch (const cancelled_error& e) {
            own = e.is_own();
        }
        EXPECT_EQ(current_task().cancelling(), own ? 1 : 0);
        co_return own;
    };
    auto inner = create_task(sleep_for_ever());
    auto outer = create_task(is_own(inner));
    co_await let_others_run();
    inner.cancel();
    EXPECT_FALSE(co_await outer);
    inner = create_task(sleep_for_ever());
    outer = create_task(is_own(inner));
    co_await let_others_run();
    outer.cancel();
    EXPECT_TRUE(co_await outer);
}

TORUS_TEST(cancel, S121_it_can_be_swallowed) {
    auto t = create_task([]() -> async<int> {
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {}
        EXPECT_EQ(current_task().cancelling(), 1);
        co_await sleep(1s);
        EXPECT_EQ(current_task().uncancel(), 0);
        co_return 7;
    });
    co_await yield_now();
    t.cancel();
    EXPECT_EQ(co_await t, 7);
    EXPECT_FALSE(t.cancelled());
    EXPECT_EQ(elapsed(), 1s);
}

TORUS_TEST(cancel, S122_a_second_one_interrupts_the_clean_up) {
    int counted = 0;
    auto body = [&]() -> async<> {
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {}
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            counted = current_task().cancelling();
            throw;
        }
    };
    auto t = create_task(body());
    co_await yield_now();
    t.cancel();
    co_await sleep(1s);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(counted, 2);
    EXPECT_EQ(elapsed(), 1s);
}

TORUS_TEST(cancel, S123_two_before_the_first_is_delivered_are_thrown_once) {
    auto t = create_task([]() -> async<int> {
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {}
        co_await sleep(1s);
        co_return current_task().cancelling();
    });
    co_await yield_now();
    t.cancel();
    t.cancel();
    EXPECT_EQ(co_await t, 2);
}

TORUS_TEST(cancel, S124_of_oneself_is_thrown_where_it_really_suspends) {
    std::string log;
    auto body = [&]() -> async<> {
        current_task().cancel();
        auto at_once = []() -> async<> { co_return; };
        co_await at_once();
        gate opened;
        opened.open();
        co_await opened.pass();
        log += "not yet";
        co_await yield_now();
        log += ", never here";
    };
    co_await expect_throws<cancelled_error>(create_task(body()));
    EXPECT_EQ(log, "not yet");
}

TORUS_TEST(cancel, S125_a_task_that_returns_without_suspending_again_has_succeeded) {
    auto t = create_task([]() -> async<int> {
        current_task().cancel();
        co_return 3;
    });
    EXPECT_EQ(co_await t, 3);
    EXPECT_FALSE(t.cancelled());
    EXPECT_EQ(t.cancelling(), 1);
}

TORUS_TEST(cancel, S126_a_result_that_came_first_is_delivered) {
    std::string log;
    gate finish;
    auto answer = [](gate& awaited) -> async<int> {
        co_await awaited.pass();
        co_return 42;
    };
    auto inner = create_task(answer(finish));
    auto awaiting = [](task<int>& awaited, std::string& text) -> async<> {
        text += std::to_string(co_await awaited);
        co_await yield_now();
        text += ", never here";
    };
    auto outer = create_task(awaiting(inner, log));
    co_await let_others_run();
    finish.open();
    // Behind the inner task in the ready queue, before the outer one, which the inner one's end makes ready.
    auto cancel_late = [&]() -> async<> {
        EXPECT_TRUE(inner.done());
        EXPECT_TRUE(outer.cancel());
        co_return;
    };
    auto late = create_task(cancel_late());
    co_await expect_throws<cancelled_error>(outer);
    EXPECT_EQ(log, "42");
    co_await late;
}

TORUS_TEST(cancel, S128_uncancel_counts_down_and_withdraws_what_was_not_delivered) {
    EXPECT_EQ(current_task().uncancel(), 0) << "never below zero";
    current_task().cancel();
    current_task().cancel();
    EXPECT_EQ(current_task().cancelling(), 2);
    EXPECT_EQ(current_task().uncancel(), 1);
    EXPECT_EQ(current_task().uncancel(), 0);
    co_await yield_now();
    co_await sleep(1s);
}

TORUS_TEST(cancel, S129_another_exception_during_unwinding_replaces_it) {
    auto t = create_task([]() -> async<> {
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {
            throw std::runtime_error("instead");
        }
    });
    co_await yield_now();
    t.cancel();
    co_await expect_throws<std::runtime_error>(t);
    EXPECT_FALSE(t.cancelled());
}

TORUS_TEST(cancel, D2_it_is_no_std_exception) {
    static_assert(!std::is_base_of_v<std::exception, cancelled_error>);
    static_assert(std::is_base_of_v<std::exception, timeout_error>);
    auto t = create_task([]() -> async<> {
        try {
            co_await sleep_forever();
        } catch (const std::exception&) {
            ADD_FAILURE() << "swallowed";
        }
    });
    co_await yield_now();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
}

TORUS_TEST(cancel, S131_from_a_foreign_thread_is_an_error_in_debug_mode) {
    auto t = create_task(sleep_for_ever());
    co_await yield_now();
    event_loop& loop = event_loop::current();
    loop.set_debug(true);
    std::thread([&t] { EXPECT_THROW(t.cancel(), std::runtime_error); }).join();
    loop.set_debug(false);
    EXPECT_EQ(t.cancelling(), 0);
    std::thread([&t, &loop] { loop.call_soon_threadsafe([&t] { t.cancel(); }); }).join();
    co_await expect_throws<cancelled_error>(t);
}

TORUS_TEST(cancel, more_often_than_can_be_counted_is_harmless) {
    auto t = create_task(sleep_for_ever());
    co_await yield_now();
    for (int i = 0; i < 100'000; ++i) t.cancel();
    EXPECT_GT(t.cancelling(), 1000);
    co_await expect_throws<cancelled_error>(t);
}

}  // namespace
