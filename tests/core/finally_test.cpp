// tests/core/finally_test.cpp: cleaning up, however something ends.
#include <torus/core/finally.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <torus/core/time.hpp>
#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// Takes so long, and notes how it ended: 'c' when it is whole, 'x' when it was interrupted.
async<> clean_up(std::string& log, duration span) {
    try {
        co_await sleep(span);
    } catch (const cancelled_error&) {
        log += 'x';
        throw;
    }
    log += 'c';
}

/// A task that runs `body`, then takes two seconds to clean up.
template <class Body> task<> run_with_clean_up(std::string& log, Body body) {
    return create_task(
        [](std::string& text, Body what) -> async<> {
            co_await finally(what, clean_up(text, 2s));
            text += '.';
            co_await yield_now();
            text += "never here";
        },
        std::ref(log), std::move(body));
}

async<> sleep_for(duration span) { co_await sleep(span); }

TORUS_TEST(finally, S258_the_clean_up_runs_after_the_body_and_the_result_passes) {
    std::string log;
    EXPECT_EQ(co_await finally(slowly(1s, 5), clean_up(log, 1s)), 5);
    EXPECT_EQ(log, "c");
    EXPECT_EQ(elapsed(), 2s);
    co_await finally([&]() -> async<> { co_await note(log, 'b'); }, [&] { log += 'p'; });
    EXPECT_EQ(log, "cbp") << "closures, also plain ones";
    EXPECT_EQ(co_await finally([] { return 3; }, [&]() -> async<> { co_await note(log, 'd'); }), 3);
    int referred = 0;
    auto refer = [&]() -> async<int&> { co_return referred; };
    EXPECT_EQ(&co_await finally(refer, [] {}), &referred);
    auto make = []() -> async<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
    EXPECT_EQ(*co_await finally(make(), [] {}), 7);
}

TORUS_TEST(finally, S258_also_after_an_error_or_a_cancellation) {
    std::string log;
    co_await expect_throws<std::out_of_range>(finally(fail_after<std::out_of_range>(1s), clean_up(log, 1s)));
    EXPECT_EQ(log, "c");
    auto t = run_with_clean_up(log, [] { return sleep_for(1h); });
    co_await let_others_run();
    t.cancel("why");
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_TRUE(thrown.reason() == "why");
    EXPECT_EQ(log, "cc");
    EXPECT_EQ(elapsed(), 4s);
}

TORUS_TEST(finally, S258_a_body_that_never_begins_needs_none) {
    std::string log;
    auto t = run_with_clean_up(log, [] { return sleep_for(1h); });
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "");
}

TORUS_TEST(finally, S258_nothing_else_runs_between_the_body_and_a_clean_up_that_does_not_wait) {
    bool other_ran = false;
    auto other = create_task(note_run(other_ran));
    co_await finally([] {}, [&] { EXPECT_FALSE(other_ran); });
    EXPECT_FALSE(other_ran);
    co_await other;
}

TORUS_TEST(finally, S259_the_bodys_error_wins_and_the_clean_ups_is_reported) {
    auto thrown = co_await expect_throws<std::runtime_error>(
        finally(fail_after(1s, "body"), fail_after<std::out_of_range>(1s, "clean")));
    EXPECT_STREQ(thrown.what(), "body");
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    for (const std::string& each : reports) {
        EXPECT_NE(each.find("clean"), each.npos) << each;
        EXPECT_NE(each.find("body"), each.npos) << each;
    }
}

TORUS_TEST(finally, S259_the_clean_ups_error_wins_over_a_result) {
    co_await expect_throws<std::out_of_range>(finally(slowly(1s, 5), fail_after<std::out_of_range>(1s)));
}

TORUS_TEST(finally, S259_and_over_a_cancellation_which_stays_pending) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        co_await expect_throws<std::out_of_range>(finally(sleep_forever(), fail_after<std::out_of_range>(1s)));
        EXPECT_EQ(current_task().cancelling(), 1);
        log += "error";
        co_await yield_now();
        log += ", never here";
    });
    co_await let_others_run();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "error");
}

TORUS_TEST(finally, S259_a_clean_up_after_something_that_somebody_else_cancelled) {
    auto t = create_task(slowly(1h, 0));
    t.cancel();
    auto thrown = co_await expect_throws<cancelled_error>(finally(t, [] {}));
    EXPECT_FALSE(thrown.is_own());
    co_await expect_throws<std::out_of_range>(finally(t, fail_after<std::out_of_range>(1s)));
    co_await sleep(1s);
}

TORUS_TEST(finally, S260_a_cancellation_that_is_pending_when_the_body_ends_is_held) {
    std::string log;
    auto t = run_with_clean_up(log, []() -> async<> {
        current_task().cancel();
        co_return;
    });
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "c.") << "the clean-up was whole, the result was there";
    EXPECT_EQ(elapsed(), 2s);
}

TORUS_TEST(finally, S260_the_first_that_comes_during_the_clean_up_is_held) {
    std::string log;
    auto t = run_with_clean_up(log, [] { return sleep_for(1s); });
    co_await sleep(2s);
    t.cancel("later");
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_TRUE(thrown.reason() == "later");
    EXPECT_EQ(log, "c.");
    EXPECT_EQ(elapsed(), 3s);
}

