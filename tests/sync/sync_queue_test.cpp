// tests/sync/sync_queue_test.cpp: items from threads, in order, each once.
#include <torus/sync/sync_queue.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
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

void push_some(sync_queue<int>* to, int first, int count) {
    for (int i = first; i < first + count; ++i) to->push(i);
}

async<> push_in_thread(sync_queue<int>& to, int first, int count) { co_await to_thread(push_some, &to, first, count); }

async<> pop_one(sync_queue<int>& from, std::vector<int>& got) { got.push_back(co_await from.pop()); }

async<> pop_all(sync_queue<int>& from, std::vector<int>& got) {
    while (auto item = co_await from.next()) got.push_back(*item);
}

TORUS_TEST(sync_queue, S326_items_of_a_thread_arrive_in_order_and_each_once) {
    sync_queue<int> q;
    std::vector<int> got;
    auto popping = create_task(pop_all(q, got));
    auto one = create_task(push_in_thread(q, 0, 500));
    auto other = create_task(push_in_thread(q, 1000, 500));
    co_await gather(one, other);
    q.shutdown();
    co_await popping;
    EXPECT_EQ(got.size(), 1000U);
    std::vector<int> firsts;
    std::copy_if(got.begin(), got.end(), std::back_inserter(firsts), [](int each) { return each < 1000; });
    EXPECT_EQ(firsts.size(), 500U);
    EXPECT_TRUE(std::is_sorted(firsts.begin(), firsts.end()));
}

TORUS_TEST(sync_queue, S326_tasks_are_served_in_order_of_arrival) {
    sync_queue<int> q;
    std::vector<int> got;
    std::vector<task<>> tasks;
    for (int i = 0; i < 3; ++i) {
        tasks.push_back(create_task([](sync_queue<int>& from, std::vector<int>& into,
                                       int name) -> async<> { into.push_back(10 * name + co_await from.pop()); },
                                    std::ref(q), std::ref(got), i));
    }
    co_await let_others_run();
    for (int i = 0; i < 3; ++i) q.push(i);  // from the loop's own thread
    EXPECT_EQ(q.try_pop(), std::nullopt) << "they are for those who wait";
    EXPECT_FALSE(got.size() > 0);
    q.push(3);
    EXPECT_EQ(co_await q.pop(), 3) << "behind those who wait";
    co_await gather(tasks);
    EXPECT_EQ(got, (std::vector{0, 11, 22}));
}

TORUS_TEST(sync_queue, S326_a_thread_wakes_a_loop_that_sleeps) {
    sync_queue<std::unique_ptr<int>> q;
    auto pushing = create_task(
        as_coroutine(to_thread([](sync_queue<std::unique_ptr<int>>* to) { to->push(std::make_unique<int>(42)); }, &q)));
    auto got = co_await q.pop();
    EXPECT_EQ(*got, 42);
    co_await pushing;
}

TORUS_TEST(sync_queue, S327_push_blocks_its_thread_while_the_queue_is_full) {
    sync_queue<int> q(2);
    auto pushing = create_task(push_in_thread(q, 0, 200));
    for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(co_await q.pop(), i);
        EXPECT_LE(q.qsize(), 2U);
    }
    co_await pushing;
}

TORUS_TEST(sync_queue, S327_trying_to_push_does_not_block_and_leaves_the_value) {
    sync_queue<std::string> q(1);
    std::string text = "long enough not to fit into the small buffer";
    const std::string same = text;
    EXPECT_TRUE(q.try_push("first"));
    EXPECT_FALSE(q.try_push(std::move(text)));
    EXPECT_EQ(text, same);
    EXPECT_EQ(q.try_pop(), "first");
    EXPECT_TRUE(q.try_push(std::move(text)));
    EXPECT_EQ(q.qsize(), 1U);
    q.shutdown();
    EXPECT_FALSE(q.try_push("late"));
    EXPECT_EQ(co_await q.pop(), same);
}

TORUS_TEST(sync_queue, S327_a_push_that_would_block_a_loop_is_an_error) {
    sync_queue<int> q(1);
    q.push(1);
    EXPECT_THROW(q.push(2), deadlock_error);
    EXPECT_EQ(q.try_pop(), 1);
    EXPECT_EQ(q.try_pop(), std::nullopt);
    co_return;
}

TORUS_TEST(sync_queue, S328_after_shutdown_pushes_fail_and_pops_succeed_until_it_is_empty) {
    sync_queue<int> q;
    q.push(1);
    q.push(2);
    q.shutdown();
    EXPECT_THROW(q.push(3), queue_shutdown);
    EXPECT_EQ(co_await q.pop(), 1);
    EXPECT_EQ(co_await q.next(), 2);
    EXPECT_EQ(co_await q.next(), std::nullopt);
    co_await expect_throws<queue_shutdown>(q.pop());
}

