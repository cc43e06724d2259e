// tests/core/stack_test.cpp: awaits that need not wait, of every kind, in a row and within each other: no stack grows.
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/testing/test.hpp>

#include "core/gate.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

constexpr int deep = 50'000;  // at a hundred bytes each far more than what may be on the native stack

/// How far the native stack of this thread reaches between the highest and the lowest call of `look`.
class stack_watch {
public:
    [[gnu::noinline]] void look() noexcept {
        const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
        lowest_ = std::min(lowest_, here);
        highest_ = std::max(highest_, here);
    }

    /// Twice what the loop allows: the last inline call begins within it, and may need some stack of its own.
    bool is_flat() const noexcept { return highest_ - lowest_ <= 2 * event_loop::inline_stack; }

private:
    std::uintptr_t lowest_ = UINTPTR_MAX;
    std::uintptr_t highest_ = 0;
};

async<int> one() { co_return 1; }

async<> nothing() { co_return; }

async<> empty_group() {
    co_await task_group([](task_group&) {});
}

/// Awaits whatever `make` gives again and again, none of which has to wait.
template <class Make> async<> in_a_row(Make make) {
    stack_watch stack;
    for (int i = 0; i < deep; ++i) {
        co_await make();
        stack.look();
    }
    EXPECT_TRUE(stack.is_flat());
}

TORUS_TEST(stack, S8_coroutines_and_tasks_in_a_row) {
    auto done = create_task(one());
    co_await done;
    co_await in_a_row([] { return one(); });
    co_await in_a_row([&] { return task<int>(done); });
    co_await in_a_row([&] { return shield(done); });
    co_await in_a_row([&] { return gather(done, done); });
    co_await in_a_row([] { return gather(); });
    gate open;
    open.open();
    co_await in_a_row([&] { return open.pass(); });
}

TORUS_TEST(stack, S8_scopes_in_a_row) {
    co_await in_a_row([] { return timeout(1h, one()); });
    co_await in_a_row([] { return timeout(0s, [](timeout_scope&) -> async<> { co_return; }); });
    co_await in_a_row([] { return move_on_after(1h, one()); });
    co_await in_a_row(empty_group);
    co_await in_a_row([] { return gather(one(), one()); });
    co_await in_a_row([] { return shield(one()); });
}

async<int> nest_timeouts(stack_watch& stack, int depth) {
    stack.look();
    if (depth == 0) co_return 0;
    const int below = co_await timeout(1h, nest_timeouts(stack, depth - 1));
    stack.look();
    co_return below + 1;
}

async<int> nest_scopes(stack_watch& stack, int depth) {
    stack.look();
    if (depth == 0) co_return 0;
    int below = 0;
    auto body = [&](timeout_scope&) -> async<> { below = co_await nest_scopes(stack, depth - 1); };
    co_await timeout(1h, body);
    stack.look();
    co_return below + 1;
}

async<int> nest_moves(stack_watch& stack, int depth) {
    stack.look();
    if (depth == 0) co_return 0;
    const auto below = co_await move_on_after(1h, nest_moves(stack, depth - 1));
    stack.look();
    co_return below.value_or(0) + 1;
}

TORUS_TEST(stack, S8_timeouts_within_each_other) {
    stack_watch stack;
    EXPECT_EQ(co_await nest_timeouts(stack, deep), deep);
    EXPECT_EQ(co_await nest_scopes(stack, deep), deep);
    EXPECT_EQ(co_await nest_moves(stack, deep), deep);
    EXPECT_TRUE(stack.is_flat());
}

async<int> nest_groups(stack_watch& stack, int depth) {
    stack.look();
    if (depth == 0) co_return 0;
    int below = 0;
    auto body = [&](task_group&) -> async<> { below = co_await nest_groups(stack, depth - 1); };
    co_await task_group(body);
    stack.look();
    co_return below + 1;
}

async<int> nest_children(stack_watch& stack, int depth) {
    stack.look();
    if (depth == 0) co_return 0;
    task<int> child;
    auto body = [&](task_group& tg) { child = tg.create_task(nest_children(stack, depth - 1)); };
    co_await task_group(body);
    stack.look();
    co_return child.result() + 1;
}

TORUS_TEST(stack, S8_groups_within_each_other) {
    stack_watch stack;
    EXPECT_EQ(co_await nest_groups(stack, deep), deep);
    EXPECT_EQ(co_await nest_children(stack, deep), deep);
    EXPECT_TRUE(stack.is_flat());
}

async<int> nest_shields(stack_watch& stack, int depth) {
    stack.look();
    if (depth == 0) co_return 0;
    const int below = co_await shield(nest_shields(stack, depth - 1));
    stack.look();
    co_return below + 1;
}

async<int> nest_gathers(stack_watch& stack, int depth) {
    stack.look();
    if (depth == 0) co_return 0;
    const auto below = co_await gather(nest_gathers(stack, depth - 1), nothing());
    stack.look();
    co_return std::get<0>(below) + 1;
}

TORUS_TEST(stack, S8_shields_and_gathers_within_each_other) {
    stack_watch stack;
    EXPECT_EQ(co_await nest_shields(stack, deep), deep);
    EXPECT_EQ(co_await nest_gathers(stack, deep), deep);
    EXPECT_TRUE(stack.is_flat());
}

TORUS_TEST(stack, S8_many_that_wait_for_one_are_resumed_one_after_the_other) {
    stack_watch stack;
    gate open;
    auto waits = [&]() -> async<> {
        co_await open.pass();
        stack.look();
    };
    std::vector<task<>> waiting;
    for (int i = 0; i < deep; ++i) waiting.push_back(create_task(waits()));
    co_await yield_now();
    open.open();
    co_await gather(waiting);
    EXPECT_TRUE(stack.is_flat());
}

}  // namespace
