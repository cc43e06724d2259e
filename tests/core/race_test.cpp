// tests/core/race_test.cpp: the first of several, and what becomes of the others.
#include <torus/core/race.hpp>

#include <memory>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "core/gate.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// Gives `value` as soon as the gate opens.
async<int> pass(gate& g, int value) {
    co_await g.pass();
    co_return value;
}

template <class... Awaitables>
concept can_race = requires(Awaitables... a) { race(std::move(a)...); };

TORUS_TEST(race, S242_the_result_is_that_of_the_first_to_end) {
    auto first = co_await race(slowly(3s, 1), slowly(1s, 2), slowly(2s, 3));
    EXPECT_EQ(first.index(), 1U);
    EXPECT_EQ(std::get<1>(first), 2);
    EXPECT_EQ(elapsed(), 1s);
}

TORUS_TEST(race, S242_nothing_is_a_monostate_and_a_reference_a_pointer) {
    int referred = 7;
    auto refers = [](int& n) -> async<int&> {
        co_await yield_now();
        co_return n;
    };
    auto first = co_await race(sleep(1s), refers(referred));
    static_assert(std::is_base_of_v<std::variant<std::monostate, int*>, decltype(first)>);
    EXPECT_EQ(std::get<1>(first), &referred);
    auto second = co_await race(sleep(1s), slowly(2s, 1));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(second));
}

TORUS_TEST(race, S242_of_those_that_end_in_one_pass_the_first_to_end_wins) {
    gate both;
    auto opened = create_task([&]() -> async<> {
        co_await let_others_run();
        both.open();
    });
    auto first = co_await race(pass(both, 1), pass(both, 2));
    EXPECT_EQ(first.index(), 0U);
    co_await opened;
}

TORUS_TEST(race, S242_takes_whatever_can_only_be_moved) {
    auto make = [](int n) -> async<std::unique_ptr<int>> { co_return std::make_unique<int>(n); };
    auto first = co_await race(make(4), sleep(1h));
    EXPECT_EQ(*std::get<0>(first), 4);
}

TORUS_TEST(race, S243_coroutines_that_lose_are_cancelled_and_awaited) {
    std::string log;
    auto first = co_await race(note_end(log, 'a', 2s), slowly(1s, 5), note_end(log, 'b', 1s));
    EXPECT_EQ(std::get<1>(first), 5);
    EXPECT_EQ(log, "ba") << "they have ended when the result is there";
    EXPECT_EQ(elapsed(), 3s);
    EXPECT_EQ(current_task().cancelling(), 0);
    EXPECT_EQ(all_tasks().size(), 1U);
}

TORUS_TEST(race, S243_tasks_that_lose_go_on_and_can_be_raced_again) {
    auto slow = create_task(slowly(3s, 9));
    for (int i = 0; i < 2; ++i) {
        auto first = co_await race(slow, sleep(1s));
        EXPECT_EQ(first.index(), 1U);
    }
    EXPECT_EQ(slow.cancelling(), 0);
    auto last = co_await race(slow, sleep(1h));
    EXPECT_EQ(std::get<0>(last), 9);
    EXPECT_EQ(elapsed(), 3s);
    EXPECT_EQ(slow.result(), 9) << "the result stays in the task";
}

TORUS_TEST(race, S243_the_error_of_a_task_that_lost_is_reported_if_nobody_looks) {
    auto fails = create_task(fail_after(2s));
    co_await race(fails, sleep(1s));
    fails = {};
    co_await sleep(2s);
    EXPECT_EQ(take_reports().size(), 1U);
}

TORUS_TEST(race, S244_an_error_of_the_first_to_end_is_thrown_when_the_others_have_ended) {
    std::string log;
    co_await expect_throws<std::out_of_range>(race(note_end(log, 'a', 2s), fail_after<std::out_of_range>(1s)));
    EXPECT_EQ(log, "a");
    EXPECT_EQ(elapsed(), 3s);
}

TORUS_TEST(race, S244_the_error_of_a_loser_is_dropped) {
    auto first = co_await race(answer_with("too late"), slowly(1s, 5));
    EXPECT_EQ(std::get<1>(first), 5);
}

TORUS_TEST(race, S244_but_reported_in_debug_mode) {
    event_loop::current().set_debug(true);
    auto first = co_await race(answer_with("too late"), slowly(1s, 5));
    event_loop::current().set_debug(false);
    EXPECT_EQ(std::get<1>(first), 5);
    EXPECT_EQ(take_reports().size(), 1U);
}

TORUS_TEST(race, S244_one_that_somebody_else_cancels_ends_it) {
    auto t = create_task(slowly(1h, 0));
    std::string log;
    auto racing = create_task([&]() -> async<bool> {
        bool own = true;
        try {
            co_await race(t, note_end(log, 'a'));
        } catch (const cancelled_error& e) {
            own = e.is_own();
        }
        EXPECT_EQ(current_task().cancelling(), 0);
        co_return own;
    });
    co_await let_others_run();
    t.cancel();
    EXPECT_FALSE(co_await racing);
    EXPECT_EQ(log, "a");
}

