// tests/sync/channel_test.cpp: both ends of a channel, and what happens when one is gone.
#include <torus/sync/channel.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <torus/testing/test.hpp>

#include "sync/ending.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> send_all(channel_sender<int> given, int first, int last) {
    auto to = std::move(given);  // closed when this ends
    for (int i = first; i <= last; ++i) co_await to.send(i);
}

async<> receive_all(channel_receiver<int> from, std::vector<int>& got) {
    while (auto item = co_await from.next()) got.push_back(*item);
}

async<> receive_one(channel_receiver<int>& from, std::vector<int>& got) { got.push_back(co_await from.receive()); }

TORUS_TEST(channel, S320_items_arrive_in_order_and_each_once) {
    auto [tx, rx] = channel<int>(3);
    std::vector<int> got;
    co_await gather(send_all(std::move(tx), 1, 20), receive_all(std::move(rx), got));
    std::vector<int> expected;
    for (int i = 1; i <= 20; ++i) expected.push_back(i);
    EXPECT_EQ(got, expected);
}

TORUS_TEST(channel, S320_clones_share_the_items) {
    auto [tx, rx] = channel<int>(2);
    std::vector<int> one;
    std::vector<int> other;
    auto second_tx = tx.clone();
    auto second_rx = rx.clone();
    co_await gather(send_all(std::move(tx), 1, 10), send_all(std::move(second_tx), 11, 20),
                    receive_all(std::move(rx), one), receive_all(std::move(second_rx), other));
    EXPECT_FALSE(one.empty());
    EXPECT_FALSE(other.empty());
    one.insert(one.end(), other.begin(), other.end());
    std::sort(one.begin(), one.end());
    std::vector<int> expected;
    for (int i = 1; i <= 20; ++i) expected.push_back(i);
    EXPECT_EQ(one, expected);
}

TORUS_TEST(channel, S320_a_full_channel_lets_the_sender_wait) {
    auto [tx, rx] = channel<int>(2);
    EXPECT_TRUE(tx.try_send(1));
    EXPECT_TRUE(tx.try_send(2));
    EXPECT_FALSE(tx.try_send(3));
    bool sent = false;
    auto sending = create_task(
        [](channel_sender<int>& to, bool& flag) -> async<> {
            co_await to.send(3);
            flag = true;
        },
        std::ref(tx), std::ref(sent));
    co_await let_others_run();
    EXPECT_FALSE(sent);
    EXPECT_EQ(rx.try_receive(), 1);
    co_await sending;
    EXPECT_EQ(rx.try_receive(), 2);
    EXPECT_EQ(rx.try_receive(), 3);
    EXPECT_EQ(rx.try_receive(), std::nullopt);
}

TORUS_TEST(channel, S321_without_capacity_sender_and_receiver_meet) {
    auto [tx, rx] = channel<int>();
    EXPECT_FALSE(tx.try_send(1)) << "nobody receives";
    bool sent = false;
    auto sending = create_task(
        [](channel_sender<int>& to, bool& flag) -> async<> {
            co_await to.send(1);
            flag = true;
        },
        std::ref(tx), std::ref(sent));
    co_await let_others_run();
    EXPECT_FALSE(sent);
    EXPECT_EQ(co_await rx.receive(), 1);
    co_await sending;
    EXPECT_TRUE(sent);
    std::vector<int> got;
    auto receiving = create_task(receive_one(rx, got));
    co_await let_others_run();
    EXPECT_TRUE(tx.try_send(2)) << "somebody receives";
    EXPECT_FALSE(tx.try_send(3));
    co_await receiving;
    EXPECT_EQ(got, (std::vector{2}));
}

TORUS_TEST(channel, S321_without_capacity_all_items_pass_in_order) {
    auto [tx, rx] = channel<int>();
    std::vector<int> got;
    co_await gather(send_all(std::move(tx), 1, 300), receive_all(std::move(rx), got));
    EXPECT_EQ(got.size(), 300U);
    EXPECT_TRUE(std::is_sorted(got.begin(), got.end()));
}

TORUS_TEST(channel, S322_when_the_last_sender_is_gone_the_receiver_gets_what_is_left_and_then_the_end) {
    auto [tx, rx] = channel<int>(5);
    auto second = tx.clone();
    co_await tx.send(1);
    tx.close();
    co_await second.send(2);
    second.close();
    second.close();
    EXPECT_EQ(co_await rx.receive(), 1);
    EXPECT_EQ(co_await rx.next(), 2);
    EXPECT_EQ(co_await rx.next(), std::nullopt);
    co_await expect_throws<channel_closed>(rx.receive());
    EXPECT_EQ(rx.try_receive(), std::nullopt);
}

TORUS_TEST(channel, S322_receivers_that_wait_hear_of_the_end) {
    auto [tx, rx] = channel<int>(5);
    auto second = rx.clone();
    std::vector<int> got;
    auto looping = create_task(receive_all(std::move(second), got));
    auto receiving = create_task(receive_one(rx, got));
    co_await let_others_run();
    tx.close();
    co_await looping;
    co_await expect_throws<channel_closed>(receiving);
    EXPECT_TRUE(got.empty());
}

