// tests/sync/mutex_test.cpp: who holds a lock, and who gets it next.
#include <torus/sync/mutex.hpp>

#include <memory>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> lock_and_note(mutex& m, std::string& log, char name, duration hold) {
    auto held = co_await m.lock();
    log += name;
    co_await sleep(hold);
}

/// Waits for the end of a task, however it ends.
async<> ended(task<> t) {
    try {
        co_await t;
    } catch (const cancelled_error&) {}
}

TORUS_TEST(mutex, S155_waiters_get_it_in_order_of_arrival) {
    mutex m;
    std::string log;
    std::vector<task<>> tasks;
    for (char name = 'a'; name <= 'e'; ++name) tasks.push_back(create_task(lock_and_note(m, log, name, 1s)));
    co_await gather(tasks);
    EXPECT_EQ(log, "abcde");
    EXPECT_EQ(elapsed(), 5s);
    EXPECT_FALSE(m.locked());
}

TORUS_TEST(mutex, S156_a_newcomer_queues_behind_those_who_wait) {
    mutex m;
    std::string log;
    auto held = co_await m.lock();
    auto waiting = create_task(lock_and_note(m, log, 'w', 1s));
    co_await let_others_run();
    held.unlock();
    EXPECT_TRUE(m.locked()) << "it is the waiter's already";
    EXPECT_FALSE(m.try_lock());
    held = co_await m.lock();
    EXPECT_EQ(log, "w");
    EXPECT_EQ(elapsed(), 1s);
    co_await waiting;
}

TORUS_TEST(mutex, S157_taking_a_free_lock_does_not_suspend) {
    mutex m;
    bool other_ran = false;
    auto other = create_task(note_run(other_ran));
    for (int i = 0; i < 3; ++i) auto held = co_await m.lock();
    EXPECT_FALSE(other_ran);
    co_await other;
}

TORUS_TEST(mutex, S158_a_cancelled_waiter_leaves_the_line) {
    mutex m;
    std::string log;
    auto held = co_await m.lock();
    auto a = create_task(lock_and_note(m, log, 'a', 1s));
    auto b = create_task(lock_and_note(m, log, 'b', 1s));
    co_await let_others_run();
    a.cancel();
    held.unlock();
    co_await expect_throws<cancelled_error>(a);
    co_await b;
    EXPECT_EQ(log, "b");
    EXPECT_FALSE(m.locked());
}

TORUS_TEST(mutex, S158_who_was_handed_the_lock_receives_it_and_its_cancel_stays_pending) {
    mutex m;
    std::string log;
    auto held = co_await m.lock();
    auto a = create_task(
        [](mutex& wanted, std::string& text) -> async<> {
            auto mine = co_await wanted.lock();
            text += "got it";
            co_await sleep(1h);
            text += ", never here";
        },
        std::ref(m), std::ref(log));
    auto b = create_task(lock_and_note(m, log, 'b', 0s));
    co_await let_others_run();
    held.unlock();
    a.cancel();
    co_await expect_throws<cancelled_error>(a);
    co_await b;
    EXPECT_EQ(log, "got itb");
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_TEST(mutex, S130_cancelling_at_every_step_never_loses_the_lock) {
    for (int passes = 0; passes < 12; ++passes) {
        mutex m;
        std::string log;
        std::vector<task<>> tasks;
        for (char name = 'a'; name <= 'd'; ++name) tasks.push_back(create_task(lock_and_note(m, log, name, 0s)));
        co_await let_others_run(passes);
        tasks[1].cancel();
        tasks[2].cancel();
        for (task<>& each : tasks) co_await ended(each);
        EXPECT_FALSE(m.locked()) << passes;
        EXPECT_EQ(log.front(), 'a');
        EXPECT_EQ(log.back(), 'd');
    }
}

TORUS_TEST(mutex, S159_unlocking_a_free_lock_is_an_error) {
    mutex m;
    EXPECT_THROW(m.unlock(), invalid_state_error);
    auto held = co_await m.lock();
    held.unlock();
    EXPECT_THROW(m.unlock(), invalid_state_error);
    held.unlock();  // the guard knows that it holds nothing
}

TORUS_TEST(mutex, S159_it_is_not_reentrant) {
    mutex m;
    auto held = co_await m.lock();
    EXPECT_FALSE(m.try_lock());
    co_await expect_throws<timeout_error>(timeout(1s, m.lock()));
    EXPECT_TRUE(m.locked());
}

TORUS_TEST(mutex, S160_the_guard_releases_on_scope_exit_exception_and_cancellation) {
    mutex m;
    { auto held = co_await m.lock(); }
    EXPECT_FALSE(m.locked());
    auto failing = [](mutex& wanted) -> async<> {
        auto held = co_await wanted.lock();
        throw std::runtime_error("within");
    };
    co_await expect_throws<std::runtime_error>(failing(m));
    EXPECT_FALSE(m.locked());
    std::string log;
    auto holder = create_task(lock_and_note(m, log, 'a', 1h));
    co_await let_others_run();
    EXPECT_TRUE(m.locked());
    holder.cancel();
    co_await expect_throws<cancelled_error>(holder);
    EXPECT_FALSE(m.locked());
}

TORUS_TEST(mutex, a_guard_moves_and_forgets) {
    mutex m;
    mutex other;
    auto held = co_await m.lock();
    auto moved = std::move(held);
    EXPECT_FALSE(held);
    EXPECT_TRUE(moved);
    held = co_await other.lock();
    moved = std::move(held);
    EXPECT_FALSE(m.locked()) << "assigning releases what was held before";
    EXPECT_TRUE(other.locked());
    moved.forget();
    EXPECT_TRUE(other.locked());
    other.unlock();
    EXPECT_FALSE(other.locked());
    auto tried = other.try_lock();
    EXPECT_TRUE(tried);
    EXPECT_TRUE(other.locked());
}

TORUS_TEST(mutex, unlocking_by_hand_hands_over_too) {
    mutex m;
    std::string log;
    (co_await m.lock()).forget();
    auto a = create_task(lock_and_note(m, log, 'a', 0s));
    co_await let_others_run();
    m.unlock();
    EXPECT_TRUE(m.locked());
    co_await a;
    EXPECT_FALSE(m.locked());
}

TORUS_TEST(mutex, S60_a_lock_held_by_another_loop_is_refused) {
    mutex m;
    auto held = co_await m.lock();
    const std::string refused = co_await to_thread(
        [](mutex* shared) {
            try {
                run([](mutex& foreign) -> async<> { auto never = co_await foreign.lock(); }(*shared));
            } catch (const std::runtime_error& error) {
                return std::string(error.what());
            }
            return ""s;
        },
        &m);
    EXPECT_NE(refused.find("bound to a different event loop"), std::string::npos) << refused;
    held.unlock();
    co_await to_thread(
        [](mutex* shared) {  // free, it may be taken over
            run([](mutex& foreign) -> async<> { auto taken = co_await foreign.lock(); }(*shared));
        },
        &m);
    held = co_await m.lock();
}

TORUS_TEST(mutex, destroyed_before_its_waiters_leaves_them_cancellable) {
    auto m = std::make_unique<mutex>();
    std::string log;
    (co_await m->lock()).forget();
    auto waiting = create_task(lock_and_note(*m, log, 'w', 0s));
    co_await let_others_run();
    m.reset();
    waiting.cancel();
    co_await expect_throws<cancelled_error>(waiting);
}

}  // namespace
