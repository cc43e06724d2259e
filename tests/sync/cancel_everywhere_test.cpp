// tests/sync/cancel_everywhere_test.cpp: what tasks wait for each other with, cancelled at every moment.
#include <torus/testing/cancel_everywhere.hpp>

#include <stdexcept>

#include <torus/core/core.hpp>
#include <torus/sync/sync.hpp>

#include "cancelled_everywhere.hpp"

namespace torus::testing {
namespace {

using namespace std::literals;

void require(bool holds, const char* what) {
    if (!holds) throw std::logic_error(what);
}

/// One holds it for a while, the other waits; then it is free again, whoever was cancelled.
template <class Lock> async<> hold(Lock lock) {
    auto held = co_await lock();
    co_await sleep(1s);
}

TEST(sync_everywhere, S565_lock) {
    mutex m;
    auto use = [&]() -> async<> {
        auto lock = [&] { return m.lock(); };
        co_await gather(hold(lock), hold(lock));
    };
    const auto tried = cancel_everywhere(use, [&] { require(!m.locked(), "the mutex is locked"); });
    EXPECT_EQ(tried.text(), "");
    EXPECT_GT(tried.moments, 6U);
}

TEST(sync_everywhere, S565_acquire) {
    semaphore permits(1);
    capacity_limiter tokens(1);
    auto use = [&]() -> async<> {
        auto acquire = [&] { return permits.acquire(); };
        auto take = [&] { return tokens.acquire(); };
        co_await gather(hold(acquire), hold(acquire), hold(take), hold(take));
    };
    const auto tried = cancel_everywhere(use, [&] {
        require(!permits.locked(), "a permit is lost");
        require(tokens.available_tokens() == 1, "a token is lost");
    });
    EXPECT_EQ(tried.text(), "");
}

TEST(sync_everywhere, S565_read_lock_and_write_lock) {
    rw_lock lock;
    auto use = [&]() -> async<> {
        auto read = [&] { return lock.read_lock(); };
        auto write = [&] { return lock.write_lock(); };
        co_await gather(hold(read), hold(write), hold(read), hold(write));
    };
    const auto tried = cancel_everywhere(use, [&] { require(static_cast<bool>(lock.try_write_lock()), "it is held"); });
    EXPECT_EQ(tried.text(), "");
}

TEST(sync_everywhere, S565_put_get_and_join_of_a_queue) {
    int put = 0;
    int got = 0;
    auto use = [&]() -> async<> {
        put = got = 0;
        queue<int> items(1);
        auto produce = [&]() -> async<> {
            for (int i = 0; i < 3; ++i) {
                co_await items.put(i);
                ++put;
            }
            co_await items.join();
        };
        auto consume = [&]() -> async<> {
            for (int i = 0; i < 3; ++i) {
                static_cast<void>(co_await items.get());
                ++got;
                co_await sleep(1s);
                items.task_done();
            }
        };
        co_await gather(produce(), consume());
    };
    const auto tried = cancel_everywhere(use, [&] { require(put >= got, "an item came twice"); });
    EXPECT_EQ(tried.text(), "");
}

CANCELLED_EVERYWHERE(sync_everywhere, wait_of_an_event) {
    event happened;
    get_running_loop().call_later(1s, [&] { happened.set(); });
    co_await happened.wait();
}

CANCELLED_EVERYWHERE(sync_everywhere, wait_of_a_barrier) {
    barrier all(2);
    auto arrive = [&]() -> async<> { co_await all.wait(); };
    auto arrive_late = [&]() -> async<> {
        co_await sleep(1s);
        co_await all.wait();
    };
    co_await gather(arrive(), arrive_late());
}

CANCELLED_EVERYWHERE(sync_everywhere, wait_and_wait_for_of_a_condition) {
    condition changed;
    int value = 0;
    auto await_two = [&]() -> async<> {
        auto held = co_await changed.lock();
        while (value < 1) co_await changed.wait(held);
        auto is_two = [&] { return value == 2; };
        co_await changed.wait_for(held, is_two);
    };
    auto change = [&]() -> async<> {
        for (int i = 0; i < 2; ++i) {
            co_await sleep(1s);
            auto held = co_await changed.lock();
            ++value;
            changed.notify_all();
        }
    };
    co_await gather(await_two(), await_two(), change());
}

CANCELLED_EVERYWHERE(sync_everywhere, call_of_once) {
    once<int> made;
    auto make = []() -> async<int> {
        co_await sleep(1s);
        co_return 1;
    };
    auto use = [&]() -> async<> { EXPECT_EQ(co_await made.call(make), 1); };
    co_await gather(use(), use());
}

CANCELLED_EVERYWHERE(sync_everywhere, send_receive_and_next_of_a_channel) {
    auto [sender, receiver] = channel<int>(1);
    auto send = [](channel_sender<int> to) -> async<> {
        for (int i = 0; i < 4; ++i) co_await to.send(i);
        to.close();
    };
    auto receive = [](channel_receiver<int> from) -> async<> {
        EXPECT_EQ(co_await from.receive(), 0);
        co_await sleep(1s);
        while (auto each = co_await from.next()) co_await sleep(1s);
    };
    co_await gather(send(std::move(sender)), receive(std::move(receiver)));
}

CANCELLED_EVERYWHERE(sync_everywhere, receive_and_next_of_a_broadcast) {
    broadcast<int> news(4);
    auto listen = [](broadcast_receiver<int> from) -> async<> {
        EXPECT_EQ(co_await from.receive(), 0);
        EXPECT_EQ(co_await from.next(), 1);
    };
    auto tell = [&]() -> async<> {
        for (int i = 0; i < 2; ++i) {
            co_await sleep(1s);
            news.send(i);
        }
    };
    co_await gather(listen(news.subscribe()), listen(news.subscribe()), tell());
}

CANCELLED_EVERYWHERE(sync_everywhere, changed_and_next_of_a_watch) {
    watch<int> level(0);
    auto follow = [](watch_receiver<int> from) -> async<> {
        co_await from.changed();
        EXPECT_EQ(co_await from.next(), 2);
    };
    auto change = [&]() -> async<> {
        for (int i = 1; i <= 2; ++i) {
            co_await sleep(1s);
            level.set(i);
        }
    };
    co_await gather(follow(level.subscribe()), follow(level.subscribe()), change());
}

CANCELLED_EVERYWHERE(sync_everywhere, pop_and_next_of_a_sync_queue) {
    sync_queue<int> items;
    auto take = [&]() -> async<> {
        EXPECT_EQ(co_await items.pop(), 0);
        EXPECT_EQ(co_await items.next(), 1);
    };
    auto give = [&]() -> async<> {
        for (int i = 0; i < 2; ++i) {
            co_await sleep(1s);
            items.push(i);
        }
    };
    co_await gather(take(), give());
}

}  // namespace
}  // namespace torus::testing
