// tests/testing/steps_test.cpp: the helpers that decide when a test goes on.
#include <torus/testing/steps.hpp>

#include <string>

#include <torus/sync/mutex.hpp>
#include <torus/sync/queue.hpp>
#include <torus/testing/test.hpp>

namespace torus::testing {
namespace {

using namespace std::literals;

TORUS_TEST(wait_all_blocked, S601_goes_on_when_nobody_else_can) {
    int steps = 0;
    const auto busy = [&]() -> async<> {
        for (int i = 0; i < 1000; ++i) {
            co_await yield_now();
            ++steps;
        }
        co_await sleep(1h);
        ++steps;
    };
    task<> other = create_task(busy());
    co_await wait_all_blocked();
    EXPECT_EQ(steps, 1000);
    EXPECT_EQ(elapsed(), 0s);
    other.cancel();
    co_await expect_throws<cancelled_error>(std::move(other));
}

TORUS_TEST(wait_all_blocked, S601_waits_for_chains_of_tasks) {
    queue<int> first;
    queue<int> second;
    int sum = 0;
    const auto pass_on = [&]() -> async<> {
        for (;;) {
            const int value = co_await first.get();
            co_await second.put(value);
        }
    };
    const auto add = [&]() -> async<> {
        for (;;) sum += co_await second.get();
    };
    const auto body = [&](task_group& group) -> async<> {
        group.create_task(pass_on());
        group.create_task(add());
        for (int i = 1; i <= 100; ++i) first.put_nowait(i);
        co_await wait_all_blocked();
        EXPECT_EQ(sum, 5050);
        group.cancel();
    };
    co_await task_group(body);
}

TORUS_TEST(wait_all_blocked, S601_can_be_cancelled) {
    const auto busy = []() -> async<> {
        for (;;) co_await yield_now();
    };
    task<> never = create_task(busy());
    task<> waiting = create_task(wait_all_blocked());
    co_await yield_now();
    waiting.cancel();
    co_await expect_throws<cancelled_error>(std::move(waiting));
    never.cancel();
    co_await expect_throws<cancelled_error>(std::move(never));
}

// [sequencer]
TORUS_TEST(sequencer, S602_lets_tasks_take_their_steps_in_order) {
    sequencer order;
    std::string steps;
    const auto take = [&](std::size_t from) -> async<> {
        for (std::size_t i = from; i < 6; i += 2) {
            const auto turn = co_await order.turn(i);
            steps += std::to_string(i);
            co_await yield_now();
            steps += ' ';
        }
    };
    co_await gather(take(1), take(0));
    EXPECT_EQ(steps, "0 1 2 3 4 5 ");
}
// [/sequencer]

TORUS_TEST(sequencer, S602_gives_up_when_somebody_who_waits_is_cancelled) {
    sequencer order;
    const auto take = [&](std::size_t number) -> async<> { const auto turn = co_await order.turn(number); };
    task<> second = create_task(take(1));
    task<> third = create_task(take(2));
    co_await wait_all_blocked();
    second.cancel();
    co_await expect_throws<cancelled_error>(std::move(second));
    co_await expect_throws<std::logic_error>(std::move(third));
    co_await expect_throws<std::logic_error>(take(0));
}

TORUS_TEST(sequencer, S602_refuses_a_turn_that_is_taken) {
    sequencer order;
    const auto take = [&](std::size_t number) -> async<> { const auto turn = co_await order.turn(number); };
    co_await take(0);
    co_await expect_throws<std::logic_error>(take(0));
    task<> waiting = create_task(take(5));
    co_await wait_all_blocked();
    co_await expect_throws<std::logic_error>(take(5));
    waiting.cancel();
    co_await expect_throws<cancelled_error>(std::move(waiting));
}

TORUS_TEST(expect_no_suspend, S603_gives_the_result_of_what_does_not_wait) {
    mutex lock;
    const auto locked = [&]() -> async<int> {
        const auto held = co_await lock.lock();
        co_return 3;
    };
    EXPECT_EQ(expect_no_suspend(locked()), 3);
    const auto held = co_await lock.lock();
    EXPECT_THROW(expect_no_suspend(locked()), std::logic_error);
    co_await wait_all_blocked();
}

}  // namespace
}  // namespace torus::testing
