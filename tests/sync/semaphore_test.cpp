// tests/sync/semaphore_test.cpp: that permits are neither lost nor multiplied.
#include <torus/sync/semaphore.hpp>

#include <memory>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> acquire_and_note(semaphore& s, std::string& log, char name, duration hold) {
    auto permit = co_await s.acquire();
    log += name;
    co_await sleep(hold);
}

/// Waits for the end of a task, however it ends.
async<> ended(task<> t) {
    try {
        co_await t;
    } catch (const cancelled_error&) {}
}

TORUS_TEST(semaphore, S164_permits_are_given_in_order_of_arrival) {
    semaphore s{2};
    std::string log;
    std::vector<task<>> tasks;
    for (char name = 'a'; name <= 'f'; ++name) tasks.push_back(create_task(acquire_and_note(s, log, name, 1s)));
    co_await gather(tasks);
    EXPECT_EQ(log, "abcdef");
    EXPECT_EQ(elapsed(), 3s);
    EXPECT_EQ(s.value(), 2);
}

TORUS_TEST(semaphore, S164_a_newcomer_does_not_overtake_and_the_value_is_never_negative) {
    semaphore s{1};
    std::string log;
    auto permit = co_await s.acquire();
    EXPECT_EQ(s.value(), 0);
    EXPECT_TRUE(s.locked());
    auto waiting = create_task(acquire_and_note(s, log, 'w', 1s));
    co_await let_others_run();
    EXPECT_EQ(s.value(), 0);
    permit.release();
    EXPECT_EQ(s.value(), 0) << "it was handed to the waiter";
    EXPECT_FALSE(s.try_acquire());
    permit = co_await s.acquire();
    EXPECT_EQ(log, "w");
    EXPECT_EQ(elapsed(), 1s);
    co_await waiting;
}

TORUS_TEST(semaphore, taking_a_free_permit_does_not_suspend) {
    semaphore s{2};
    bool other_ran = false;
    auto other = create_task(note_run(other_ran));
    auto first = co_await s.acquire();
    auto second = co_await s.acquire();
    EXPECT_FALSE(other_ran);
    EXPECT_FALSE(s.try_acquire());
    co_await other;
}

TORUS_TEST(semaphore, S165_a_cancelled_waiter_takes_no_permit_with_it) {
    semaphore s{1};
    std::string log;
    auto permit = co_await s.acquire();
    auto a = create_task(acquire_and_note(s, log, 'a', 0s));
    auto b = create_task(acquire_and_note(s, log, 'b', 0s));
    co_await let_others_run();
    a.cancel();
    permit.release();
    co_await expect_throws<cancelled_error>(a);
    co_await b;
    EXPECT_EQ(log, "b");
    EXPECT_EQ(s.value(), 1);
}

TORUS_TEST(semaphore, S165_who_was_handed_a_permit_receives_it_and_its_cancel_stays_pending) {
    semaphore s{1};
    std::string log;
    auto permit = co_await s.acquire();
    auto a = create_task(acquire_and_note(s, log, 'a', 1h));
    co_await let_others_run();
    permit.release();
    a.cancel();
    co_await expect_throws<cancelled_error>(a);
    EXPECT_EQ(log, "a");
    EXPECT_EQ(s.value(), 1);
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_TEST(semaphore, S130_cancelling_at_every_step_never_loses_a_permit) {
    for (int passes = 0; passes < 12; ++passes) {
        semaphore s{2};
        std::string log;
        std::vector<task<>> tasks;
        for (char name = 'a'; name <= 'f'; ++name) tasks.push_back(create_task(acquire_and_note(s, log, name, 0s)));
        co_await let_others_run(passes);
        for (std::size_t i : {0, 2, 3}) tasks[i].cancel();
        for (task<>& each : tasks) co_await ended(each);
        EXPECT_EQ(s.value(), 2) << passes;
        EXPECT_EQ(log.back(), 'f') << passes;
    }
}

TORUS_TEST(semaphore, S166_a_bounded_one_refuses_to_grow) {
    bounded_semaphore s{2};
    EXPECT_THROW(s.release(), invalid_state_error);
    auto permit = co_await s.acquire();
    EXPECT_THROW(s.release(2), invalid_state_error);
    EXPECT_EQ(s.value(), 1);
    permit.forget();
    s.release();
    EXPECT_EQ(s.value(), 2);
    EXPECT_THROW(s.release(), invalid_state_error);
}

TORUS_TEST(semaphore, releasing_adds_permits_to_an_unbounded_one) {
    semaphore s{0};
    std::string log;
    auto a = create_task(acquire_and_note(s, log, 'a', 0s));
    auto b = create_task(acquire_and_note(s, log, 'b', 0s));
    co_await let_others_run();
    EXPECT_EQ(log, "");
    s.release(3);
    EXPECT_EQ(s.value(), 1) << "two were handed over";
    co_await gather(a, b);
    EXPECT_EQ(s.value(), 3);
}

TORUS_TEST(semaphore, nonsense_is_refused) {
    EXPECT_THROW(semaphore(-1), std::invalid_argument);
    EXPECT_THROW(bounded_semaphore(-1), std::invalid_argument);
    semaphore s{1};
    EXPECT_THROW(s.release(-1), std::invalid_argument);
    s.release(0);
    EXPECT_EQ(s.value(), 1);
    co_return;
}

TORUS_TEST(semaphore, a_permit_moves_and_forgets) {
    semaphore s{2};
    auto permit = co_await s.acquire();
    auto moved = std::move(permit);
    EXPECT_FALSE(permit);
    permit = co_await s.acquire();
    EXPECT_EQ(s.value(), 0);
    permit = std::move(moved);
    EXPECT_EQ(s.value(), 1) << "assigning gives back what was held before";
    permit.release();
    permit.release();
    EXPECT_EQ(s.value(), 2);
}

TORUS_TEST(semaphore, S60_one_in_use_by_another_loop_is_refused) {
    semaphore s{2};
    auto permit = co_await s.acquire();
    const std::string refused = co_await to_thread(
        [](semaphore* shared) {
            try {
                run([](semaphore& foreign) -> async<> { auto never = co_await foreign.acquire(); }(*shared));
            } catch (const std::runtime_error& error) {
                return std::string(error.what());
            }
            return ""s;
        },
        &s);
    EXPECT_NE(refused.find("bound to a different event loop"), std::string::npos) << refused;
    permit.release();
    co_await to_thread(
        [](semaphore* shared) {  // unused, it may be taken over
            run([](semaphore& foreign) -> async<> { auto taken = co_await foreign.acquire(); }(*shared));
        },
        &s);
    permit = co_await s.acquire();
}

TORUS_TEST(semaphore, destroyed_before_its_waiters_leaves_them_cancellable) {
    auto s = std::make_unique<semaphore>(0);
    std::string log;
    auto waiting = create_task(acquire_and_note(*s, log, 'w', 0s));
    co_await let_others_run();
    s.reset();
    waiting.cancel();
    co_await expect_throws<cancelled_error>(waiting);
}

}  // namespace
