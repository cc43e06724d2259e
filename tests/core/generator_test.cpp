// tests/core/generator_test.cpp: when a generator's body runs, what it gives, and how it ends.
#include <torus/core/generator.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "core/noting.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

generator<int> up_to(int n) {
    for (int i = 1; i <= n; ++i) co_yield i;
}

template <class T> async<std::vector<T>> all_of(generator<T> values) {
    std::vector<T> all;
    while (auto each = co_await values.next()) all.push_back(std::move(*each));
    co_return all;
}

generator<int> noted_steps(std::string& log) {
    log += "begun ";
    co_yield 1;
    log += "between ";
    co_yield 2;
    log += "end ";
}

TORUS_TEST(generator, S233_its_body_runs_only_within_next) {
    std::string log;
    auto values = noted_steps(log);
    co_await let_others_run();
    EXPECT_EQ(log, "");
    auto first = co_await values.next();
    EXPECT_EQ(first, 1);
    EXPECT_EQ(log, "begun ");
    co_await let_others_run();
    EXPECT_EQ(log, "begun ");
    auto second = co_await values.next();
    EXPECT_EQ(second, 2);
    EXPECT_EQ(log, "begun between ");
    auto third = co_await values.next();
    EXPECT_EQ(third, std::nullopt);
    EXPECT_EQ(log, "begun between end ");
}

TORUS_TEST(generator, S233_after_its_end_next_gives_nothing_for_ever) {
    auto values = up_to(1);
    co_await values.next();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(co_await values.next(), std::nullopt);
}

TORUS_TEST(generator, S233_one_that_yields_nothing_is_empty_at_once) {
    EXPECT_EQ((co_await all_of(up_to(0))).size(), 0U);
}

generator<int> failing_after(int n) {
    for (int i = 0; i < n; ++i) co_yield i;
    throw std::out_of_range("there");
}

TORUS_TEST(generator, S234_what_its_body_throws_comes_out_of_next) {
    auto values = failing_after(1);
    co_await values.next();
    auto error = co_await expect_throws<std::out_of_range>(values.next());
    EXPECT_STREQ(error.what(), "there");
    EXPECT_EQ(co_await values.next(), std::nullopt) << "it has ended";
}

TORUS_TEST(generator, S330_awaits_within_its_body_work_as_in_a_coroutine) {
    auto ticker = [](duration every, int n) -> generator<int> {
        const auto task = current_task();
        for (int i = 0; i < n; ++i) {
            co_await sleep(every);
            EXPECT_EQ(current_task().id(), task.id());
            co_yield i;
        }
    };
    auto ticks = ticker(1s, 3);
    int expected = 0;
    while (auto i = co_await ticks.next()) {
        EXPECT_EQ(*i, expected++);
        EXPECT_EQ(elapsed(), expected * 1s);
    }
    EXPECT_EQ(expected, 3);
}

TORUS_TEST(generator, S330_nothing_else_runs_within_a_step_that_awaits_nothing) {
    std::string log;
    auto other = create_task(note(log, 'x'));
    auto values = up_to(1000);
    while (auto each = co_await values.next()) EXPECT_EQ(log, "");
    co_await other;
}

TORUS_TEST(generator, S331_a_million_steps_leave_nothing_on_the_stack) {
    int sum = 0;
    auto values = up_to(1'000'000);
    while (auto each = co_await values.next()) sum += *each > 0;
    EXPECT_EQ(sum, 1'000'000);
}

