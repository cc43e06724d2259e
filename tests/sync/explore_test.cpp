// tests/sync/explore_test.cpp: what tasks wait for each other with, in every order of a few tasks, one of them cancelled.
#include <torus/testing/explore.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/sync/sync.hpp>
#include <torus/testing/test.hpp>

namespace torus::testing {
namespace {

using namespace std::literals;

void require(bool holds, const char* what) {
    if (!holds) throw std::logic_error(what);
}

/// Tries all orders with a few deviations, and all cancellations of the whole in them.
template <class Body, class Invariant> void expect_in_every_order(Body& body, Invariant invariant) {
    for (const bool cancels : {false, true}) {
        const explore_options options{.deviations = cancels ? 2U : 4U, .runs = 200'000, .cancels = cancels};
        const exploration all = explore(std::ref(body), invariant, options);
        EXPECT_EQ(all.problem, "");
        EXPECT_TRUE(all.complete) << all.runs << " runs";
        EXPECT_GT(all.runs, 10U);
    }
}

/// Starts what is cancelled at a moment that the order decides.
async<> lose(std::function<async<>()> start) {
    auto body = [&](task_group& group) -> async<> {
        task<> loser = group.create_task(start());
        co_await yield_now();
        loser.cancel();
    };
    co_await task_group(body);
}

/// Some hold it one after the other, one of them is cancelled; then it is free.
template <class Acquire> async<> share(Acquire acquire, int places, int& inside) {
    inside = 0;
    auto hold = [&]() -> async<> {
        const auto held = co_await acquire();
        require(++inside <= places, "more are inside than may be");
        defer leave{[&] { --inside; }};
        co_await yield_now();
    };
    co_await gather(hold(), hold(), lose(hold));
}

TEST(sync_in_every_order, S576_mutex) {
    mutex m;
    int inside = 0;
    auto body = [&]() -> async<> {
        auto lock = [&] { return m.lock(); };
        co_await share(lock, 1, inside);
    };
    expect_in_every_order(body, [&] { require(!m.locked() && inside == 0, "it is locked"); });
}

TEST(sync_in_every_order, S576_semaphore_and_capacity_limiter) {
    semaphore permits(2);
    capacity_limiter tokens(2);
    int inside = 0;
    auto body = [&]() -> async<> {
        auto acquire = [&] { return permits.acquire(); };
        co_await share(acquire, 2, inside);
        auto take = [&] { return tokens.acquire(); };
        co_await share(take, 2, inside);
    };
    expect_in_every_order(body,
                          [&] { require(!permits.locked() && tokens.available_tokens() == 2, "a place is lost"); });
}

TEST(sync_in_every_order, S576_rw_lock) {
    rw_lock lock;
    int readers = 0;
    int writers = 0;
    auto body = [&]() -> async<> {
        readers = writers = 0;
        auto read = [&]() -> async<> {
            const auto held = co_await lock.read_lock();
            ++readers;
            defer leave{[&] { --readers; }};
            require(writers == 0, "it is read while it is written");
            co_await yield_now();
        };
        auto write = [&]() -> async<> {
            const auto held = co_await lock.write_lock();
            ++writers;
            defer leave{[&] { --writers; }};
            require(writers == 1 && readers == 0, "it is written while others are there");
            co_await yield_now();
        };
        co_await gather(read(), write(), read(), lose(write));
    };
    expect_in_every_order(body, [&] { require(static_cast<bool>(lock.try_write_lock()), "it is held"); });
}

TEST(sync_in_every_order, S576_event_and_barrier) {
    int past = 0;
    auto body = [&]() -> async<> {
        past = 0;
        event happened;
        barrier both(2);
        auto await_it = [&]() -> async<> {
            co_await happened.wait();
            co_await both.wait();
            ++past;
        };
        auto set = [&]() -> async<> {
            co_await yield_now();
            happened.set();
        };
        auto wait_in_vain = [&]() -> async<> { co_await happened.wait(); };
        co_await gather(await_it(), await_it(), set(), lose(wait_in_vain));
        require(past == 2, "one is missing");
    };
    expect_in_every_order(body, [] {});
}

TEST(sync_in_every_order, S576_condition) {
    auto body = []() -> async<> {
        condition changed;
        int items = 0;
        int taken = 0;
        auto take = [&]() -> async<> {
            auto held = co_await changed.lock();
            while (items == 0) co_await changed.wait(held);
            --items;
            ++taken;
        };
        auto take_if_there_is_one = [&]() -> async<> { co_await move_on_after(1s, take()); };
        auto give = [&]() -> async<> {
            for (int i = 0; i < 2; ++i) {
                const auto held = co_await changed.lock();
                ++items;
                changed.notify();
            }
        };
        co_await gather(take_if_there_is_one(), take_if_there_is_one(), give(), lose(take));
        require(taken == 2, "a notification is lost");
    };
    expect_in_every_order(body, [] {});
}

/// What was put and what was got, and that none is lost or comes twice.
template <class Queue> struct conveyor {
    async<> operator()() {
        put.clear();
        got.clear();
        queue.emplace(1);
        auto take_one = [this] { return take(); };
        co_await gather(give(), take(), lose(take_one));
        while (std::optional<int> rest = queue->try_get()) got.push_back(*rest);
    }
    async<> give() {
        for (int i = 0; i < 3; ++i) {
            const bool came = co_await move_on_after(1s, queue->put(i));
            if (!came) co_return;
            put.push_back(i);
        }
    }
    async<> take() {
        const auto item = co_await move_on_after(2s, queue->get());
        if (item) got.push_back(*item);
    }
    void check() {
        std::sort(got.begin(), got.end());
        require(put == got, "an item is lost, or came twice");
    }
    std::vector<int> put;
    std::vector<int> got;
    std::optional<Queue> queue;
};

template <class Queue> void expect_nothing_lost() {
    conveyor<Queue> body;
    const exploration all = explore(std::ref(body), [&] { body.check(); }, {.deviations = 4, .runs = 200'000});
    EXPECT_EQ(all.problem, "");
    EXPECT_TRUE(all.complete) << all.runs << " runs";
}

TEST(sync_in_every_order, S576_queue) { expect_nothing_lost<queue<int>>(); }
TEST(sync_in_every_order, S576_lifo_queue) { expect_nothing_lost<lifo_queue<int>>(); }
TEST(sync_in_every_order, S576_priority_queue) { expect_nothing_lost<priority_queue<int>>(); }

TEST(sync_in_every_order, S576_channel) {
    int sent = 0;
    int received = 0;
    auto body = [&]() -> async<> {
        sent = received = 0;
        auto [tx, rx] = channel<int>(1);
        auto send = [&](channel_sender<int> to) -> async<> {
            for (int i = 0; i < 3; ++i) {
                co_await to.send(i);
                ++sent;
            }
            to.close();
        };
        auto receive = [&](channel_receiver<int> from) -> async<> {
            while (auto each = co_await from.next()) ++received;
        };
        auto receive_one = [&, from = rx.clone()]() mutable -> async<> {
            const auto item = co_await from.next();
            if (item) ++received;
        };
        auto lose_it = [&] { return receive_one(); };
        co_await gather(send(std::move(tx)), receive(std::move(rx)), lose(lose_it));
        require(sent == 3 && received == 3, "an item is lost");
    };
    expect_in_every_order(body, [] {});
}

TEST(sync_in_every_order, S576_once) {
    int made = 0;
    auto body = [&]() -> async<> {
        made = 0;
        once<int> first;
        auto make = [&]() -> async<int> {
            co_await yield_now();
            co_return ++made;
        };
        auto use = [&]() -> async<> {
            const int value = co_await first.call(make);
            require(value == made, "another one was made");
        };
        co_await gather(use(), use(), lose(use));
        require(made == 1, "it was made twice");
    };
    expect_in_every_order(body, [] {});
}

TEST(sync_in_every_order, S576_watch_and_broadcast) {
    auto body = []() -> async<> {
        watch<int> level(0);
        broadcast<int> news(2);
        auto change = [&]() -> async<> {
            for (int i = 1; i <= 2; ++i) {
                level.set(i);
                news.send(i);
                co_await yield_now();
            }
        };
        auto follow = [](watch_receiver<int> from) -> async<> {
            int last = 0;
            while (last < 2) {
                const auto value = co_await from.next();
                require(value && *value > last, "it went back");
                last = *value;
            }
        };
        auto listen = [](broadcast_receiver<int> from) -> async<> {
            require(co_await from.receive() == 1, "the first is missing");
            require(co_await from.receive() == 2, "the second is missing");
        };
        auto follow_in_vain = [&] { return follow(level.subscribe()); };
        co_await gather(follow(level.subscribe()), listen(news.subscribe()), change(), lose(follow_in_vain));
    };
    expect_in_every_order(body, [] {});
}

}  // namespace
}  // namespace torus::testing
