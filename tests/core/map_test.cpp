// tests/core/map_test.cpp: a coroutine for each element, not too many at once.
#include <torus/core/map.hpp>

#include <algorithm>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(map, S254_results_are_in_the_order_of_the_elements) {
    const std::vector<int> seconds{3, 1, 2};
    const auto doubled = [](int n) -> async<int> {
        co_await sleep(1s * n);
        co_return 2 * n;
    };
    const std::vector<int> results = co_await map(seconds, doubled, 10);
    EXPECT_EQ(results, (std::vector{6, 2, 4}));
    EXPECT_EQ(elapsed(), 3s) << "they run at once";
    const std::vector<int> one_by_one = co_await map(seconds, doubled, 1);
    EXPECT_EQ(one_by_one, results);
    EXPECT_EQ(elapsed(), 9s);
    const std::vector<int> of_none = co_await map(std::vector<int>(), doubled, 1);
    EXPECT_TRUE(of_none.empty());
}

TORUS_TEST(map, S254_never_more_than_the_limit_run_and_a_free_place_is_used_at_once) {
    int now = 0;
    int most = 0;
    const auto work = [&](int n) -> async<> {
        most = std::max(most, ++now);
        co_await sleep(1s * n);
        --now;
    };
    const std::vector<int> seconds{5, 1, 1, 1, 1, 1};
    static_assert(std::is_same_v<decltype(map(seconds, work, 2)), async<>>);
    co_await map(seconds, work, 2);
    EXPECT_EQ(most, 2);
    EXPECT_EQ(elapsed(), 5s) << "the short ones pass by the long one";
}

TORUS_TEST(map, S254_elements_of_a_lazy_range_are_made_when_their_turn_comes) {
    int made = 0;
    const auto make = [&](int n) {
        ++made;
        return std::to_string(n);
    };
    auto names = std::views::iota(0, 6) | std::views::transform(make);
    auto mapping = create_task([&]() -> async<std::vector<std::size_t>> {
        const auto measure = [](const std::string& name) -> async<std::size_t> {
            co_await sleep(1s);
            co_return name.size();  // the element is kept as long as its call
        };
        co_return co_await map(names, measure, 2);
    });
    co_await let_others_run();
    EXPECT_EQ(made, 2);
    co_await sleep(1s + 1ms);
    EXPECT_EQ(made, 4);
    EXPECT_EQ((co_await mapping).size(), 6U);
    EXPECT_EQ(made, 6);
}

TORUS_TEST(map, S254_takes_whatever_can_be_awaited_and_whatever_can_only_be_moved) {
    std::vector<std::unique_ptr<int>> numbers;
    for (int i = 0; i < 3; ++i) numbers.push_back(std::make_unique<int>(i));
    const auto next = [](const std::unique_ptr<int>& n) -> async<std::unique_ptr<int>> {
        co_await yield_now();
        co_return std::make_unique<int>(*n + 1);
    };
    const auto results = co_await map(numbers, next, 2);
    EXPECT_EQ(*results[2], 3);
    std::vector<task<int>> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(create_task(slowly(1s, i)));
    co_await map(std::vector<int>(3, 1), [](int n) { return sleep(1s * n); }, 2);
}

TORUS_TEST(map, S254_each_call_is_a_task_of_its_own) {
    const auto self = [](int) -> async<any_task> { co_return current_task(); };
    const auto tasks = co_await map(std::vector<int>(2, 0), self, 1);
    EXPECT_NE(tasks[0], tasks[1]);
    EXPECT_NE(tasks[0], current_task());
}

