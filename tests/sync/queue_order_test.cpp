// tests/sync/queue_order_test.cpp: queues whose newest, or most urgent, item leaves first.
#include <torus/sync/lifo_queue.hpp>
#include <torus/sync/priority_queue.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "sync/ending.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

struct job {
    int urgency;
    int name;
    bool operator<(const job& other) const noexcept { return urgency < other.urgency; }
};

struct largest_first {
    bool operator()(int a, int b) const noexcept { return a > b; }
};

template <class Queue> std::vector<int> drained(Queue& q) {
    std::vector<int> all;
    while (auto item = q.try_get()) all.push_back(*item);
    return all;
}

async<> put_one(queue<int>& q, int item) { co_await q.put(item); }
async<> get_one(queue<int>& q, std::vector<int>& got) { got.push_back(co_await q.get()); }

TORUS_TEST(queue_order, S174_of_a_lifo_queue_the_newest_leaves_first) {
    lifo_queue<int> q;
    for (int i = 1; i <= 4; ++i) co_await q.put(i);
    EXPECT_EQ(q.qsize(), 4U);
    EXPECT_EQ(co_await q.get(), 4);
    q.put_nowait(5);
    EXPECT_EQ(drained(q), (std::vector{5, 3, 2, 1}));
    EXPECT_TRUE(q.empty());
}

TORUS_TEST(queue_order, S174_of_a_priority_queue_the_smallest_leaves_first) {
    priority_queue<int> q;
    for (int each : {3, 1, 4, 1, 5, 9, 2, 6, 5, 3}) co_await q.put(each);
    EXPECT_EQ(co_await q.get(), 1);
    EXPECT_EQ(co_await q.get(), 1);
    q.put_nowait(0);
    EXPECT_EQ(drained(q), (std::vector{0, 2, 3, 3, 4, 5, 5, 6, 9}));
}

TORUS_TEST(queue_order, S174_another_order_may_be_given) {
    priority_queue<int, largest_first> q;
    for (int each : {3, 1, 4, 1, 5}) co_await q.put(each);
    EXPECT_EQ(drained(q), (std::vector{5, 4, 3, 1, 1}));
}

TORUS_TEST(queue_order, S174_equal_priorities_leave_in_the_order_they_came) {
    priority_queue<job> q;
    std::vector<std::pair<int, int>> expected;
    for (int i = 0; i < 200; ++i) {
        q.put_nowait({i * 7 % 5, i});
        expected.emplace_back(i * 7 % 5, i);
    }
    std::sort(expected.begin(), expected.end());
    std::vector<std::pair<int, int>> got;
    while (auto next = q.try_get()) got.emplace_back(next->urgency, next->name);
    EXPECT_EQ(got, expected);
    co_return;
}

TORUS_TEST(queue_order, S317_they_wait_shut_down_and_join_as_every_queue) {
    priority_queue<int> by_priority(2);
    lifo_queue<int> stack(2);
    for (queue<int>* q : {static_cast<queue<int>*>(&by_priority), static_cast<queue<int>*>(&stack)}) {
        EXPECT_EQ(q->maxsize(), 2U);
        q->put_nowait(2);
        q->put_nowait(1);
        EXPECT_TRUE(q->full());
        EXPECT_THROW(q->put_nowait(0), queue_full);
        auto putting = create_task(put_one(*q, 0));
        co_await let_others_run();
        EXPECT_FALSE(putting.done());
        EXPECT_EQ(q->get_nowait(), 1);
        co_await putting;
        EXPECT_EQ(q->get_nowait(), 0) << "the putter's item is in";
        EXPECT_EQ(q->get_nowait(), 2);
        EXPECT_THROW(q->get_nowait(), queue_empty);
        for (int i = 0; i < 3; ++i) q->task_done();
        co_await q->join();
        std::vector<int> got;
        auto getting = create_task(get_one(*q, got));
        co_await let_others_run();
        q->put_nowait(7);
        EXPECT_TRUE(q->empty()) << "it is the getter's already";
        co_await getting;
        EXPECT_EQ(got, (std::vector{7}));
        q->put_nowait(8);
        q->shutdown(immediate);
        EXPECT_TRUE(q->empty());
        co_await expect_throws<queue_shutdown>(q->get());
    }
}

