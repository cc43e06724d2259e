// tests/core/exit_stack_test.cpp: clean-ups that are collected on the way; and those at the end of a block.
#include <torus/core/exit_stack.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <torus/core/defer.hpp>
#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// A stack as something that can be passed on.
template <class Body> async<> exit_stack_of(Body body) { co_await exit_stack(body); }

/// Registers one that takes a second, and notes whether it was interrupted.
void push_noting(exit_stack& stack, std::string& log, char name) {
    stack.callback([&log, name]() -> async<> {
        try {
            co_await sleep(1s);
        } catch (const cancelled_error&) {
            log += 'x';
            throw;
        }
        log += name;
    });
}

TORUS_TEST(exit_stack, S263_callbacks_are_called_in_reverse_order) {
    std::string log;
    co_await exit_stack([&](exit_stack& stack) -> async<> {
        push_noting(stack, log, 'a');
        stack.callback([&] { log += 'b'; });
        co_await sleep(1s);
        push_noting(stack, log, 'c');
        log += '.';
    });
    EXPECT_EQ(log, ".cba");
    EXPECT_EQ(elapsed(), 3s);
    co_await exit_stack([&](exit_stack& stack) { stack.callback([&] { log += 'd'; }); });
    EXPECT_EQ(log, ".cbad") << "a closure that awaits nothing can be a plain one";
}

TORUS_TEST(exit_stack, S263_however_the_closure_ends) {
    std::string log;
    auto fails = [&](exit_stack& stack) -> async<> {
        push_noting(stack, log, 'a');
        co_await fail_after<std::out_of_range>(1s);
    };
    co_await expect_throws<std::out_of_range>(exit_stack_of(fails));
    EXPECT_EQ(log, "a");
    auto waits = [&](exit_stack& stack) -> async<> {
        push_noting(stack, log, 'b');
        co_await sleep_forever();
    };
    auto t = create_task(exit_stack_of(waits));
    co_await let_others_run();
    t.cancel("why");
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_TRUE(thrown.reason() == "why");
    EXPECT_EQ(log, "ab");
}

TORUS_TEST(exit_stack, S263_callbacks_own_what_they_were_given_and_are_destroyed_after_their_call) {
    auto held = std::make_shared<int>(1);
    const std::weak_ptr<int> watched = held;
    auto body = [&](exit_stack& stack) -> async<> {
        stack.callback([&] { EXPECT_TRUE(watched.expired()) << "the one above is gone"; });
        stack.callback([mine = std::move(held)]() -> async<> {
            co_await sleep(1s);
            EXPECT_EQ(*mine, 1);
        });
        co_return;
    };
    co_await exit_stack_of(body);
    EXPECT_TRUE(watched.expired());
}

TORUS_TEST(exit_stack, S264_each_is_called_whatever_the_others_do) {
    std::string log;
    auto body = [&](exit_stack& stack) -> async<> {
        stack.callback([&] { log += 'a'; });
        stack.callback([] { throw std::runtime_error("second"); });
        stack.callback([] { return fail_after<std::out_of_range>(1s, "first"); });
        co_return;
    };
    auto thrown = co_await expect_throws<std::out_of_range>(exit_stack_of(body));
    EXPECT_STREQ(thrown.what(), "first");
    EXPECT_EQ(log, "a");
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    for (const std::string& each : reports) EXPECT_NE(each.find("second"), each.npos) << each;
}

TORUS_TEST(exit_stack, S264_the_closures_error_wins) {
    auto body = [&](exit_stack& stack) -> async<> {
        stack.callback([] { throw std::runtime_error("callback"); });
        throw std::out_of_range("closure");
        co_return;
    };
    co_await expect_throws<std::out_of_range>(exit_stack_of(body));
    EXPECT_EQ(take_reports().size(), 1U);
}

TORUS_TEST(exit_stack, S265_the_first_cancellation_does_not_reach_the_callbacks) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        co_await exit_stack([&](exit_stack& stack) -> async<> {
            push_noting(stack, log, 'a');
            push_noting(stack, log, 'b');
            co_return;
        });
        log += '.';
        co_await yield_now();
        log += "never here";
    });
    co_await sleep(500ms);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "ba.");
    EXPECT_EQ(elapsed(), 2s);
}