TORUS_TEST(generator, S331_nor_do_steps_that_suspend) {
    auto pausing = [](int n) -> generator<int> {
        for (int i = 0; i < n; ++i) {
            if (i % 2) co_await yield_now();
            co_yield i;
        }
    };
    int seen = 0;
    auto values = pausing(100'000);
    while (auto each = co_await values.next()) EXPECT_EQ(*each, seen++);
    EXPECT_EQ(seen, 100'000);
}

generator<int> through(generator<int> inner) {
    while (auto each = co_await inner.next()) co_yield *each + 1;
}

TORUS_TEST(generator, S331_nor_does_a_long_chain_of_generators) {
    auto values = up_to(2);
    for (int i = 0; i < 20'000; ++i) values = through(std::move(values));
    EXPECT_EQ(co_await values.next(), 20'001);
    EXPECT_EQ(co_await values.next(), 20'002);
    EXPECT_EQ(co_await values.next(), std::nullopt);
}

TORUS_TEST(generator, S332_gives_what_can_only_be_moved) {
    auto boxes = [](int n) -> generator<std::unique_ptr<int>> {
        for (int i = 0; i < n; ++i) {
            auto box = std::make_unique<int>(i);
            co_yield std::move(box);
        }
    };
    auto all = co_await all_of(boxes(3));
    EXPECT_EQ(all.size(), 3U);
    EXPECT_EQ(*all.at(2), 2);
}

TORUS_TEST(generator, S332_converts_what_is_yielded) {
    auto words = []() -> generator<std::string> {
        co_yield "one";
        const std::string two = "two";
        co_yield two;
        EXPECT_EQ(two, "two") << "copied";
    };
    const std::vector expected{"one"s, "two"s};
    EXPECT_EQ(co_await all_of(words()), expected);
}

TORUS_TEST(generator, S332_of_references_gives_pointers) {
    std::vector<int> numbers{1, 2, 3};
    auto each_of = [](std::vector<int>& all) -> generator<int&> {
        for (int& each : all) co_yield each;
    };
    auto references = each_of(numbers);
    int* last = nullptr;
    while (int* each = co_await references.next()) {
        *each *= 10;
        last = each;
    }
    EXPECT_EQ(numbers, (std::vector{10, 20, 30}));
    EXPECT_EQ(last, &numbers.back());
    auto constants = [](const std::string& text) -> generator<const std::string&> { co_yield text; };
    const std::string text = "text";
    auto one = constants(text);
    EXPECT_EQ(co_await one.next(), &text);
}

struct brittle {
    brittle() = default;
    brittle(const brittle&) { throw std::runtime_error("too brittle to copy"); }
    brittle& operator=(const brittle&) = delete;
};

TORUS_TEST(generator, S332_a_copy_that_throws_throws_in_the_body) {
    bool caught = false;
    auto breaking = [](bool& seen) -> generator<brittle> {
        const brittle original;
        try {
            co_yield original;
        } catch (const std::runtime_error&) {
            seen = true;
        }
    };
    auto values = breaking(caught);
    EXPECT_FALSE((co_await values.next()).has_value());
    EXPECT_TRUE(caught);
}

static_assert(!std::is_copy_constructible_v<generator<int>> && std::is_nothrow_move_constructible_v<generator<int>>);
static_assert(std::is_same_v<generator<int>::next_type, std::optional<int>>);
static_assert(std::is_same_v<generator<int&>::next_type, int*>);

TORUS_TEST(generator, S235_dropping_a_parked_one_destroys_its_locals) {
    std::string log;
    {
        auto values = [](std::string& text) -> generator<int> {
            const noting local(text, 'l');
            co_yield 1;
            co_yield 2;
        }(log);
        co_await values.next();
        EXPECT_EQ(log, "");
    }
    EXPECT_EQ(log, "l");
}

TORUS_TEST(generator, S235_assigning_over_one_destroys_it) {
    std::string log;
    auto one = [](std::string& text) -> generator<int> {
        const noting local(text, 'l');
        co_yield 1;
    };
    auto values = one(log);
    co_await values.next();
    values = one(log);
    EXPECT_EQ(log, "l");
    EXPECT_EQ(co_await values.next(), 1);
}

TORUS_TEST(generator, S333_one_that_never_began_destroys_its_arguments_without_a_report) {
    auto counted = std::make_shared<int>(1);
    auto unused = [](std::shared_ptr<int> n) -> generator<int> { co_yield *n; };
    {
        auto values = unused(counted);
        EXPECT_EQ(counted.use_count(), 2);
    }
    EXPECT_EQ(counted.use_count(), 1);
    auto closed = unused(counted);
    co_await closed.aclose();
    EXPECT_EQ(counted.use_count(), 1);
    EXPECT_EQ(co_await closed.next(), std::nullopt);
}

TORUS_TEST(generator, S333_its_arguments_die_with_its_last_step) {
    auto counted = std::make_shared<int>(1);
    auto values = [](std::shared_ptr<int> n) -> generator<int> { co_yield *n; }(counted);
    co_await values.next();
    EXPECT_EQ(counted.use_count(), 2);
    co_await values.next();
    EXPECT_EQ(counted.use_count(), 1);
}

TORUS_TEST(generator, S236_cancelling_during_next_raises_in_its_body) {
    std::string log;
    auto waiting = [](std::string& text) -> generator<int> {
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {
            text += "cancelled ";
            throw;
        }
        co_yield 1;
    };
    auto values = waiting(log);
    auto user = create_task([](generator<int>& from) -> async<> { co_await from.next(); }, std::ref(values));
    co_await let_others_run();
    user.cancel();
    co_await expect_throws<cancelled_error>(user);
    EXPECT_EQ(log, "cancelled ");
    EXPECT_EQ(co_await values.next(), std::nullopt) << "it has ended";
}

TORUS_TEST(generator, S236_a_body_that_swallows_the_cancellation_goes_on) {
    auto waiting = []() -> generator<int> {
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {}
        co_yield 7;
    };
    auto values = waiting();
    auto user = create_task([](generator<int>& from) -> async<int> { co_return (co_await from.next()).value(); },
                            std::ref(values));
    co_await let_others_run();
    user.cancel();
    EXPECT_EQ(co_await user, 7);
}

TORUS_TEST(generator, S334_it_may_be_used_by_several_tasks_in_turn) {
    auto values = up_to(10);
    auto take = [](generator<int>& from) -> async<int> {
        co_await yield_now();
        co_return (co_await from.next()).value_or(0);
    };
    for (int i = 1; i <= 10; ++i) EXPECT_EQ(co_await create_task(take, std::ref(values)), i);
}

TORUS_TEST(generator, S334_a_second_next_while_one_is_under_way_is_an_error) {
    auto slow = []() -> generator<int> {
        co_await sleep(1s);
        co_yield 1;
    };
    auto values = slow();
    auto user = create_task([](generator<int>& from) -> async<int> { co_return (co_await from.next()).value(); },
                            std::ref(values));
    co_await let_others_run();
    co_await expect_throws<invalid_state_error>(values.next());
    co_await expect_throws<invalid_state_error>(values.aclose());
    EXPECT_EQ(co_await user, 1);
    EXPECT_EQ(co_await values.next(), std::nullopt);
}

TORUS_TEST(generator, S334_nor_may_a_body_step_itself) {
    std::optional<generator<int>> values;
    auto biting = [](std::optional<generator<int>>& own) -> generator<int> {
        co_await expect_throws<invalid_state_error>(own->next());
        co_yield 1;
    };
    values.emplace(biting(values));
    EXPECT_EQ(co_await values->next(), 1);
}

TORUS_TEST(generator, S335_one_that_is_dropped_while_somebody_waits_in_it_ends_with_that_step) {
    std::string log;
    auto slow = [](std::string& text) -> generator<int> {
        const noting local(text, 'l');
        co_await sleep(1s);
        co_yield 1;
        text += "never";
    };
    std::optional<generator<int>> values(slow(log));
    auto user = create_task(
        [](std::optional<generator<int>>& from) -> async<int> { co_return (co_await from->next()).value(); },
        std::ref(values));
    co_await let_others_run();
    values.reset();
    EXPECT_EQ(log, "");
    EXPECT_EQ(co_await user, 1);
    EXPECT_EQ(log, "l");
}

TORUS_TEST(generator, S335_nor_does_moving_it_meanwhile_disturb_the_step) {
    auto slow = []() -> generator<int> {
        co_await sleep(1s);
        co_yield 1;
        co_yield 2;
    };
    auto values = slow();
    auto user = create_task([](generator<int>& from) -> async<int> { co_return (co_await from.next()).value(); },
                            std::ref(values));
    co_await let_others_run();
    auto moved = std::move(values);
    EXPECT_EQ(co_await user, 1);
    EXPECT_EQ(co_await moved.next(), 2);
}

}  // namespace