TORUS_TEST(map, S255_a_failing_call_cancels_and_joins_the_others_and_none_begins_after_it) {
    std::string log;
    int begun = 0;
    const auto work = [&](int n) -> async<> {
        ++begun;
        if (n == 1) co_await fail_after<std::out_of_range>(1s);
        co_await note_end(log, 'a', 2s);
    };
    co_await expect_throws<std::out_of_range>(map(std::views::iota(0, 9), work, 2));
    EXPECT_EQ(begun, 2);
    EXPECT_EQ(log, "a");
    EXPECT_EQ(elapsed(), 3s);
    EXPECT_EQ(all_tasks().size(), 1U);
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(map, S255_the_first_error_in_time_is_thrown_and_others_are_dropped) {
    const auto work = [](int n) -> async<> {
        if (n == 2) co_await fail_after(1s, "first");
        co_await answer_with("another");
    };
    auto thrown = co_await expect_throws<std::runtime_error>(map(std::views::iota(0, 4), work, 4));
    EXPECT_STREQ(thrown.what(), "first");
}

TORUS_TEST(map, S255_a_call_that_ends_cancelled_ends_the_map) {
    const auto gives_up = [](int) -> async<> {
        current_task().cancel();
        co_await sleep(1h);
    };
    auto thrown = co_await expect_throws<cancelled_error>(map(std::views::iota(0, 4), gives_up, 2));
    EXPECT_FALSE(thrown.is_own());
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(map, S256_cancelled_it_begins_nothing_more_and_throws_when_all_have_ended) {
    std::string log;
    int begun = 0;
    auto t = create_task([&]() -> async<> {
        const auto work = [&](int n) -> async<> {
            ++begun;
            co_await note_end(log, static_cast<char>('a' + n), 1s * n);
        };
        co_await map(std::views::iota(1, 9), work, 2);
    });
    co_await let_others_run();
    t.cancel("enough");
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_TRUE(thrown.reason() == "enough");
    EXPECT_EQ(log, "bc");
    EXPECT_EQ(begun, 2);
    EXPECT_EQ(elapsed(), 2s);
}

TORUS_TEST(map, S256_if_all_had_begun_and_succeed_all_the_same_the_results_are_delivered) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        const auto results = co_await map(std::views::iota(1, 4), [](int n) { return swallow(n); }, 3);
        for (int each : results) log += std::to_string(each);
        co_await yield_now();
        log += ", never here";
    });
    co_await let_others_run();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "123");
    auto not_all =
        create_task([]() -> async<> { co_await map(std::views::iota(1, 4), [](int n) { return swallow(n); }, 2); });
    co_await let_others_run();
    not_all.cancel();
    co_await expect_throws<cancelled_error>(not_all);
}

TORUS_TEST(map, S256_an_error_that_answers_it_is_thrown_and_it_stays_pending) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        const auto work = [](int) { return answer_with<std::out_of_range>("instead"); };
        co_await expect_throws<std::out_of_range>(map(std::views::iota(1, 4), work, 2));
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

TORUS_TEST(map, S256_a_deadline_around_it_is_told_from_a_cancellation) {
    auto limited = []() -> async<> { co_await map(std::views::iota(1, 4), [](int) { return sleep(1h); }, 2); };
    co_await expect_throws<timeout_error>(timeout(1s, limited));
    EXPECT_EQ(elapsed(), 1s);
    EXPECT_EQ(current_task().cancelling(), 0);
    auto succeeds = []() -> async<> { co_await map(std::views::iota(1, 3), [](int n) { return swallow(n); }, 2); };
    co_await timeout(1s, succeeds);
    EXPECT_EQ(current_task().cancelling(), 0);
    co_await sleep(1s);
}

TORUS_TEST(map, S257_what_the_range_throws_ends_it_like_an_error_of_a_call) {
    std::string log;
    const auto make = [](int n) {
        if (n == 2) throw std::out_of_range("no such element");
        return n;
    };
    auto numbers = std::views::iota(0, 4) | std::views::transform(make);
    co_await expect_throws<std::out_of_range>(map(numbers, [&](int) { return note_end(log, 'a', 1s); }, 3));
    EXPECT_EQ(log, "") << "the others had not begun to run";
    EXPECT_EQ(all_tasks().size(), 1U);
    const auto refuses = [](int n) {
        if (n == 1) throw std::out_of_range("no such call");
        return sleep(1h);
    };
    co_await expect_throws<std::out_of_range>(map(std::views::iota(0, 4), refuses, 3));
    EXPECT_EQ(all_tasks().size(), 1U);
}

TORUS_TEST(map, S257_a_limit_of_zero_is_refused) {
    const auto work = [](int n) { return slowly(1s, n); };
    EXPECT_THROW(static_cast<void>(map(std::vector<int>(3, 1), work, 0)), std::invalid_argument);
    co_return;
}

TORUS_TEST(map, of_very_many) {
    const auto work = [](int n) { return slowly(1ms * (n % 7), n); };
    const auto results = co_await map(std::views::iota(0, 10'000), work, 100);
    for (int i = 0; i < 10'000; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)], i);
}

}  // namespace