TORUS_TEST(exit_stack, S265_a_later_one_interrupts_the_callback_that_it_finds_and_no_other) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        co_await exit_stack([&](exit_stack& stack) -> async<> {
            push_noting(stack, log, 'a');
            push_noting(stack, log, 'b');
            push_noting(stack, log, 'c');
            co_await sleep_forever();
        });
    });
    co_await let_others_run();
    t.cancel();
    co_await sleep(1s + 500ms);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "cxa");
    EXPECT_EQ(elapsed(), 2s + 500ms);
}

TORUS_TEST(exit_stack, S266_what_is_dismissed_is_not_called) {
    std::string log;
    co_await exit_stack([&](exit_stack& stack) -> async<> {
        stack.callback([&] { log += 'a'; });
        stack.dismiss();
        stack.callback([&] { log += 'b'; });
        co_return;
    });
    EXPECT_EQ(log, "b");
}

TORUS_TEST(exit_stack, S266_a_callback_may_register_another_which_is_next) {
    std::string log;
    co_await exit_stack([&](exit_stack& stack) -> async<> {
        stack.callback([&] { log += 'a'; });
        stack.callback([&] {
            log += 'b';
            stack.callback([&] { log += 'c'; });
        });
        co_return;
    });
    EXPECT_EQ(log, "bca");
}

TORUS_TEST(exit_stack, S266_it_is_awaited_once_and_takes_nothing_afterwards) {
    auto nothing = [](exit_stack&) {};
    exit_stack stack(nothing);
    co_await std::move(stack);
    EXPECT_THROW(stack.callback([] {}), invalid_state_error);
    co_await expect_throws<invalid_state_error>(std::move(stack).operator co_await());
    static_assert(!std::is_move_constructible_v<exit_stack>);
}

TORUS_TEST(exit_stack, of_very_many) {
    int called = 0;
    co_await exit_stack([&](exit_stack& stack) -> async<> {
        for (int i = 0; i < 100'000; ++i) stack.callback([&, i] { called += i % 2; });
        co_return;
    });
    EXPECT_EQ(called, 50'000);
    auto dropped = [&](exit_stack& stack) -> async<> {
        for (int i = 0; i < 100'000; ++i) stack.callback([&] { ++called; });
        stack.dismiss();
        co_return;
    };
    co_await exit_stack_of(dropped);
    EXPECT_EQ(called, 50'000);
}

TORUS_TEST(defer, S267_acts_at_the_end_of_the_block_however_that_ends) {
    std::string log;
    auto work = [&](char name, duration span) -> async<> {
        defer leave{[&] { log += name; }};
        co_await sleep(span);
        log += '.';
    };
    co_await work('a', 1s);
    EXPECT_EQ(log, ".a");
    auto fails = [&]() -> async<> {
        defer leave{[&] { log += 'b'; }};
        co_await fail_after<std::out_of_range>(1s);
    };
    co_await expect_throws<std::out_of_range>(fails());
    auto t = create_task(work('c', 1h));
    co_await let_others_run();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, ".abc");
}

TORUS_TEST(defer, S267_in_reverse_order) {
    std::string log;
    {
        defer first{[&] { log += 'a'; }};
        defer second{[&] { log += 'b'; }};
    }
    EXPECT_EQ(log, "ba");
    co_return;
}

TORUS_TEST(defer, S267_not_once_it_is_dismissed) {
    std::string log;
    {
        defer undo{[&]() noexcept { log += 'a'; }};
        undo.dismiss();
    }
    EXPECT_EQ(log, "");
    co_return;
}

TORUS_TEST(defer, S267_what_it_throws_goes_to_the_error_handler) {
    auto fails = []() -> async<> {
        defer leave{[] { throw std::runtime_error("while leaving"); }};
        throw std::out_of_range("the reason to leave");
        co_return;
    };
    co_await expect_throws<std::out_of_range>(fails());
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    for (const std::string& each : reports) EXPECT_NE(each.find("while leaving"), each.npos) << each;
}

}  // namespace
