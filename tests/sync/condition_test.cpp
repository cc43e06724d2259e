// tests/sync/condition_test.cpp: waiting, notifying, and who has the lock meanwhile.
#include <torus/sync/condition.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

#include "sync/ending.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> wait_and_note(condition& c, std::string& log, char name, duration hold = duration::zero()) {
    auto held = co_await c.lock();
    co_await c.wait(held);
    EXPECT_TRUE(c.locked());
    EXPECT_TRUE(held);
    log += name;
    if (hold > duration::zero()) co_await sleep(hold);
}

/// Notes its name in capitals if its wait was cancelled, and whether it has the lock then.
async<> note_cancelled(condition& c, std::string& log, char name) {
    auto held = co_await c.lock();
    try {
        co_await c.wait(held);
        log += name;
    } catch (const cancelled_error&) {
        log += held ? "L" : "-";
        log += name;
        throw;
    }
}

async<> notify(condition& c, std::size_t count) {
    auto held = co_await c.lock();
    c.notify(count);
}

TORUS_TEST(condition, S167_waiting_without_the_lock_is_an_error) {
    condition c;
    mutex other;
    mutex::guard none;
    co_await expect_throws<invalid_state_error>(c.wait(none));
    auto others = co_await other.lock();
    co_await expect_throws<invalid_state_error>(c.wait(others));
    co_await expect_throws<invalid_state_error>(c.wait_for(none, [] { return true; }));
    EXPECT_TRUE(others) << "untouched";
    EXPECT_FALSE(c.locked());
}

TORUS_TEST(condition, S167_notifying_without_the_lock_is_an_error) {
    condition c;
    EXPECT_THROW(c.notify(), invalid_state_error);
    EXPECT_THROW(c.notify_all(), invalid_state_error);
    auto held = co_await c.lock();
    c.notify();  // nobody waits
    c.notify_all();
}

TORUS_TEST(condition, S168_notify_wakes_so_many_in_order_of_arrival) {
    condition c;
    std::string log;
    std::vector<task<>> tasks;
    for (char name = 'a'; name <= 'e'; ++name) tasks.push_back(create_task(wait_and_note(c, log, name)));
    co_await let_others_run();
    EXPECT_FALSE(c.locked()) << "whoever waits has released the lock";
    co_await notify(c, 2);
    co_await let_others_run();
    EXPECT_EQ(log, "ab");
    co_await notify(c, 1);
    co_await let_others_run();
    EXPECT_EQ(log, "abc");
    auto held = co_await c.lock();
    c.notify_all();
    held.unlock();
    co_await gather(tasks);
    EXPECT_EQ(log, "abcde");
}

TORUS_TEST(condition, S168_who_is_notified_goes_on_when_it_has_the_lock_which_notify_does_not_release) {
    condition c;
    std::string log;
    auto a = create_task(wait_and_note(c, log, 'a', 1s));
    auto b = create_task(wait_and_note(c, log, 'b', 1s));
    co_await let_others_run();
    auto held = co_await c.lock();
    c.notify_all();
    co_await sleep(5s);
    EXPECT_EQ(log, "") << "this task has the lock";
    held.unlock();
    co_await let_others_run();
    EXPECT_EQ(log, "a");
    co_await gather(a, b);
    EXPECT_EQ(log, "ab");
    EXPECT_EQ(elapsed(), 7s);
    EXPECT_FALSE(c.locked());
}

TORUS_TEST(condition, S168_who_is_notified_stands_in_line_for_the_lock_like_everybody) {
    condition c;
    std::string log;
    auto notified = create_task(wait_and_note(c, log, 'n'));
    co_await let_others_run();
    auto held = co_await c.lock();
    auto early = create_task(
        [](condition& wanted, std::string& text) -> async<> {
            auto mine = co_await wanted.lock();
            text += 'e';
        },
        std::ref(c), std::ref(log));
    co_await let_others_run();
    c.notify();
    held.unlock();
    co_await gather(notified, early);
    EXPECT_EQ(log, "en");
}