TORUS_TEST(sync_queue, S328_shutdown_ends_those_who_wait_and_immediate_drops_what_is_in_it) {
    auto counted = std::make_shared<int>();
    sync_queue<std::shared_ptr<int>> q(1);
    q.push(counted);
    EXPECT_EQ(counted.use_count(), 2);
    auto blocked = create_task(as_coroutine(to_thread(
        [](sync_queue<std::shared_ptr<int>>* to) {
            try {
                for (;;) to->push(nullptr);
            } catch (const queue_shutdown&) {
                return true;
            }
        },
        &q)));
    co_await let_others_run();
    q.shutdown(immediate);
    EXPECT_TRUE(co_await blocked);
    EXPECT_EQ(counted.use_count(), 1);
    EXPECT_EQ(q.qsize(), 0U);

    sync_queue<int> other;
    std::vector<int> got;
    auto popping = create_task(pop_one(other, got));
    auto looping = create_task(pop_all(other, got));
    co_await let_others_run();
    co_await to_thread([](sync_queue<int>* ended) { ended->shutdown(); }, &other);
    co_await expect_throws<queue_shutdown>(popping);
    co_await looping;
    EXPECT_TRUE(got.empty());
}

TORUS_TEST(sync_queue, S329_a_cancelled_pop_loses_nothing) {
    sync_queue<int> q;
    std::vector<int> got;
    auto a = create_task(pop_one(q, got));
    auto b = create_task(pop_one(q, got));
    co_await let_others_run();
    q.push(1);
    a.cancel();  // before the item has arrived
    co_await expect_throws<cancelled_error>(a);
    co_await b;
    EXPECT_EQ(got, (std::vector{1}));
}

TORUS_TEST(sync_queue, S329_who_was_handed_an_item_receives_it_and_its_cancel_stays_pending) {
    sync_queue<int> q;
    std::vector<int> got;
    auto a = create_task(
        [](sync_queue<int>& from, std::vector<int>& into) -> async<> {
            into.push_back(co_await from.pop());
            co_await sleep(1h);
        },
        std::ref(q), std::ref(got));
    co_await let_others_run();
    q.push(1);
    q.push(2);
    EXPECT_EQ(co_await q.pop(), 2) << "which hands the first one over";
    a.cancel();
    co_await expect_throws<cancelled_error>(a);
    EXPECT_EQ(got, (std::vector{1}));
}

TORUS_TEST(sync_queue, S329_cancelled_again_and_again_every_item_is_received_once) {
    constexpr int items = 400;
    sync_queue<int> q(3);
    std::vector<int> got;
    auto pushing = create_task(push_in_thread(q, 0, items));
    for (int round = 0; !pushing.done() || q.qsize() > 0; ++round) {
        auto one = create_task(pop_one(q, got));
        auto other = create_task(pop_one(q, got));
        co_await let_others_run(round % 4);
        one.cancel();
        other.cancel();
        co_await ended(one);
        co_await ended(other);
    }
    co_await pushing;
    // Who is handed an item goes on in a later pass, and one that came after it may have taken the next one at once.
    std::sort(got.begin(), got.end());
    std::vector<int> expected;
    for (int i = 0; i < items; ++i) expected.push_back(i);
    EXPECT_EQ(got, expected);
}

TORUS_TEST(sync_queue, S60_one_that_tasks_of_another_loop_wait_for_is_refused) {
    sync_queue<int> q;
    std::vector<int> got;
    auto waiting = create_task(pop_one(q, got));
    co_await let_others_run();
    auto pop_elsewhere = [](sync_queue<int>* shared) {
        try {
            run([](sync_queue<int>& foreign) -> async<> { co_await foreign.pop(); }(*shared));
        } catch (const std::runtime_error& error) {
            return std::string(error.what());
        }
        return ""s;
    };
    const std::string refused = co_await to_thread(pop_elsewhere, &q);
    EXPECT_NE(refused.find("bound to a different event loop"), std::string::npos) << refused;
    q.push(1);
    co_await waiting;
    q.push(2);
    EXPECT_EQ(co_await to_thread(pop_elsewhere, &q), "") << "nobody waits: it may be taken over";
}

TEST(sync_queue_loops, S329_the_next_loop_gets_what_the_last_one_left) {
    sync_queue<int> q;
    std::vector<int> got;
    for (int i = 0; i < 3; ++i) {
        run([](sync_queue<int>& from, std::vector<int>& into) -> async<> {
            spawn(pop_one(from, into));  // cancelled at the end of run
            co_await let_others_run();
        }(q, got));
    }
    for (int i = 0; i < 3; ++i) q.push(i);
    EXPECT_TRUE(got.empty());
    EXPECT_EQ(q.qsize(), 3U);
    for (int i = 0; i < 2; ++i) run(pop_one(q, got));
    EXPECT_EQ(got, (std::vector{0, 1}));
}

}  // namespace
