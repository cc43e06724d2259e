// tests/cli/body_budget_test.cpp: bodies share a memory that never runs out for good.
#include "cli/fetch/body_budget.hpp"

#include <memory>
#include <random>
#include <vector>

#include <torus/core/gather.hpp>
#include <torus/core/time.hpp>
#include <torus/testing/test.hpp>

namespace torus::cli {
namespace {

using namespace std::literals;
using testing::elapsed;
using testing::let_others_run;

constexpr std::size_t mib = 1024 * 1024;

TORUS_TEST(body_budget, lets_bodies_grow_while_there_is_room) {
    body_budget budget(16 * mib);
    {
        body_budget::lease one(budget);
        co_await one.grow(3 * mib);
        co_await one.grow(mib);
        EXPECT_EQ(budget.held(), 4 * mib);
        EXPECT_FALSE(budget.is_tight());
    }
    EXPECT_EQ(budget.held(), 0u);
    EXPECT_EQ(elapsed(), 0s);
}

async<> receive(body_budget& budget, std::size_t size, std::size_t piece, std::size_t& most) {
    body_budget::lease room(budget);
    for (std::size_t have = 0; have < size; have += piece) {
        co_await room.grow(std::min(piece, size - have));
        most = std::max(most, budget.held());
        co_await sleep(1ms);
    }
    co_await sleep(10ms);
}

TORUS_TEST(body_budget, finishes_bodies_that_do_not_fit_together) {
    body_budget budget(16 * mib);
    std::size_t most = 0;
    std::vector<async<>> all;
    for (int n = 0; n < 100; ++n) all.push_back(receive(budget, 16 * mib, mib, most));
    co_await gather(std::move(all));
    EXPECT_EQ(budget.held(), 0u);
    EXPECT_LE(most, body_memory);
    EXPECT_GT(most, body_memory - 16 * mib - mib);
}

TORUS_TEST(body_budget, stays_within_its_bound_whatever_happens) {
    std::mt19937 random(7);
    for (int round = 0; round < 20; ++round) {
        body_budget budget(4 * mib, 8 * mib);
        std::size_t most = 0;
        std::vector<async<>> all;
        for (int n = 0; n < 50; ++n) all.push_back(receive(budget, 1 + random() % (4 * mib), 1 + random() % mib, most));
        co_await gather(std::move(all));
        EXPECT_EQ(budget.held(), 0u);
        EXPECT_LE(most, budget.total());
    }
}

TORUS_TEST(body_budget, shares_something_even_if_one_body_may_take_everything) {
    body_budget budget(1000 * mib);
    EXPECT_EQ(budget.total(), 1000 * mib + least_shared_memory);
    body_budget::lease one(budget);
    body_budget::lease other(budget);
    co_await one.grow(500 * mib);
    bool grown = false;
    const task<> waiting = create_task([](body_budget::lease& l, bool& done) -> async<> {
        co_await l.grow(mib);
        done = true;
    }(other, grown));
    co_await let_others_run();
    EXPECT_FALSE(grown);
    EXPECT_TRUE(budget.is_tight());
    one.release();
    co_await waiting;
    EXPECT_TRUE(grown);
}

TORUS_TEST(body_budget, goes_on_with_the_next_when_one_gives_up) {
    body_budget budget(4 * mib, 4 * mib + least_shared_memory);
    body_budget::lease first(budget);
    co_await first.grow(least_shared_memory + mib);  // the favoured one
    body_budget::lease second(budget);
    body_budget::lease third(budget);
    task<> one = create_task([](body_budget::lease& l) -> async<> { co_await l.grow(mib); }(second));
    const task<> two = create_task([](body_budget::lease& l) -> async<> { co_await l.grow(mib); }(third));
    co_await let_others_run();
    one.cancel();
    co_await let_others_run();
    EXPECT_TRUE(one.cancelled());
    EXPECT_FALSE(two.done());
    first.release();
    co_await two;
    EXPECT_EQ(second.size(), 0u);
    EXPECT_EQ(budget.held(), mib);
}

}  // namespace
}  // namespace torus::cli
