// tests/sync/capacity_limiter_test.cpp: who may borrow, and how many.
#include <torus/sync/capacity_limiter.hpp>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <torus/testing/test.hpp>

#include "sync/ending.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> borrow(capacity_limiter& l, std::string& log, char name, duration hold = 1s) {
    auto token = co_await l.acquire();
    log += name;
    co_await sleep(hold);
}

TORUS_TEST(capacity_limiter, S305_tokens_are_lent_in_order_of_arrival) {
    capacity_limiter l{2};
    std::string log;
    std::vector<task<>> tasks;
    for (char name = 'a'; name <= 'f'; ++name) tasks.push_back(create_task(borrow(l, log, name)));
    co_await let_others_run();
    EXPECT_EQ(l.total_tokens(), 2U);
    EXPECT_EQ(l.borrowed_tokens(), 2U);
    EXPECT_EQ(l.available_tokens(), 0U);
    EXPECT_FALSE(l.try_acquire());
    co_await gather(tasks);
    EXPECT_EQ(log, "abcdef");
    EXPECT_EQ(elapsed(), 3s);
    EXPECT_EQ(l.available_tokens(), 2U);
}

TORUS_TEST(capacity_limiter, S305_a_newcomer_does_not_overtake) {
    capacity_limiter l{1};
    std::string log;
    auto token = co_await l.acquire();
    auto waiting = create_task(borrow(l, log, 'w'));
    co_await let_others_run();
    token.release();
    EXPECT_FALSE(l.try_acquire()) << "it was handed to the waiter";
    token = co_await l.acquire();
    EXPECT_EQ(log, "w");
    EXPECT_EQ(elapsed(), 1s);
    co_await waiting;
}

TORUS_TEST(capacity_limiter, S306_a_task_that_has_one_gets_no_second) {
    capacity_limiter l{5};
    auto token = co_await l.acquire();
    co_await expect_throws<invalid_state_error>(l.acquire());
    EXPECT_THROW(static_cast<void>(l.try_acquire()), invalid_state_error);
    EXPECT_EQ(l.borrowed_tokens(), 1U);
    token.release();
    token.release();
    EXPECT_EQ(l.borrowed_tokens(), 0U);
    token = l.try_acquire();
    EXPECT_TRUE(token);
}

TORUS_TEST(capacity_limiter, S306_a_token_that_was_handed_on_is_still_its_borrowers) {
    capacity_limiter l{2};
    auto mine = co_await l.acquire();
    auto kept = std::make_unique<capacity_limiter::token>();
    co_await create_task(
        [](capacity_limiter& from, capacity_limiter::token& into) -> async<> { into = co_await from.acquire(); },
        std::ref(l), std::ref(*kept));
    EXPECT_EQ(l.borrowed_tokens(), 2U);
    kept.reset();  // given back by another task than the borrower, which has ended
    EXPECT_EQ(l.borrowed_tokens(), 1U);
    co_await expect_throws<invalid_state_error>(l.acquire());
}

TORUS_TEST(capacity_limiter, S307_more_tokens_go_to_those_who_wait) {
    capacity_limiter l{0};
    std::string log;
    std::vector<task<>> tasks;
    for (char name = 'a'; name <= 'd'; ++name) tasks.push_back(create_task(borrow(l, log, name)));
    co_await let_others_run();
    EXPECT_EQ(log, "");
    l.set_total_tokens(3);
    EXPECT_EQ(l.borrowed_tokens(), 3U);
    co_await let_others_run();
    EXPECT_EQ(log, "abc");
    co_await gather(tasks);
    EXPECT_EQ(elapsed(), 2s);
}

TORUS_TEST(capacity_limiter, S307_fewer_take_effect_as_tokens_come_back) {
    capacity_limiter l{3};
    std::string log;
    std::vector<task<>> tasks;
    for (char name = 'a'; name <= 'e'; ++name) tasks.push_back(create_task(borrow(l, log, name)));
    co_await let_others_run();
    l.set_total_tokens(1);
    EXPECT_EQ(l.borrowed_tokens(), 3U);
    EXPECT_EQ(l.available_tokens(), 0U);
    co_await sleep(1s);
    co_await let_others_run();
    EXPECT_EQ(l.borrowed_tokens(), 1U);
    EXPECT_EQ(log, "abcd");
    co_await gather(tasks);
    EXPECT_EQ(elapsed(), 3s);
}

TORUS_TEST(capacity_limiter, S305_who_was_handed_a_token_receives_it_and_its_cancel_stays_pending) {
    capacity_limiter l{1};
    std::string log;
    auto token = co_await l.acquire();
    auto a = create_task(borrow(l, log, 'a', 1h));
    co_await let_others_run();
    token.release();
    a.cancel();
    co_await expect_throws<cancelled_error>(a);
    EXPECT_EQ(log, "a");
    EXPECT_EQ(l.borrowed_tokens(), 0U);
}

TORUS_TEST(capacity_limiter, S305_cancelled_at_every_pass_no_token_is_lost) {
    for (int passes = 0; passes < 12; ++passes) {
        capacity_limiter l{2};
        std::string log;
        std::vector<task<>> tasks;
        for (char name = 'a'; name <= 'f'; ++name) tasks.push_back(create_task(borrow(l, log, name, 0s)));
        co_await let_others_run(passes);
        for (std::size_t i = 1; i < tasks.size(); i += 2) tasks[i].cancel();
        for (task<>& each : tasks) co_await ended(each);
        EXPECT_EQ(l.available_tokens(), 2U) << passes;
        for (char name : {'a', 'c', 'e'}) EXPECT_NE(log.find(name), std::string::npos) << log;
    }
}

TORUS_TEST(capacity_limiter, S60_one_used_by_another_loop_is_refused) {
    capacity_limiter l{1};
    auto token = co_await l.acquire();
    const std::string refused = co_await to_thread(
        [](capacity_limiter* shared) {
            try {
                run([](capacity_limiter& foreign) -> async<> { auto never = co_await foreign.acquire(); }(*shared));
            } catch (const std::runtime_error& error) {
                return std::string(error.what());
            }
            return ""s;
        },
        &l);
    EXPECT_NE(refused.find("bound to a different event loop"), std::string::npos) << refused;
}

TEST(capacity_limiter_outside, borrows_in_the_name_of_tasks_only) {
    capacity_limiter l{1};
    EXPECT_THROW(static_cast<void>(l.try_acquire()), std::runtime_error);
}

}  // namespace