TORUS_TEST(condition, S169_a_cancelled_waiter_takes_the_lock_before_it_throws) {
    condition c;
    std::string log;
    auto waiting = create_task(note_cancelled(c, log, 'a'));
    co_await let_others_run();
    auto held = co_await c.lock();
    waiting.cancel();
    co_await sleep(1s);
    EXPECT_EQ(log, "") << "the lock is not free";
    waiting.cancel();  // changes nothing
    co_await let_others_run();
    EXPECT_EQ(log, "");
    held.unlock();
    co_await expect_throws<cancelled_error>(waiting);
    EXPECT_EQ(log, "La");
    EXPECT_FALSE(c.locked());
}

TORUS_TEST(condition, S169_a_cancelled_waiter_takes_a_free_lock_at_once) {
    condition c;
    std::string log;
    auto waiting = create_task(note_cancelled(c, log, 'a'));
    co_await let_others_run();
    waiting.cancel();
    EXPECT_TRUE(c.locked()) << "it is the waiter's already";
    co_await expect_throws<cancelled_error>(waiting);
    EXPECT_EQ(log, "La");
    EXPECT_FALSE(c.locked());
}

TORUS_TEST(condition, S169_who_was_notified_returns_and_its_cancel_stays_pending) {
    condition c;
    std::string log;
    auto waiting = create_task(
        [](condition& awaited, std::string& text) -> async<> {
            auto held = co_await awaited.lock();
            co_await awaited.wait(held);
            text += "notified";
            co_await sleep(1h);
            text += ", never here";
        },
        std::ref(c), std::ref(log));
    co_await let_others_run();
    auto held = co_await c.lock();
    c.notify();
    waiting.cancel();
    co_await let_others_run();
    held.unlock();
    co_await expect_throws<cancelled_error>(waiting);
    EXPECT_EQ(log, "notified");
}

TORUS_TEST(condition, S300_no_notification_is_lost_to_a_cancelled_waiter) {
    condition c;
    std::string log;
    auto a = create_task(note_cancelled(c, log, 'a'));
    auto b = create_task(note_cancelled(c, log, 'b'));
    co_await let_others_run();
    auto held = co_await c.lock();
    a.cancel();
    c.notify();
    held.unlock();
    co_await ended(a);
    co_await b;
    EXPECT_EQ(log, "Lab");
}

// Three wait, two are notified; one of all is cancelled after any number of passes.
TORUS_TEST(condition, S300_cancelled_at_every_pass_every_notification_wakes_somebody) {
    for (int passes = 0; passes < 12; ++passes) {
        for (std::size_t victim = 0; victim < 3; ++victim) {
            condition c;
            std::string log;
            std::vector<task<>> tasks;
            for (char name = 'a'; name <= 'c'; ++name) tasks.push_back(create_task(note_cancelled(c, log, name)));
            co_await let_others_run(5);
            auto notifier = create_task(notify(c, 1));
            auto second = create_task(notify(c, 1));
            co_await let_others_run(passes);
            tasks[victim].cancel();
            co_await gather(notifier, second);
            co_await let_others_run();
            const auto cancelled = static_cast<std::size_t>(std::count(log.begin(), log.end(), 'L'));
            EXPECT_EQ(log.size(), 2 + 2 * cancelled) << passes << " passes, victim " << victim << ": " << log;
            for (task<>& each : tasks) each.cancel();
            for (task<>& each : tasks) co_await ended(each);
            EXPECT_FALSE(c.locked());
            EXPECT_EQ(log.find('-'), std::string::npos) << log;
        }
    }
}

TORUS_TEST(condition, S170_wait_for_asks_at_once_and_after_each_notification_and_gives_the_value) {
    condition c;
    int asked = 0;
    std::vector<int> items;
    auto consumer = create_task([&]() -> async<int> {
        auto held = co_await c.lock();
        auto enough = [&] {
            ++asked;
            return items.size() >= 2 ? items[0] + items[1] : 0;
        };
        co_return co_await c.wait_for(held, enough);
    });
    for (int i = 0; i < 3; ++i) {
        co_await let_others_run();
        EXPECT_EQ(asked, i + 1);
        if (i == 2) break;
        auto held = co_await c.lock();
        items.push_back(20 + i);
        c.notify();
    }
    EXPECT_EQ(co_await consumer, 41);
}

