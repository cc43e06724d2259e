// tests/sync/broadcast_test.cpp: everybody hears everything, unless too slow.
#include <torus/sync/broadcast.hpp>

#include <memory>
#include <optional>
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

async<> listen(broadcast_receiver<int> heard, std::vector<int>& log) {
    while (auto item = co_await heard.next()) log.push_back(*item);
}

TORUS_TEST(broadcast, S316_every_receiver_gets_everything_in_order) {
    auto b = std::make_unique<broadcast<int>>(4);
    std::vector<int> one;
    std::vector<int> other;
    EXPECT_EQ(b->send(0), 0U) << "nobody listens yet";
    auto a = create_task(listen(b->subscribe(), one));
    auto c = create_task(listen(b->subscribe(), other));
    co_await let_others_run();
    for (int i = 1; i <= 20; ++i) {
        EXPECT_EQ(b->send(i), 2U);
        if (i % 4 == 0) co_await let_others_run();
    }
    b.reset();
    co_await gather(a, c);
    std::vector<int> expected;
    for (int i = 1; i <= 20; ++i) expected.push_back(i);
    EXPECT_EQ(one, expected);
    EXPECT_EQ(other, expected);
}

TORUS_TEST(broadcast, S316_a_receiver_gets_what_is_sent_after_it_subscribed_and_a_copy_goes_on_from_the_same_place) {
    broadcast<int> b(4);
    b.send(1);
    auto heard = b.subscribe();
    b.send(2);
    b.send(3);
    EXPECT_EQ(co_await heard.receive(), 2);
    auto copy = heard;
    EXPECT_EQ(b.send(4), 2U);
    EXPECT_EQ(co_await heard.receive(), 3);
    EXPECT_EQ(co_await copy.receive(), 3);
    EXPECT_EQ(co_await heard.receive(), 4);
    copy = heard;
    EXPECT_EQ(b.send(5), 2U);
    EXPECT_EQ(co_await copy.receive(), 5);
}

TORUS_TEST(broadcast, S316_one_that_is_too_slow_hears_how_much_it_missed_and_goes_on_with_the_oldest_kept) {
    broadcast<int> b(3);
    auto heard = b.subscribe();
    for (int i = 0; i < 10; ++i) b.send(i);
    const broadcast_lagged lagged = co_await expect_throws<broadcast_lagged>(heard.receive());
    EXPECT_EQ(lagged.missed(), 7U);
    for (int i = 7; i < 10; ++i) EXPECT_EQ(co_await heard.receive(), i);
    for (int i = 0; i < 4; ++i) b.send(i);
    const broadcast_lagged again = co_await expect_throws<broadcast_lagged>(heard.next());
    EXPECT_EQ(again.missed(), 1U);
    EXPECT_EQ(co_await heard.next(), 1);
}

TORUS_TEST(broadcast, S316_one_that_waits_misses_what_it_has_no_time_to_receive) {
    broadcast<int> b(1);
    std::vector<int> log;
    auto waiting = create_task(listen(b.subscribe(), log));
    co_await let_others_run();
    b.send(1);
    b.send(2);
    co_await expect_throws<broadcast_lagged>(waiting);
    EXPECT_TRUE(log.empty());
}

TORUS_TEST(broadcast, S318_when_the_sender_is_gone_receivers_get_what_is_kept_and_then_the_end) {
    auto b = std::make_unique<broadcast<std::string>>(2);
    auto heard = b->subscribe();
    auto looping = b->subscribe();
    b->send("last");
    b.reset();
    EXPECT_EQ(co_await heard.receive(), "last");
    co_await expect_throws<broadcast_closed>(heard.receive());
    EXPECT_EQ(co_await looping.next(), "last");
    EXPECT_EQ(co_await looping.next(), std::nullopt);
}

TORUS_TEST(broadcast, S318_who_was_told_receives_and_its_cancel_stays_pending) {
    broadcast<int> b(2);
    std::vector<int> log;
    auto waiting = create_task(
        [](broadcast_receiver<int> heard, std::vector<int>& items) -> async<> {
            items.push_back(co_await heard.receive());
            co_await sleep(1h);
        },
        b.subscribe(), std::ref(log));
    co_await let_others_run();
    b.send(1);
    waiting.cancel();
    co_await expect_throws<cancelled_error>(waiting);
    EXPECT_EQ(log, (std::vector{1}));
}

TORUS_TEST(broadcast, S318_a_cancelled_receive_has_received_nothing) {
    broadcast<int> b(2);
    auto heard = b.subscribe();
    co_await expect_throws<timeout_error>(timeout(1s, heard.receive()));
    b.send(1);
    EXPECT_EQ(co_await heard.receive(), 1);
}

TORUS_TEST(broadcast, one_receiver_is_for_one_task_at_a_time) {
    broadcast<int> b(2);
    auto heard = b.subscribe();
    auto receive = [](broadcast_receiver<int>& shared) -> async<int> { co_return co_await shared.receive(); };
    auto a = create_task(receive(heard));
    auto c = create_task(receive(heard));
    co_await let_others_run();
    b.send(1);
    EXPECT_EQ(co_await a, 1);
    co_await expect_throws<invalid_state_error>(c);
}

/// Throws when it is copied a given number of times from now.
struct fragile {
    explicit fragile(int& left) : copies_left(&left) {}
    fragile(const fragile& other) : copies_left(other.copies_left) {
        if (--*copies_left == 0) throw std::runtime_error("copied");
    }
    fragile(fragile&& other) noexcept : copies_left(other.copies_left) {}
    int* copies_left;
};

TORUS_TEST(broadcast, S318_an_item_that_could_not_be_copied_is_received_by_the_next_try) {
    int copies_left = 0;
    broadcast<fragile> b(2);
    auto heard = b.subscribe();
    b.send(fragile(copies_left));
    copies_left = 1;
    co_await expect_throws<std::runtime_error>(heard.receive());
    copies_left = 5;
    co_await heard.receive();
    EXPECT_LT(copies_left, 5);
}

TORUS_TEST(broadcast, of_no_capacity_makes_no_sense) {
    EXPECT_THROW(broadcast<int>{0}, std::invalid_argument);
    co_return;
}

}  // namespace