TORUS_TEST(finally, S260_after_an_error_too) {
    std::string log;
    auto t = run_with_clean_up(log, [] { return fail_after<std::out_of_range>(1s); });
    co_await sleep(2s);
    t.cancel();
    co_await expect_throws<std::out_of_range>(t);
    EXPECT_EQ(log, "c");
    EXPECT_EQ(t.cancelling(), 1);
}

TORUS_TEST(finally, S260_one_that_the_clean_up_asks_for_itself_before_it_waits) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        any_task self = current_task();
        co_await finally([] {},
                         [&]() -> async<> {
                             self.cancel();
                             co_await clean_up(log, 1s);
                         });
        log += '.';
        co_await yield_now();
    });
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "c.");
}

TORUS_TEST(finally, S261_a_second_one_interrupts_the_clean_up) {
    std::string log;
    auto t = run_with_clean_up(log, [] { return sleep_for(1h); });
    co_await sleep(1s);
    t.cancel("first");
    co_await sleep(1s);
    t.cancel("second");
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "x");
    EXPECT_EQ(elapsed(), 2s);
    EXPECT_EQ(t.cancelling(), 2);
}

TORUS_TEST(finally, S261_where_the_body_has_a_result_it_is_thrown_from_here) {
    std::string log;
    auto t = run_with_clean_up(log, [] { return sleep_for(1s); });
    for (int i = 0; i < 2; ++i) {
        co_await sleep(1s + 100ms);
        t.cancel();
    }
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "x");
    EXPECT_EQ(elapsed(), 2s + 200ms);
}

TORUS_TEST(finally, S261_where_the_body_has_failed_its_error_is_thrown) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        co_await expect_throws<std::out_of_range>(finally(fail_after<std::out_of_range>(1s), clean_up(log, 1h)));
        log += "error";
        co_await yield_now();
        log += ", never here";
    });
    for (int i = 0; i < 2; ++i) {
        co_await sleep(1s + 100ms);
        t.cancel();
    }
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "xerror") << "and the cancellation stays pending";
}

TORUS_TEST(finally, S261_two_that_are_delivered_as_one_are_one) {
    std::string log;
    auto t = run_with_clean_up(log, [] { return sleep_for(1h); });
    co_await sleep(1s);
    t.cancel();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "c");
}

TORUS_TEST(finally, S261_a_clean_up_that_swallows_it_changes_nothing) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        co_await finally(sleep_for(1h), until_cancelled());
        log += "never here";
    });
    co_await sleep(1s);
    t.cancel();
    co_await let_others_run();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "");
    EXPECT_EQ(elapsed(), 1s);
}

TORUS_TEST(finally, S262_a_clean_up_that_takes_too_long_is_cancelled_and_has_failed) {
    std::string log;
    co_await expect_throws<timeout_error>(finally(slowly(1s, 1), clean_up(log, 1h), 5s));
    EXPECT_EQ(log, "x");
    EXPECT_EQ(elapsed(), 6s) << "the time is counted from its beginning";
    EXPECT_EQ(co_await finally(slowly(1s, 1), clean_up(log, 4s), 5s), 1);
    EXPECT_EQ(log, "xc");
}

TORUS_TEST(finally, S262_after_an_error_that_is_reported_and_the_error_thrown) {
    std::string log;
    co_await expect_throws<std::out_of_range>(finally(fail_after<std::out_of_range>(1s), clean_up(log, 1h), 5s));
    EXPECT_EQ(take_reports().size(), 1U);
}

TORUS_TEST(finally, S262_without_time_it_begins_and_fails_where_it_waits) {
    std::string log;
    co_await finally([] {}, [&] { log += 'p'; }, 0s);
    EXPECT_EQ(log, "p");
    co_await expect_throws<timeout_error>(finally([] {}, clean_up(log, 1h), 0s));
    EXPECT_EQ(log, "px");
}

TORUS_TEST(finally, within_each_other_they_run_from_the_inside_out) {
    std::string log;
    auto inner = [&] { return finally(sleep_for(1h), note(log, 'i')); };
    auto t = create_task([&]() -> async<> { co_await finally(inner(), note(log, 'o')); });
    co_await let_others_run();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "io");
}

TORUS_TEST(finally, within_a_deadline) {
    std::string log;
    co_await expect_throws<timeout_error>(timeout(1s, finally(sleep_forever(), clean_up(log, 2s))));
    EXPECT_EQ(log, "c");
    EXPECT_EQ(elapsed(), 3s);
    co_await timeout(1s, finally([] {}, clean_up(log, 2s)));
    EXPECT_EQ(log, "cc") << "one that comes during the clean-up is too late";
    EXPECT_EQ(current_task().cancelling(), 0);
    co_await sleep(1s);
}

TEST(finally, at_the_end_of_run_the_clean_up_is_left_to_finish) {
    std::string log;
    auto main = [&]() -> async<> {
        spawn([](std::string& text) -> async<> { co_await finally(sleep_forever(), clean_up(text, 5s)); },
              std::ref(log));
        co_await sleep(1s);
    };
    run(main(), {.clock = clock_kind::simulated});
    EXPECT_EQ(log, "c");
}

}  // namespace
