// tests/sync/watch_test.cpp: the latest value, and who has seen it.
#include <torus/sync/watch.hpp>

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

async<> follow(watch_receiver<int> seen, std::vector<int>& log) {
    while (auto value = co_await seen.next()) log.push_back(*value);
}

TORUS_TEST(watch, S308_each_who_follows_sees_the_latest_value) {
    std::vector<int> one;
    std::vector<int> other;
    auto w = std::make_unique<watch<int>>(0);
    auto a = create_task(follow(w->subscribe(), one));
    auto b = create_task(follow(w->subscribe(), other));
    co_await let_others_run();
    EXPECT_TRUE(one.empty()) << "the first value is not a change";
    w->set(1);
    co_await let_others_run();
    w->set(2);
    w->set(3);
    co_await let_others_run();
    w.reset();
    co_await gather(a, b);
    EXPECT_EQ(one, (std::vector{1, 3})) << "what nobody had time to see is skipped";
    EXPECT_EQ(other, one);
}

TORUS_TEST(watch, S308_a_change_that_was_not_seen_is_there_at_once) {
    watch<std::string> w("first");
    auto seen = w.subscribe();
    EXPECT_FALSE(seen.has_changed());
    EXPECT_EQ(seen.value(), "first");
    w.set("second");
    EXPECT_TRUE(seen.has_changed());
    co_await seen.changed();
    EXPECT_FALSE(seen.has_changed());
    w.modify([](std::string& value) { value += "!"; });
    EXPECT_EQ(seen.value(), "second!");
    EXPECT_FALSE(seen.has_changed()) << "looking is seeing";
    EXPECT_EQ(w.value(), "second!");
    co_await expect_throws<timeout_error>(timeout(1s, seen.changed()));
}

TORUS_TEST(watch, S308_a_copy_follows_on_its_own) {
    watch<int> w(1);
    auto seen = w.subscribe();
    w.set(2);
    auto copy = seen;
    EXPECT_EQ(seen.value(), 2);
    EXPECT_TRUE(copy.has_changed());
    EXPECT_EQ(co_await copy.next(), 2);
    EXPECT_FALSE(w.subscribe().has_changed());
}

TORUS_TEST(watch, S309_when_it_is_gone_the_last_value_can_still_be_seen_and_then_the_end) {
    auto w = std::make_unique<watch<int>>(1);
    auto seen = w->subscribe();
    auto waiting = create_task([](watch_receiver<int> own) -> async<> { co_await own.changed(); }(w->subscribe()));
    co_await let_others_run();
    w->set(2);
    co_await waiting;
    waiting = create_task([](watch_receiver<int> own) -> async<> { co_await own.changed(); }(w->subscribe()));
    co_await let_others_run();
    w.reset();
    co_await expect_throws<watch_closed>(waiting);
    co_await seen.changed();
    EXPECT_EQ(seen.value(), 2);
    co_await expect_throws<watch_closed>(seen.changed());
    EXPECT_EQ(co_await seen.next(), std::nullopt);
}

TORUS_TEST(watch, S309_who_was_told_hears_of_it_and_its_cancel_stays_pending) {
    watch<int> w(1);
    std::vector<int> log;
    auto waiting = create_task(
        [](watch_receiver<int> seen, std::vector<int>& values) -> async<> {
            co_await seen.changed();
            values.push_back(seen.value());
            co_await sleep(1h);
        },
        w.subscribe(), std::ref(log));
    co_await let_others_run();
    w.set(2);
    waiting.cancel();
    co_await expect_throws<cancelled_error>(waiting);
    EXPECT_EQ(log, (std::vector{2}));
}

TORUS_TEST(watch, S309_a_cancelled_wait_has_seen_nothing) {
    watch<int> w(1);
    auto seen = w.subscribe();
    co_await expect_throws<timeout_error>(timeout(1s, seen.changed()));
    w.set(2);
    EXPECT_TRUE(seen.has_changed());
    EXPECT_EQ(co_await seen.next(), 2);
}

TORUS_TEST(watch, two_tasks_that_share_a_receiver_both_hear_of_a_change) {
    watch<int> w(1);
    auto seen = w.subscribe();
    auto wait = [](watch_receiver<int>& shared) -> async<int> {
        co_await shared.changed();
        co_return shared.value();
    };
    auto a = create_task(wait(seen));
    auto b = create_task(wait(seen));
    co_await let_others_run();
    w.set(2);
    EXPECT_EQ(co_await a, 2);
    EXPECT_EQ(co_await b, 2);
}

TORUS_TEST(watch, S308_a_change_that_fails_is_none) {
    watch<int> w(1);
    auto seen = w.subscribe();
    EXPECT_THROW(w.modify([](int&) { throw std::runtime_error("change"); }), std::runtime_error);
    EXPECT_FALSE(seen.has_changed());
    co_return;
}

}  // namespace
