// tests/sync/event_test.cpp: what tasks that wait for an event are promised.
#include <torus/sync/event.hpp>

#include <memory>
#include <string>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> wait_and_note(event& e, std::string& log, char name) {
    co_await e.wait();
    log += name;
}

TORUS_TEST(event, S161_set_wakes_all_waiters_in_order_of_arrival) {
    event e;
    std::string log;
    auto a = create_task(wait_and_note(e, log, 'a'));
    auto b = create_task(wait_and_note(e, log, 'b'));
    auto c = create_task(wait_and_note(e, log, 'c'));
    co_await let_others_run();
    EXPECT_EQ(log, "");
    e.set();
    EXPECT_EQ(log, "") << "they are resumed in a later pass";
    EXPECT_TRUE(e.is_set());
    co_await gather(a, b, c);
    EXPECT_EQ(log, "abc");
}

TORUS_TEST(event, S161_waiting_for_a_set_event_does_not_suspend) {
    event e;
    e.set();
    bool other_ran = false;
    auto other = create_task(note_run(other_ran));
    co_await e.wait();
    co_await e.wait();
    EXPECT_FALSE(other_ran);
    co_await other;
}

TORUS_TEST(event, S162_set_followed_by_clear_releases_everyone_who_was_waiting) {
    event e;
    std::string log;
    auto a = create_task(wait_and_note(e, log, 'a'));
    auto b = create_task(wait_and_note(e, log, 'b'));
    co_await let_others_run();
    e.set();
    e.clear();
    EXPECT_FALSE(e.is_set());
    auto late = create_task(wait_and_note(e, log, 'c'));
    co_await gather(a, b);
    EXPECT_EQ(log, "ab");
    co_await let_others_run();
    EXPECT_FALSE(late.done());
    e.set();
    co_await late;
}

TORUS_TEST(event, S163_a_cancelled_waiter_disappears) {
    event e;
    std::string log;
    auto a = create_task(wait_and_note(e, log, 'a'));
    auto b = create_task(wait_and_note(e, log, 'b'));
    auto c = create_task(wait_and_note(e, log, 'c'));
    co_await let_others_run();
    b.cancel();
    co_await expect_throws<cancelled_error>(b);
    e.set();
    co_await gather(a, c);
    EXPECT_EQ(log, "ac");
}

TORUS_TEST(event, S126_a_waiter_that_was_woken_stays_woken_when_it_is_cancelled) {
    event e;
    std::string log;
    auto t = create_task(
        [](event& awaited, std::string& text) -> async<> {
            co_await awaited.wait();
            text += "woken ";
            try {
                co_await yield_now();
            } catch (const cancelled_error& error) {
                text += error.reason();
                throw;
            }
        },
        std::ref(e), std::ref(log));
    co_await let_others_run();
    e.set();
    t.cancel("late");
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "woken late");
}

TORUS_TEST(event, a_pending_cancellation_is_thrown_instead_of_waiting) {
    event e;
    current_task().cancel("now");
    auto thrown = co_await expect_throws<cancelled_error>(e.wait());
    EXPECT_EQ(thrown.reason(), "now");
    current_task().uncancel();
    e.set();
    co_await e.wait();
}

TORUS_TEST(event, a_waiter_may_set_it_for_the_others_and_wait_again) {
    event e;
    int rounds = 0;
    auto again = [](event& awaited, int& count) -> async<> {
        for (int i = 0; i < 3; ++i) {
            co_await awaited.wait();
            ++count;
            awaited.clear();
            co_await yield_now();
            awaited.set();
        }
    };
    auto a = create_task(again, std::ref(e), std::ref(rounds));
    auto b = create_task(again, std::ref(e), std::ref(rounds));
    co_await yield_now();
    e.set();
    co_await gather(a, b);
    EXPECT_EQ(rounds, 6);
}

TORUS_TEST(event, S60_another_loops_waiters_are_refused) {
    auto e = std::make_unique<event>();
    auto waiting = create_task([](event& awaited) -> async<> { co_await awaited.wait(); }, std::ref(*e));
    co_await let_others_run();
    const std::string refused = co_await to_thread(
        [](event* shared) {
            std::string what;
            try {
                run([](event& foreign) -> async<> { co_await foreign.wait(); }(*shared));
            } catch (const std::runtime_error& error) {
                what = error.what();
            }
            EXPECT_THROW(shared->set(), std::runtime_error) << "from a thread without a loop";
            return what;
        },
        e.get());
    EXPECT_NE(refused.find("bound to a different event loop"), std::string::npos) << refused;
    EXPECT_FALSE(e->is_set());
    e->set();
    co_await waiting;
}

TORUS_TEST(event, serves_one_loop_after_the_other) {
    static event shared;
    co_await to_thread([] {
        run([]() -> async<> {
            auto waiting = create_task([]() -> async<> { co_await shared.wait(); });
            co_await yield_now();
            shared.set();
            co_await waiting;
            shared.clear();
        }());
    });
    auto waiting = create_task([]() -> async<> { co_await shared.wait(); });
    co_await yield_now();
    shared.set();
    co_await waiting;
    shared.clear();
}

TORUS_TEST(event, destroyed_before_its_waiters_leaves_them_cancellable) {
    auto e = std::make_unique<event>();
    auto waiting = create_task([](event& awaited) -> async<> { co_await awaited.wait(); }, std::ref(*e));
    co_await let_others_run();
    e.reset();
    co_await let_others_run();
    EXPECT_FALSE(waiting.done());
    waiting.cancel();
    co_await expect_throws<cancelled_error>(waiting);
}

}  // namespace
