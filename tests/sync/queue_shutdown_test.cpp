// tests/sync/queue_shutdown_test.cpp: how a queue ends.
#include <torus/sync/queue.hpp>

#include <memory>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> put_one(queue<int>& q, int item) { co_await q.put(item); }

async<int> get_one(queue<int>& q) { co_return co_await q.get(); }

TORUS_TEST(queue_shutdown, S182_puts_fail_at_once_and_gets_once_it_is_empty) {
    queue<int> q;
    q.put_nowait(1);
    q.put_nowait(2);
    q.shutdown();
    EXPECT_TRUE(q.is_shutdown());
    EXPECT_THROW(q.put_nowait(3), queue_shutdown);
    EXPECT_FALSE(q.try_put(3));
    co_await expect_throws<queue_shutdown>(q.put(3));
    EXPECT_EQ(co_await q.get(), 1);
    EXPECT_EQ(q.get_nowait(), 2);
    EXPECT_THROW(q.get_nowait(), queue_shutdown);
    EXPECT_FALSE(q.try_get());
    co_await expect_throws<queue_shutdown>(q.get());
    EXPECT_FALSE(co_await q.next());
}

TORUS_TEST(queue_shutdown, S182_putters_and_getters_that_wait_fail) {
    queue<int> full{1};
    full.put_nowait(1);
    auto putter = create_task(put_one(full, 2));
    queue<int> empty;
    auto getter = create_task(get_one(empty));
    co_await let_others_run();
    full.shutdown();
    empty.shutdown();
    co_await expect_throws<queue_shutdown>(putter);
    co_await expect_throws<queue_shutdown>(getter);
    EXPECT_EQ(full.get_nowait(), 1);
    EXPECT_THROW(full.get_nowait(), queue_shutdown) << "what was refused is not in the queue";
}

TORUS_TEST(queue_shutdown, S182_who_was_handed_an_item_before_receives_it) {
    queue<int> q;
    auto getter = create_task(get_one(q));
    co_await let_others_run();
    q.put_nowait(1);
    q.shutdown(immediate);
    EXPECT_EQ(co_await getter, 1);
}

TORUS_TEST(queue_shutdown, S183_immediate_drops_the_items_and_counts_them_as_done) {
    auto counted = std::make_shared<int>();
    queue<std::shared_ptr<int>> q;
    for (int i = 0; i < 3; ++i) q.put_nowait(counted);
    auto joining =
        create_task([](queue<std::shared_ptr<int>>& joined) -> async<> { co_await joined.join(); }, std::ref(q));
    co_await let_others_run();
    q.shutdown(immediate);
    EXPECT_TRUE(q.empty());
    EXPECT_EQ(counted.use_count(), 1);
    co_await joining;
    co_await expect_throws<queue_shutdown>(q.get());
}

TORUS_TEST(queue_shutdown, S183_what_was_got_still_wants_its_task_done) {
    queue<int> q;
    for (int i = 0; i < 3; ++i) q.put_nowait(i);
    q.get_nowait();
    q.shutdown(immediate);
    co_await expect_throws<timeout_error>(timeout(1s, q.join()));
    q.task_done();
    co_await q.join();
    EXPECT_THROW(q.task_done(), invalid_state_error);
}

TORUS_TEST(queue_shutdown, S183_immediate_may_follow_a_gentle_one) {
    queue<int> q;
    q.put_nowait(1);
    q.shutdown();
    q.shutdown();
    q.shutdown(immediate);
    EXPECT_TRUE(q.empty());
    EXPECT_FALSE(q.try_get());
    co_return;
}

TORUS_TEST(queue_shutdown, items_whose_destructors_use_the_queue_find_it_whole) {
    struct curious {
        queue<curious>* home = nullptr;
        explicit curious(queue<curious>& q) : home(&q) {}
        curious(curious&& other) noexcept : home(std::exchange(other.home, nullptr)) {}
        ~curious() {
            if (!home) return;
            EXPECT_TRUE(home->empty());
            EXPECT_FALSE(home->try_get());
            home->shutdown(immediate);
        }
    };
    queue<curious> q;
    for (int i = 0; i < 3; ++i) q.put_nowait(curious(q));
    q.shutdown(immediate);
    co_await q.join();
}

}  // namespace
