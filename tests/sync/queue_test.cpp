// tests/sync/queue_test.cpp: what goes into a queue comes out once, in order.
#include <torus/sync/queue.hpp>

#include <memory>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> put_each(queue<int>& q, int from, int to) {
    for (int i = from; i < to; ++i) co_await q.put(i);
}

async<> get_each(queue<int>& q, int count, std::vector<int>& got) {
    for (int i = 0; i < count; ++i) got.push_back(co_await q.get());
}

TORUS_TEST(queue, S174_items_leave_in_the_order_in_which_they_came) {
    queue<int> q;
    std::vector<int> got;
    for (int i = 0; i < 5; ++i) q.put_nowait(i);
    EXPECT_EQ(q.qsize(), 5U);
    co_await get_each(q, 5, got);
    EXPECT_EQ(got, (std::vector{0, 1, 2, 3, 4}));
    EXPECT_TRUE(q.empty());
}

TORUS_TEST(queue, S175_put_suspends_only_when_it_is_full) {
    queue<int> q{2};
    co_await q.put(1);
    co_await q.put(2);
    EXPECT_TRUE(q.full());
    auto third = create_task(put_each(q, 3, 4));
    co_await let_others_run();
    EXPECT_FALSE(third.done());
    EXPECT_EQ(q.qsize(), 2U);
    EXPECT_EQ(co_await q.get(), 1);
    EXPECT_EQ(q.qsize(), 2U) << "the waiting putter has put its item";
    co_await third;
    EXPECT_EQ(co_await q.get(), 2);
    EXPECT_EQ(co_await q.get(), 3);
}

TORUS_TEST(queue, S175_get_suspends_only_when_it_is_empty) {
    queue<int> q;
    std::vector<int> got;
    auto getter = create_task(get_each(q, 2, got));
    co_await let_others_run();
    EXPECT_FALSE(getter.done());
    co_await q.put(1);
    co_await q.put(2);
    co_await getter;
    EXPECT_EQ(got, (std::vector{1, 2}));
}