TORUS_TEST(queue_order, S317_what_is_left_in_one_is_destroyed_with_it) {
    auto counted = std::make_shared<int>(1);
    {
        priority_queue<std::shared_ptr<int>> by_address;
        lifo_queue<std::shared_ptr<int>> stack;
        for (int i = 0; i < 40; ++i) by_address.put_nowait(counted);
        for (int i = 0; i < 3; ++i) stack.put_nowait(counted);
        EXPECT_EQ(counted.use_count(), 44);
    }
    EXPECT_EQ(counted.use_count(), 1);
    co_return;
}

/// Throws when it is moved a given number of times from now.
struct fragile {
    fragile(int v, int& left) : value(v), moves_left(&left) {}
    fragile(fragile&& other) : value(other.value), moves_left(other.moves_left) {
        if (--*moves_left == 0) throw std::runtime_error("moved");
    }
    bool operator<(const fragile& other) const noexcept { return value < other.value; }
    int value;
    int* moves_left;
};

TORUS_TEST(queue_order, S317_what_cannot_be_moved_out_is_first_again) {
    int moves_left = -1;
    priority_queue<fragile> by_priority;
    lifo_queue<fragile> stack;
    for (queue<fragile>* q : {static_cast<queue<fragile>*>(&by_priority), static_cast<queue<fragile>*>(&stack)}) {
        for (int each : {2, 2, 1}) q->put_nowait(fragile(each, moves_left));
        moves_left = 1;
        EXPECT_THROW(q->get_nowait(), std::runtime_error);
        EXPECT_EQ(q->qsize(), 3U);
        EXPECT_EQ(q->get_nowait().value, 1);
        EXPECT_EQ(q->get_nowait().value, 2);
        EXPECT_EQ(q->get_nowait().value, 2);
    }
    co_return;
}

// D16: what is always there does not keep others from running. The other sets the flag as soon as it runs.
template <class Step> async<int> steps_until_another_runs(Step step) {
    bool ran = false;
    auto other = create_task(note_run, std::ref(ran));
    int steps = 0;
    while (!ran && steps < 100'000) {
        co_await step();
        ++steps;
    }
    co_await other;
    co_return steps;
}

TORUS_TEST(queue_order, S319_putting_into_a_queue_that_is_never_full_lets_others_run) {
    queue<int> q;
    auto put = [&q]() -> async<> { co_await q.put(1); };
    const int steps = co_await steps_until_another_runs(put);
    EXPECT_LT(steps, 1000);
    EXPECT_GT(steps, 10) << "but not at each step";
    EXPECT_EQ(q.qsize(), static_cast<std::size_t>(steps)) << "what was put is in";
}

TORUS_TEST(queue_order, S319_getting_from_a_queue_that_is_never_empty_lets_others_run) {
    queue<int> q;
    constexpr int many = 2000;
    for (int i = 0; i < many; ++i) q.put_nowait(i);
    int expected = 0;
    auto get = [&]() -> async<> {
        const int got = co_await q.get();
        EXPECT_EQ(got, expected++);
    };
    const int steps = co_await steps_until_another_runs(get);
    EXPECT_LT(steps, 1000);
    EXPECT_GT(steps, 10);
    EXPECT_EQ(q.qsize(), static_cast<std::size_t>(many - steps));
}

TORUS_TEST(queue_order, S319_a_pending_cancel_loses_nothing_where_others_are_let_run) {
    queue<int> q;
    constexpr int many = 1000;
    for (int i = 0; i < many; ++i) q.put_nowait(i);
    int got = 0;
    auto getter = create_task([](queue<int>& from, int& count) -> async<> {
        current_task().cancel();
        while (auto item = co_await from.next()) ++count;
    }(q, got));
    co_await ended(getter);
    EXPECT_EQ(static_cast<std::size_t>(got) + q.qsize(), static_cast<std::size_t>(many));
}

}  // namespace