TORUS_TEST(channel, S323_when_the_last_receiver_is_gone_sends_fail_and_what_is_left_is_dropped) {
    auto counted = std::make_shared<int>();
    auto [tx, rx] = channel<std::shared_ptr<int>>(1);
    auto second = rx.clone();
    co_await tx.send(counted);
    auto sending = create_task([](channel_sender<std::shared_ptr<int>>& to,
                                  std::shared_ptr<int> item) -> async<> { co_await to.send(std::move(item)); },
                               std::ref(tx), counted);
    co_await let_others_run();
    EXPECT_EQ(counted.use_count(), 3);
    rx.close();
    co_await let_others_run();
    EXPECT_FALSE(sending.done()) << "there is another one";
    second.close();
    co_await expect_throws<channel_closed>(std::move(sending));
    EXPECT_EQ(counted.use_count(), 1);
    co_await expect_throws<channel_closed>(tx.send(counted));
    EXPECT_FALSE(tx.try_send(counted));
    EXPECT_EQ(counted.use_count(), 1);
}

TORUS_TEST(channel, S323_a_receive_at_an_end_that_is_closed_meanwhile_is_over) {
    auto [tx, rx] = channel<int>(1);
    std::vector<int> got;
    auto receiving = create_task(receive_one(rx, got));
    co_await let_others_run();
    rx.close();
    co_await expect_throws<channel_closed>(receiving);
    EXPECT_FALSE(tx.try_send(1));
}

TORUS_TEST(channel, S324_an_end_that_was_closed_or_moved_from_cannot_be_used) {
    auto [tx, rx] = channel<int>(1);
    auto moved = std::move(tx);
    EXPECT_THROW(static_cast<void>(tx.send(1)), channel_closed);
    EXPECT_THROW(tx.try_send(1), channel_closed);
    EXPECT_THROW(static_cast<void>(tx.clone()), channel_closed);
    rx.close();
    EXPECT_THROW(static_cast<void>(rx.receive()), channel_closed);
    EXPECT_THROW(static_cast<void>(rx.next()), channel_closed);
    EXPECT_THROW(rx.try_receive(), channel_closed);
    EXPECT_THROW(static_cast<void>(rx.clone()), channel_closed);
    auto [other_tx, other_rx] = channel<int>(1);
    moved = std::move(other_tx);
    EXPECT_TRUE(moved.try_send(1)) << "assigning closes what was there";
    co_return;
}

TORUS_TEST(channel, S325_who_was_handed_an_item_receives_it_and_its_cancel_stays_pending) {
    auto [tx, rx] = channel<int>();
    std::vector<int> got;
    auto receiving = create_task(
        [](channel_receiver<int>& from, std::vector<int>& into) -> async<> {
            into.push_back(co_await from.receive());
            co_await sleep(1h);
        },
        std::ref(rx), std::ref(got));
    co_await let_others_run();
    EXPECT_TRUE(tx.try_send(1));
    receiving.cancel();
    co_await expect_throws<cancelled_error>(receiving);
    EXPECT_EQ(got, (std::vector{1}));
}

TORUS_TEST(channel, S325_a_cancelled_sender_has_sent_nothing) {
    auto [tx, rx] = channel<int>();
    auto one = create_task(send_all(tx.clone(), 1, 1));
    auto two = create_task(send_all(tx.clone(), 2, 2));
    co_await let_others_run();
    one.cancel();
    co_await expect_throws<cancelled_error>(one);
    EXPECT_EQ(co_await rx.receive(), 2);
    co_await two;
}

TORUS_TEST(channel, S325_cancelled_at_every_pass_what_was_sent_is_received_once) {
    for (std::size_t capacity = 0; capacity < 3; ++capacity) {
        for (int passes = 0; passes < 20; ++passes) {
            auto [tx, rx] = channel<int>(capacity);
            std::vector<int> sent;
            std::vector<int> got;
            auto send = [](channel_sender<int> given, std::vector<int>& done, int first) -> async<> {
                auto to = std::move(given);
                for (int i = first; i < first + 5; ++i) {
                    co_await to.send(i);
                    done.push_back(i);
                }
            };
            std::vector<task<>> tasks;
            for (int i = 0; i < 3; ++i) tasks.push_back(create_task(send, tx.clone(), std::ref(sent), 10 * i));
            for (int i = 0; i < 3; ++i) tasks.push_back(create_task(receive_all(rx.clone(), got)));
            tx.close();
            co_await let_others_run(passes);
            tasks[0].cancel();
            tasks[3].cancel();
            for (task<>& each : tasks) co_await ended(each);
            std::sort(sent.begin(), sent.end());
            std::sort(got.begin(), got.end());
            EXPECT_EQ(sent, got) << passes << " passes, capacity " << capacity;
            EXPECT_GE(got.size(), 10U);
        }
    }
}

/// An item that holds an end of the channel which it is in.
struct circular {
    std::optional<channel_sender<circular>> back;
};

TORUS_TEST(channel, S323_items_that_hold_its_other_end_are_dropped_without_harm) {
    auto [tx, rx] = channel<circular>(3);
    for (int i = 0; i < 3; ++i) {
        circular item;
        item.back.emplace(tx.clone());
        EXPECT_TRUE(tx.try_send(std::move(item)));
    }
    tx.close();
    rx.close();
    co_return;
}

}  // namespace
