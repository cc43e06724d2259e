// tests/sync/barrier_test.cpp: arriving, going on together, breaking.
#include <torus/sync/barrier.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

#include "sync/ending.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> pass(barrier& b, std::vector<std::size_t>& places) { places.push_back(co_await b.wait()); }

async<> pass_or_break(barrier& b, std::string& log) {
    try {
        log += std::to_string(co_await b.wait());
    } catch (const broken_barrier_error&) {
        log += 'x';
    }
}

TORUS_TEST(barrier, S171_the_last_arrival_releases_all_each_with_its_own_place) {
    barrier b{3};
    std::vector<std::size_t> places;
    EXPECT_EQ(b.parties(), 3U);
    std::vector<task<>> tasks;
    for (int i = 0; i < 2; ++i) tasks.push_back(create_task(pass(b, places)));
    co_await let_others_run();
    EXPECT_TRUE(places.empty());
    EXPECT_EQ(b.n_waiting(), 2U);
    EXPECT_EQ(co_await b.wait(), 2U);
    EXPECT_EQ(b.n_waiting(), 0U);
    EXPECT_TRUE(places.empty()) << "the last one does not suspend";
    co_await gather(tasks);
    EXPECT_EQ(places, (std::vector<std::size_t>{0, 1}));
}

TORUS_TEST(barrier, S171_it_can_be_used_again) {
    barrier b{3};
    std::vector<std::size_t> places;
    std::vector<task<>> tasks;
    for (int i = 0; i < 12; ++i) tasks.push_back(create_task(pass(b, places)));
    co_await gather(tasks);
    std::sort(places.begin(), places.end());
    EXPECT_EQ(places, (std::vector<std::size_t>{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2}));
}

TORUS_TEST(barrier, S171_of_one_party_it_never_waits) {
    barrier b{1};
    for (int i = 0; i < 3; ++i) EXPECT_EQ(co_await b.wait(), 0U);
}

TORUS_TEST(barrier, S172_who_comes_before_the_released_have_run_belongs_to_the_next_round) {
    barrier b{2};
    std::vector<std::size_t> first;
    std::vector<std::size_t> second;
    auto waiting = create_task(pass(b, first));
    co_await let_others_run();
    co_await b.wait();
    auto late = create_task(
        [](barrier& at, std::vector<std::size_t>& places) -> async<> { places.push_back(co_await at.wait()); },
        std::ref(b), std::ref(second));
    co_await let_others_run();
    EXPECT_EQ(first, (std::vector<std::size_t>{0}));
    EXPECT_TRUE(second.empty());
    EXPECT_EQ(b.n_waiting(), 1U);
    EXPECT_EQ(co_await b.wait(), 1U);
    co_await gather(waiting, late);
    EXPECT_EQ(second, (std::vector<std::size_t>{0}));
}

TORUS_TEST(barrier, S173_reset_breaks_for_those_who_wait_and_only_for_them) {
    barrier b{3};
    std::string log;
    auto a = create_task(pass_or_break(b, log));
    auto c = create_task(pass_or_break(b, log));
    co_await let_others_run();
    b.reset();
    EXPECT_EQ(b.n_waiting(), 0U);
    EXPECT_FALSE(b.broken());
    co_await gather(a, c);
    EXPECT_EQ(log, "xx");
    std::vector<task<>> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(create_task(pass_or_break(b, log)));
    co_await gather(tasks);
    EXPECT_EQ(log.size(), 5U);
    EXPECT_EQ(std::count(log.begin(), log.end(), 'x'), 2);
}

TORUS_TEST(barrier, S173_abort_breaks_it_until_it_is_reset) {
    barrier b{2};
    std::string log;
    auto waiting = create_task(pass_or_break(b, log));
    co_await let_others_run();
    b.abort();
    co_await waiting;
    EXPECT_TRUE(b.broken());
    EXPECT_EQ(log, "x");
    co_await expect_throws<broken_barrier_error>(b.wait());
    EXPECT_EQ(b.n_waiting(), 0U);
    b.reset();
    EXPECT_FALSE(b.broken());
    waiting = create_task(pass_or_break(b, log));
    co_await let_others_run();
    EXPECT_EQ(co_await b.wait(), 1U);
    co_await waiting;
    EXPECT_EQ(log, "x0");
}

TORUS_TEST(barrier, S173_a_cancelled_waiter_has_not_arrived) {
    barrier b{3};
    std::vector<std::size_t> places;
    auto a = create_task(pass(b, places));
    auto c = create_task(pass(b, places));
    co_await let_others_run();
    a.cancel();
    EXPECT_EQ(b.n_waiting(), 1U);
    co_await expect_throws<cancelled_error>(a);
    auto d = create_task(pass(b, places));
    co_await let_others_run();
    EXPECT_TRUE(places.empty());
    EXPECT_EQ(co_await b.wait(), 2U);
    co_await gather(c, d);
    EXPECT_EQ(places, (std::vector<std::size_t>{0, 1})) << "no place is given twice";
}

TORUS_TEST(barrier, S304_who_was_released_or_broken_hears_so_and_its_cancel_stays_pending) {
    for (const bool broken : {false, true}) {
        barrier b{2};
        std::string log;
        auto waiting = create_task(
            [](barrier& at, std::string& text) -> async<> {
                co_await pass_or_break(at, text);
                co_await sleep(1h);
            },
            std::ref(b), std::ref(log));
        co_await let_others_run();
        if (broken) b.abort();
        else co_await b.wait();
        waiting.cancel();
        co_await expect_throws<cancelled_error>(waiting);
        EXPECT_EQ(log, broken ? "x" : "0");
    }
}

TORUS_TEST(barrier, S304_a_pending_cancel_is_thrown_where_it_would_wait_and_nobody_has_arrived) {
    barrier b{2};
    std::vector<std::size_t> places;
    auto cancelled = create_task(pass(b, places), {.eager = false});
    cancelled.cancel();
    co_await ended(cancelled);
    auto pending = create_task(
        [](barrier& at) -> async<> {
            current_task().cancel();
            co_await at.wait();
        },
        std::ref(b));
    co_await expect_throws<cancelled_error>(pending);
    EXPECT_EQ(b.n_waiting(), 0U);
}

TORUS_TEST(barrier, without_parties_makes_no_sense) {
    EXPECT_THROW(barrier{0}, std::invalid_argument);
    co_return;
}

TORUS_TEST(barrier, destroyed_before_those_who_wait_it_leaves_them_cancellable) {
    auto b = std::make_unique<barrier>(2);
    std::vector<std::size_t> places;
    auto waiting = create_task(pass(*b, places));
    co_await let_others_run();
    b.reset();
    waiting.cancel();
    co_await expect_throws<cancelled_error>(waiting);
}

}  // namespace
