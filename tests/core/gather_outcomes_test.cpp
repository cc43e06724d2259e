// tests/core/gather_outcomes_test.cpp: gather with errors as values.
#include <torus/core/gather_outcomes.hpp>

#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "core/gate.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(gather_outcomes, S67_all_children_run_to_the_end_and_errors_are_values_in_order) {
    std::string log;
    auto [a, b, c] =
        co_await gather(return_exceptions, slowly(3s, 1), fail_after<std::out_of_range>(1s, "late"), sleep(2s));
    static_assert(std::is_same_v<decltype(b), outcome<>>);
    EXPECT_EQ(*a, 1);
    EXPECT_FALSE(b);
    EXPECT_EQ(b.what(), "late");
    EXPECT_THROW(b.value(), std::out_of_range);
    EXPECT_TRUE(c);
    EXPECT_EQ(elapsed(), 3s);
}

TORUS_TEST(gather_outcomes, S67_tasks_too_and_their_errors_are_not_reported) {
    std::vector<task<int>> tasks;
    auto fails = [](duration span) -> async<int> {
        co_await sleep(span);
        throw std::runtime_error("failed");
    };
    tasks.push_back(create_task(fails(1s)));
    tasks.push_back(create_task(slowly(2s, 2)));
    auto results = co_await gather(return_exceptions, tasks);
    tasks.clear();
    EXPECT_EQ(results[0].what(), "failed");
    EXPECT_EQ(*results[1], 2);
    EXPECT_EQ(elapsed(), 2s);
}

TORUS_TEST(gather_outcomes, S67_a_lazy_range_gives_a_vector) {
    const auto halve = [](int n) -> async<int> {
        co_await yield_now();
        if (n % 2 != 0) throw std::invalid_argument("odd");
        co_return n / 2;
    };
    auto numbers = std::views::iota(0, 4) | std::views::transform(halve);
    std::string log;
    for (auto& each : co_await gather(return_exceptions, numbers)) log += each ? std::to_string(*each) : each.what();
    EXPECT_EQ(log, "0odd1odd");
}

TORUS_TEST(gather_outcomes, S67_finished_tasks_do_not_suspend) {
    auto good = create_task(slowly(0s, 3));
    auto bad = create_task(fail_after(0s));
    co_await let_others_run();
    bool other_ran = false;
    auto other = create_task(note_run(other_ran));
    auto [a, b] = co_await gather(return_exceptions, good, bad);
    EXPECT_EQ(*a, 3);
    EXPECT_EQ(b.what(), "failed");
    EXPECT_FALSE(other_ran);
    co_await other;
}

TORUS_TEST(gather_outcomes, S67_what_can_only_be_moved_and_references) {
    int referred = 1;
    auto make = [](int n) -> async<std::unique_ptr<int>> { co_return std::make_unique<int>(n); };
    auto refer = [](int& n) -> async<int&> { co_return n; };
    auto [a, b] = co_await gather(return_exceptions, make(4), refer(referred));
    const std::unique_ptr<int> taken = *std::move(a);
    EXPECT_EQ(*taken, 4);
    EXPECT_EQ(&*b, &referred);
}

TORUS_TEST(gather_outcomes, S62_of_nothing_does_not_suspend) {
    bool other_ran = false;
    auto other = create_task(note_run(other_ran));
    co_await gather(return_exceptions);
    const auto nothing = co_await gather(return_exceptions, std::vector<async<int>>());
    EXPECT_TRUE(nothing.empty());
    EXPECT_FALSE(other_ran);
    co_await other;
}

TORUS_TEST(gather_outcomes, S68_a_child_cancelled_by_somebody_else_is_a_value) {
    auto cancelled = create_task(slowly(1h, 0));
    auto never_begun = create_task(slowly(1h, 0));
    never_begun.cancel("not wanted");
    auto gives_up = []() -> async<> {
        current_task().cancel("enough");
        co_await sleep(1h);
    };
    auto canceller = create_task([&]() -> async<> {
        co_await sleep(1s);
        cancelled.cancel();
    });
    auto [a, b, c, d] = co_await gather(return_exceptions, cancelled, gives_up(), slowly(2s, 3), never_begun);
    EXPECT_TRUE(a.cancelled());
    EXPECT_TRUE(b.cancelled());
    EXPECT_EQ(b.what(), "enough");
    EXPECT_EQ(*c, 3);
    EXPECT_EQ(d.what(), "not wanted");
    EXPECT_EQ(current_task().cancelling(), 0);
    bool own = true;
    try {
        std::move(a).value();
    } catch (const cancelled_error& e) {
        own = e.is_own();
    }
    EXPECT_FALSE(own);
    co_await canceller;
}

TORUS_TEST(gather_outcomes, S72_cancelled_it_ends_after_all_children_have_and_throws) {
    std::string log;
    auto as_task = create_task(slowly(1h, 0));
    auto t = create_task([&]() -> async<> {
        co_await gather(return_exceptions, note_end(log, 'f'), answer_with("an error"), note_end(log, 's', 10s),
                        as_task);
    });
    co_await let_others_run();
    t.cancel("all");
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_TRUE(thrown.reason() == "all");
    EXPECT_EQ(log, "fs");
    EXPECT_EQ(elapsed(), 10s);
    EXPECT_TRUE(as_task.cancelled());
}

TORUS_TEST(gather_outcomes, S73_if_no_child_ends_cancelled_the_outcomes_are_delivered) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        auto [a, b] = co_await gather(return_exceptions, swallow(1), answer_with("instead"));
        log += std::to_string(*a) + b.what();
        co_await yield_now();
        log += ", never here";
    });
    co_await let_others_run();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "1instead");
}

TORUS_TEST(gather_outcomes, S74_a_mistake_among_the_children_is_thrown) {
    auto t = create_task([]() -> async<> {
        const any_task self = current_task();
        task<> me(self.record());
        co_await expect_throws<std::runtime_error>(gather(return_exceptions, me, sleep(1h)));
    });
    co_await t;
}

}  // namespace
