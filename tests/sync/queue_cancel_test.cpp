// tests/sync/queue_cancel_test.cpp: no item is lost or doubled, whoever is cancelled, and whenever.
#include <torus/sync/queue.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

using pointer = std::shared_ptr<int>;

async<> put_one(queue<int>& q, int item) { co_await q.put(item); }

async<> get_one(queue<int>& q, std::vector<int>& got) { got.push_back(co_await q.get()); }

/// Waits for the end of a task, however it ends.
async<> ended(task<> t) {
    try {
        co_await t;
    } catch (const cancelled_error&) {}
}

TORUS_TEST(queue_cancel, S178_who_was_handed_an_item_receives_it_and_its_cancel_stays_pending) {
    queue<int> q;
    std::string log;
    auto getter = create_task(
        [](queue<int>& from, std::string& text) -> async<> {
            text += std::to_string(co_await from.get());
            co_await sleep(1h);
            text += ", never here";
        },
        std::ref(q), std::ref(log));
    co_await let_others_run();
    q.put_nowait(42);
    getter.cancel();
    co_await expect_throws<cancelled_error>(getter);
    EXPECT_EQ(log, "42");
}

TORUS_TEST(queue_cancel, S178_a_cancelled_getter_leaves_the_item_to_the_next) {
    queue<int> q;
    std::vector<int> got;
    auto a = create_task(get_one(q, got));
    auto b = create_task(get_one(q, got));
    co_await let_others_run();
    a.cancel();
    q.put_nowait(1);
    co_await expect_throws<cancelled_error>(a);
    co_await b;
    EXPECT_EQ(got, (std::vector{1}));
}

TORUS_TEST(queue_cancel, S179_a_cancelled_putter_puts_nothing_and_the_next_proceeds) {
    queue<int> q{1};
    q.put_nowait(1);
    auto a = create_task(put_one(q, 2));
    auto b = create_task(put_one(q, 3));
    co_await let_others_run();
    a.cancel();
    EXPECT_EQ(q.get_nowait(), 1);
    co_await expect_throws<cancelled_error>(a);
    co_await b;
    EXPECT_EQ(q.get_nowait(), 3);
    EXPECT_TRUE(q.empty());
}

TORUS_TEST(queue_cancel, S126_a_putter_whose_item_was_taken_has_put_it) {
    queue<int> q{1};
    std::string log;
    q.put_nowait(1);
    auto putter = create_task(
        [](queue<int>& into, std::string& text) -> async<> {
            co_await into.put(2);
            text += "put";
            co_await sleep(1h);
            text += ", never here";
        },
        std::ref(q), std::ref(log));
    co_await let_others_run();
    EXPECT_EQ(q.get_nowait(), 1);
    putter.cancel();
    co_await expect_throws<cancelled_error>(putter);
    EXPECT_EQ(log, "put");
    EXPECT_EQ(q.get_nowait(), 2);
}

TORUS_TEST(queue_cancel, S185_the_cancelled_leave_nothing_behind) {
    auto counted = std::make_shared<int>();
    queue<pointer> q{1};
    q.put_nowait(counted);
    std::vector<task<>> putters;
    for (int i = 0; i < 3; ++i) {
        putters.push_back(
            create_task([](queue<pointer>& into, pointer item) -> async<> { co_await into.put(std::move(item)); },
                        std::ref(q), counted));
    }
    co_await let_others_run();
    for (task<>& each : putters) each.cancel();
    for (task<>& each : putters) co_await ended(each);
    EXPECT_EQ(q.qsize(), 1U);
    EXPECT_EQ(counted.use_count(), 2) << "here and in the queue";
    q.get_nowait();
    EXPECT_EQ(counted.use_count(), 1);
    EXPECT_FALSE(q.try_get());
}

TORUS_TEST(queue_cancel, a_cancelled_join_is_over) {
    queue<int> q;
    q.put_nowait(1);
    auto joining = create_task([](queue<int>& joined) -> async<> { co_await joined.join(); }, std::ref(q));
    co_await let_others_run();
    joining.cancel();
    co_await expect_throws<cancelled_error>(joining);
    q.task_done();
}

struct traffic {
    queue<int> q{2};
    std::vector<int> put;
    std::vector<int> got;
};

async<> put_some(traffic& t, int first) {
    for (int i = first; i < first + 5; ++i) {
        co_await t.q.put(i);
        t.put.push_back(i);
    }
}

async<> get_some(traffic& t) {
    for (int i = 0; i < 5; ++i) t.got.push_back(co_await t.q.get());
}

// Three putters and three getters; one of each is cancelled after any number of passes, at any await.
TORUS_TEST(queue_cancel, S130_cancelled_at_every_pass_what_was_put_is_got_once) {
    for (int passes = 0; passes < 25; ++passes) {
        for (std::size_t victim = 0; victim < 3; ++victim) {
            traffic t;
            std::vector<task<>> tasks;
            for (int i = 0; i < 3; ++i) tasks.push_back(create_task(put_some(t, 10 * i)));
            for (int i = 0; i < 3; ++i) tasks.push_back(create_task(get_some(t)));
            co_await let_others_run(passes);
            tasks[victim].cancel();
            tasks[3 + victim].cancel();
            co_await let_others_run(50);
            for (task<>& each : tasks) each.cancel();
            for (task<>& each : tasks) co_await ended(each);
            while (auto item = t.q.try_get()) t.got.push_back(*item);
            std::sort(t.put.begin(), t.put.end());
            std::sort(t.got.begin(), t.got.end());
            EXPECT_EQ(t.put, t.got) << passes << " passes, victim " << victim;
        }
    }
}

TORUS_TEST(queue_cancel, destroyed_before_those_who_wait_it_leaves_them_cancellable) {
    auto counted = std::make_shared<int>();
    auto q = std::make_unique<queue<pointer>>(1);
    q->put_nowait(counted);
    auto putter = create_task([](queue<pointer>& into, pointer item) -> async<> { co_await into.put(item); },
                              std::ref(*q), counted);
    co_await let_others_run();
    q.reset();
    putter.cancel();
    co_await expect_throws<cancelled_error>(std::move(putter));
    EXPECT_EQ(counted.use_count(), 1);

    auto empty = std::make_unique<queue<int>>();
    std::vector<int> got;
    auto getter = create_task(get_one(*empty, got));
    co_await let_others_run();
    empty.reset();
    getter.cancel();
    co_await expect_throws<cancelled_error>(getter);
}

TORUS_TEST(queue_cancel, destroyed_after_a_hand_over_it_is_not_needed_any_more) {
    auto q = std::make_unique<queue<int>>();
    std::vector<int> got;
    auto getter = create_task(get_one(*q, got));
    auto loop = create_task(
        [](queue<int>& from) -> async<> {
            bool more = true;
            while (more) {
                const std::optional<int> item = co_await from.next();
                more = item.has_value();
            }
        },
        std::ref(*q));
    co_await let_others_run();
    q->put_nowait(1);
    q->shutdown();
    q.reset();
    co_await gather(getter, loop);
    EXPECT_EQ(got, (std::vector{1}));
}

}  // namespace