TORUS_TEST(race, S245_what_a_loser_received_before_its_cancellation_is_not_lost) {
    gate first_gate;
    gate second_gate;
    auto opened = create_task([&]() -> async<> {
        co_await let_others_run();  // both wait then
        first_gate.open();
        second_gate.open();
    });
    auto first = co_await race(pass(first_gate, 1), pass(second_gate, 2), slowly(1h, 3));
    EXPECT_EQ(std::get<0>(first), 1);
    EXPECT_EQ(first.late<1>(), 2);
    EXPECT_EQ(first.late<2>(), std::nullopt) << "that one was cancelled";
    EXPECT_EQ(first.late<0>(), std::nullopt) << "that one has won";
    co_await opened;
}

TORUS_TEST(race, S245_nor_in_a_range) {
    std::vector<async<int>> children;
    children.push_back(swallow(1));
    children.push_back(slowly(1s, 2));
    children.push_back(slowly(1h, 3));
    auto [index, value, late] = co_await race(std::move(children));
    EXPECT_EQ(index, 1U);
    EXPECT_EQ(value, 2);
    EXPECT_EQ(late, (std::vector{std::pair(std::size_t{0}, 1)}));
}

TORUS_TEST(race, S246_a_cancellation_is_passed_on_and_thrown_when_all_have_ended) {
    std::string log;
    auto other = create_task(slowly(1h, 0));
    auto t = create_task([&]() -> async<> { co_await race(note_end(log, 'a', 2s), note_end(log, 'b', 1s), other); });
    co_await let_others_run();
    t.cancel("all of you");
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_TRUE(thrown.reason() == "all of you");
    EXPECT_EQ(log, "ba");
    EXPECT_EQ(elapsed(), 2s);
    EXPECT_TRUE(other.cancelled());
}

TORUS_TEST(race, S246_a_result_in_spite_of_it_is_delivered_and_it_stays_pending) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        auto first = co_await race(slowly(1h, 1), swallow(2));
        log += std::to_string(std::get<1>(first));
        co_await yield_now();
        log += ", never here";
    });
    co_await let_others_run();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "2");
}

TORUS_TEST(race, S246_one_that_is_decided_keeps_its_result) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        auto first = co_await race(slowly(1s, 1), note_end(log, 'a', 5s));
        log += std::to_string(std::get<0>(first));
        co_await yield_now();
        log += ", never here";
    });
    co_await sleep(2s);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "1") << "the loser is hurried in its clean-up";
    EXPECT_EQ(elapsed(), 2s);
}

TORUS_TEST(race, S246_pending_before_it_begins_no_coroutine_runs) {
    bool ran = false;
    auto t = create_task([&]() -> async<> {
        current_task().cancel();
        co_await race(note_run(ran), sleep(1h));
    });
    co_await expect_throws<cancelled_error>(t);
    EXPECT_FALSE(ran);
}

TORUS_TEST(race, S247_a_task_that_is_done_has_won_and_nothing_is_begun) {
    auto done = create_task(slowly(0s, 5));
    auto failed = create_task(fail_after<std::out_of_range>(0s));
    co_await let_others_run();
    bool ran = false;
    auto other = create_task(note_run(ran));
    auto first = co_await race(note_run(ran), done, failed);
    EXPECT_EQ(std::get<1>(first), 5) << "the first of those that are done";
    co_await expect_throws<std::out_of_range>(race(note_run(ran), failed, done));
    EXPECT_FALSE(ran) << "and nobody else was let run";
    co_await other;
}

TORUS_TEST(race, S247_of_nothing_is_refused) {
    static_assert(!can_race<>);
    static_assert(can_race<async<>>);
    EXPECT_THROW(static_cast<void>(race(std::vector<async<int>>())), std::invalid_argument);
    co_return;
}

TORUS_TEST(race, S248_of_a_range_says_whose_result_it_is) {
    const auto count_down = [](int n) { return slowly(1s * (5 - n), n * 10); };
    auto numbers = std::views::iota(0, 4) | std::views::transform(count_down);
    auto [index, value, late] = co_await race(numbers);
    EXPECT_EQ(index, 3U);
    EXPECT_EQ(value, 30);
    EXPECT_TRUE(late.empty());
    std::vector<task<>> tasks;
    for (int i = 3; i > 0; --i) tasks.push_back(create_task([](int n) -> async<> { co_await sleep(1s * n); }, i));
    const std::size_t first = co_await race(tasks);
    EXPECT_EQ(first, 2U);
    EXPECT_EQ(elapsed(), 3s);
    EXPECT_FALSE(tasks[0].done());
    co_await expect_throws<std::runtime_error>(race(std::vector<task<>>(1, create_task(fail_after(1s)))));
}

TORUS_TEST(race, of_the_same_task_twice) {
    auto t = create_task(slowly(1s, 5));
    auto first = co_await race(t, t);
    EXPECT_EQ(first.index(), 0U);
    EXPECT_EQ(elapsed(), 1s);
}

TORUS_TEST(race, within_a_gather_and_a_timeout) {
    auto [a, b] = co_await gather(race(sleep(1s), sleep(2s)), slowly(1s, 2));
    EXPECT_EQ(a.index(), 0U);
    EXPECT_EQ(b, 2);
    co_await expect_throws<timeout_error>(timeout(1s, race(sleep(1h), sleep(1h))));
}

TORUS_TEST(race, of_the_current_task_itself_is_an_error) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        const any_task self = current_task();
        task<int> me(self.record());
        co_await expect_throws<std::runtime_error>(race(note_end(log, 'a'), me));
    });
    co_await t;
    EXPECT_EQ(log, "") << "the first had not begun";
}

}  // namespace