TORUS_TEST(condition, S170_a_predicate_that_is_true_does_not_wait) {
    condition c;
    auto held = co_await c.lock();
    EXPECT_TRUE(co_await c.wait_for(held, [] { return true; }));
    EXPECT_TRUE(held);
}

TORUS_TEST(condition, S301_what_the_predicate_throws_comes_out_with_the_lock_held) {
    condition c;
    auto held = co_await c.lock();
    auto failing = []() -> bool { throw std::runtime_error("predicate"); };
    co_await expect_throws<std::runtime_error>(c.wait_for(held, failing));
    EXPECT_TRUE(held);
}

TORUS_TEST(condition, S302_two_conditions_share_a_lock) {
    mutex m;
    condition not_empty(m);
    condition not_full(m);
    std::string log;
    auto consumer = create_task(wait_and_note(not_empty, log, 'c'));
    auto producer = create_task(wait_and_note(not_full, log, 'p'));
    co_await let_others_run();
    auto held = co_await m.lock();
    not_full.notify_all();
    held.unlock();
    co_await producer;
    EXPECT_EQ(log, "p");
    held = co_await not_empty.lock();
    not_empty.notify();
    held.unlock();
    co_await consumer;
    EXPECT_EQ(log, "pc");
}

TORUS_TEST(condition, a_pending_cancel_is_thrown_before_the_lock_is_released) {
    condition c;
    std::string log;
    auto held = co_await c.lock();
    auto waiting = create_task(note_cancelled(c, log, 'a'));
    co_await let_others_run();
    held.unlock();     // hands it over
    waiting.cancel();  // too late for that, so it is thrown at the wait
    co_await expect_throws<cancelled_error>(waiting);
    EXPECT_EQ(log, "La");
    EXPECT_FALSE(c.locked());
}

TORUS_TEST(condition, destroyed_before_those_who_wait_it_leaves_them_cancellable_without_the_lock) {
    auto c = std::make_unique<condition>();
    std::string log;
    auto waiting = create_task(note_cancelled(*c, log, 'a'));
    co_await let_others_run();
    c.reset();
    waiting.cancel();
    co_await expect_throws<cancelled_error>(waiting);
    EXPECT_EQ(log, "-a");
}

TORUS_TEST(condition, S60_one_that_tasks_of_another_loop_wait_for_is_refused) {
    condition c;
    std::string log;
    auto waiting = create_task(wait_and_note(c, log, 'a'));
    co_await let_others_run();
    auto held = co_await c.lock();
    const std::string refused = co_await to_thread(
        [](condition* shared) {
            try {
                run([](condition& foreign) -> async<> {
                    foreign.notify();
                    co_return;
                }(*shared));
            } catch (const std::runtime_error& error) {
                return std::string(error.what());
            }
            return ""s;
        },
        &c);
    EXPECT_NE(refused.find("bound to a different event loop"), std::string::npos) << refused;
    c.notify();
    held.unlock();
    co_await waiting;
}

// The holder refuses to end, so that who waits for its lock does not either: both are dropped, without a hang or a leak.
TEST(condition, S303_a_loop_that_drops_its_tasks_drops_those_that_take_the_lock_again) {
    condition c;
    std::string log;
    auto main = [](condition& shared, std::string& text) -> async<> {
        spawn(note_cancelled(shared, text, 'a'));
        spawn([](condition& wanted) -> async<> {
            auto held = co_await wanted.lock();
            for (;;) {
                try {
                    co_await sleep_forever();
                } catch (const cancelled_error&) {}
            }
        }(shared));
        co_await let_others_run();
    };
    run_options options;
    options.clock = clock_kind::simulated;
    options.task_grace = 0s;
    ::testing::internal::CaptureStderr();
    run(main(c, log), options);
    const std::string reported = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(log, "");
    EXPECT_EQ(reported.find("leaked"), std::string::npos) << reported;
    EXPECT_NE(reported.find("was dropped"), std::string::npos) << reported;
}

}  // namespace