TORUS_TEST(queue, S175_a_maxsize_of_zero_or_less_is_no_limit) {
    for (int maxsize : {0, -1}) {
        queue<int> q(maxsize);
        EXPECT_EQ(q.maxsize(), 0U);
        for (int i = 0; i < 10'000; ++i) co_await q.put(i);
        EXPECT_FALSE(q.full());
        EXPECT_EQ(q.qsize(), 10'000U);
    }
    EXPECT_EQ(queue<int>(3).maxsize(), 3U);
}

TORUS_TEST(queue, S176_put_nowait_and_get_nowait_fail_rather_than_wait) {
    queue<int> q{1};
    EXPECT_THROW(q.get_nowait(), queue_empty);
    EXPECT_FALSE(q.try_get());
    q.put_nowait(1);
    EXPECT_THROW(q.put_nowait(2), queue_full);
    EXPECT_FALSE(q.try_put(2));
    EXPECT_EQ(q.get_nowait(), 1);
    EXPECT_TRUE(q.try_put(3));
    EXPECT_EQ(q.try_get(), 3);
    co_return;
}

TORUS_TEST(queue, S177_getters_are_served_in_order_of_arrival) {
    queue<int> q;
    std::vector<int> first;
    std::vector<int> second;
    auto a = create_task(get_each(q, 2, first));
    auto b = create_task(get_each(q, 2, second));
    co_await let_others_run();
    for (int i = 1; i <= 2; ++i) q.put_nowait(i);
    co_await let_others_run();
    for (int i = 3; i <= 4; ++i) q.put_nowait(i);
    co_await gather(a, b);
    EXPECT_EQ(first, (std::vector{1, 3}));
    EXPECT_EQ(second, (std::vector{2, 4}));
}

TORUS_TEST(queue, S177_an_item_for_a_waiting_getter_cannot_be_stolen) {
    queue<int> q{1};
    std::vector<int> got;
    auto getter = create_task(get_each(q, 1, got));
    co_await let_others_run();
    q.put_nowait(1);
    EXPECT_TRUE(q.empty()) << "it is the getter's already";
    EXPECT_THROW(q.get_nowait(), queue_empty);
    q.put_nowait(2);
    EXPECT_EQ(q.get_nowait(), 2);
    co_await getter;
    EXPECT_EQ(got, (std::vector{1}));
}

TORUS_TEST(queue, putters_are_served_in_order_of_arrival) {
    queue<int> q{1};
    std::vector<int> got;
    q.put_nowait(0);
    auto a = create_task(put_each(q, 10, 12));
    auto b = create_task(put_each(q, 20, 22));
    co_await let_others_run();
    co_await get_each(q, 5, got);
    co_await gather(a, b);
    EXPECT_EQ(got, (std::vector{0, 10, 20, 11, 21}));
}

TORUS_TEST(queue, S180_join_waits_until_every_item_is_done) {
    queue<int> q;
    co_await q.join();
    co_await put_each(q, 0, 3);
    auto joining = create_task([](queue<int>& joined) -> async<> { co_await joined.join(); }, std::ref(q));
    for (int i = 0; i < 3; ++i) {
        co_await let_others_run();
        EXPECT_FALSE(joining.done());
        q.get_nowait();
        q.task_done();
    }
    co_await joining;
    co_await q.join();
}

TORUS_TEST(queue, S180_an_item_handed_to_a_waiting_getter_counts_too) {
    queue<int> q;
    std::vector<int> got;
    auto getter = create_task(get_each(q, 1, got));
    co_await let_others_run();
    q.put_nowait(1);
    co_await expect_throws<timeout_error>(timeout(1s, q.join()));
    q.task_done();
    co_await q.join();
    co_await getter;
}

TORUS_TEST(queue, S181_task_done_more_often_than_items_is_an_error) {
    queue<int> q;
    EXPECT_THROW(q.task_done(), invalid_state_error);
    q.put_nowait(1);
    q.task_done();
    EXPECT_THROW(q.task_done(), invalid_state_error);
    co_return;
}

TORUS_TEST(queue, S184_two_consumers_see_each_item_once_and_end_after_shutdown) {
    queue<int> q{10};
    std::vector<int> got;
    auto consume = [](queue<int>& from, std::vector<int>& into) -> async<> {
        while (auto item = co_await from.next()) {
            co_await sleep(10ms);
            into.push_back(*item);
        }
    };
    auto produce = [](queue<int>& into) -> async<> {
        for (int i = 0; i < 100; ++i) co_await into.put(i);
        into.shutdown();
    };
    co_await gather(produce(q), consume(q, got), consume(q, got));
    EXPECT_EQ(got.size(), 100U);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(std::count(got.begin(), got.end(), i), 1);
    EXPECT_EQ(elapsed(), 500ms);
    EXPECT_FALSE(co_await q.next());
}

TORUS_TEST(queue, holds_what_can_only_be_moved_and_what_needs_alignment) {
    queue<std::unique_ptr<int>> pointers{1};
    co_await pointers.put(std::make_unique<int>(7));
    auto refused = std::make_unique<int>(8);
    EXPECT_FALSE(pointers.try_put(std::move(refused)));
    EXPECT_TRUE(refused) << "a refused value is untouched";
    EXPECT_EQ(*co_await pointers.get(), 7);

    struct alignas(64) wide {
        int n;
    };
    queue<wide> wides;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(wides.try_put(wide{i}));
    for (int i = 0; i < 3; ++i) {
        const wide got = co_await wides.get();
        EXPECT_EQ(got.n, i);
    }
}

TORUS_TEST(queue, items_that_are_left_are_destroyed_with_it) {
    auto counted = std::make_shared<int>();
    {
        queue<std::shared_ptr<int>> q;
        for (int i = 0; i < 3; ++i) q.put_nowait(counted);
        EXPECT_EQ(counted.use_count(), 4);
    }
    EXPECT_EQ(counted.use_count(), 1);
    co_return;
}

TORUS_TEST(queue, S60_another_loops_waiters_are_refused) {
    queue<int> q;
    std::vector<int> got;
    auto getter = create_task(get_each(q, 1, got));
    co_await let_others_run();
    co_await to_thread(
        [](queue<int>* shared) {
            EXPECT_THROW(shared->put_nowait(1), std::runtime_error);
            EXPECT_THROW(shared->shutdown(), std::runtime_error);
            EXPECT_THROW(run([](queue<int>& foreign) -> async<> { co_await foreign.put(1); }(*shared)),
                         std::runtime_error);
            EXPECT_THROW(run([](queue<int>& foreign) -> async<> { co_await foreign.get(); }(*shared)),
                         std::runtime_error);
        },
        &q);
    EXPECT_TRUE(q.empty());
    EXPECT_FALSE(q.is_shutdown());
    q.put_nowait(2);
    co_await getter;
    EXPECT_EQ(got, (std::vector{2}));
}

TORUS_TEST(queue, trying_to_put_copies_what_is_still_needed) {
    queue<std::string> q;
    const std::string text = "long enough not to fit into the small buffer";
    EXPECT_TRUE(q.try_put(text));
    EXPECT_TRUE(q.try_put("made in place"));
    EXPECT_EQ(q.get_nowait(), text);
    EXPECT_EQ(q.get_nowait(), "made in place");
    co_return;
}

}  // namespace
