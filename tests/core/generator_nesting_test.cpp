// tests/core/generator_nesting_test.cpp: generators that yield the elements of others.
#include <torus/core/generator.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/noting.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

struct tree {
    int value = 0;
    std::unique_ptr<tree> left;
    std::unique_ptr<tree> right;
};

std::unique_ptr<tree> tree_of(int first, int last) {
    if (first > last) return nullptr;
    const int middle = (first + last) / 2;
    auto node = std::make_unique<tree>();
    node->value = middle;
    node->left = tree_of(first, middle - 1);
    node->right = tree_of(middle + 1, last);
    return node;
}

generator<int> in_order(const tree* node) {
    if (!node) co_return;
    co_yield elements_of(in_order(node->left.get()));
    if (node->value % 3 == 0) co_await yield_now();
    co_yield node->value;
    co_yield elements_of(in_order(node->right.get()));
}

template <class T> async<std::vector<T>> all_of(generator<T> values) {
    std::vector<T> all;
    while (auto each = co_await values.next()) all.push_back(std::move(*each));
    co_return all;
}

TORUS_TEST(generator, S336_elements_of_another_one_become_its_own) {
    const auto root = tree_of(1, 100);
    const auto all = co_await all_of(in_order(root.get()));
    std::vector<int> expected(100);
    for (int i = 0; i < 100; ++i) expected[static_cast<std::size_t>(i)] = i + 1;
    EXPECT_EQ(all, expected);
}

generator<int> count_down(int from) {
    if (from == 0) co_return;
    co_yield from;
    co_yield elements_of(count_down(from - 1));
}

TORUS_TEST(generator, S336_nesting_does_not_overflow_the_stack_and_a_step_does_not_depend_on_it) {
    constexpr int depth = 100'000;  // were a step as long as the nesting is deep, this would take minutes
    int expected = depth;
    auto values = count_down(depth);
    while (auto each = co_await values.next()) EXPECT_EQ(*each, expected--);
    EXPECT_EQ(expected, 0);
}

TORUS_TEST(generator, S336_a_deep_one_is_dropped_without_recursion) {
    auto values = count_down(100'000);
    for (int i = 0; i < 100'000; ++i) co_await values.next();
}

generator<int> up_to(int n) {
    for (int i = 1; i <= n; ++i) co_yield i;
}

TORUS_TEST(generator, S336_one_that_has_begun_gives_its_rest) {
    auto begun = in_order(nullptr);
    begun = [](generator<int> inner) -> generator<int> { co_yield elements_of(std::move(inner)); }(up_to(4));
    EXPECT_EQ(co_await begun.next(), 1);
    auto outer = [](generator<int> rest) -> generator<int> {
        co_yield 0;
        co_yield elements_of(std::move(rest));
        co_yield 9;
    };
    const std::vector expected{0, 2, 3, 4, 9};
    EXPECT_EQ(co_await all_of(outer(std::move(begun))), expected);
}

TORUS_TEST(generator, S336_one_that_has_ended_gives_nothing) {
    auto ended = up_to(0);
    co_await ended.next();
    auto outer = [](generator<int> rest) -> generator<int> {
        co_yield elements_of(std::move(rest));
        co_yield 9;
    };
    const std::vector expected{9};
    EXPECT_EQ(co_await all_of(outer(std::move(ended))), expected);
}

generator<int> failing() {
    co_yield 1;
    throw std::out_of_range("there");
}

TORUS_TEST(generator, S336_an_error_of_the_inner_one_arises_in_the_outer_one) {
    auto outer = []() -> generator<int> {
        try {
            co_yield elements_of(failing());
        } catch (const std::out_of_range&) {}
        co_yield 2;
        co_yield elements_of(failing());
    };
    auto values = outer();
    EXPECT_EQ(co_await values.next(), 1);
    EXPECT_EQ(co_await values.next(), 2);
    EXPECT_EQ(co_await values.next(), 1);
    co_await expect_throws<std::out_of_range>(values.next());
    EXPECT_EQ(co_await values.next(), std::nullopt);
}

TORUS_TEST(generator, S336_a_cancellation_arrives_in_the_innermost_one) {
    std::string log;
    auto inner = [](std::string& text) -> generator<int> {
        const noting local(text, 'i');
        co_await sleep_forever();
        co_yield 1;
    };
    auto outer = [&](std::string& text) -> generator<int> {
        const noting local(text, 'o');
        co_yield elements_of(inner(text));
    };
    auto user = create_task([&]() -> async<> {
        auto values = outer(log);
        co_await values.next();
    });
    co_await let_others_run();
    user.cancel();
    co_await expect_throws<cancelled_error>(user);
    EXPECT_EQ(log, "io");
}

TORUS_TEST(generator, S336_it_does_not_take_one_that_is_in_use) {
    auto slow = []() -> generator<int> {
        co_await sleep(1s);
        co_yield 1;
    };
    auto inner = slow();
    auto user = create_task([](generator<int>& from) -> async<> { co_await from.next(); }, std::ref(inner));
    co_await let_others_run();
    auto outer = [](generator<int>& used) -> generator<int> { co_yield elements_of(std::move(used)); };
    auto values = outer(inner);
    co_await expect_throws<invalid_state_error>(values.next());
    co_await user;
}

TORUS_TEST(generator, S336_closing_unwinds_the_inner_one_first) {
    std::string log;
    auto inner = [](std::string& text) -> generator<int> {
        std::exception_ptr why;
        try {
            co_yield 1;
        } catch (const generator_exit&) {
            why = std::current_exception();
        }
        co_await sleep(1s);
        text += "inner ";
        if (why) std::rethrow_exception(why);
    };
    auto outer = [&](std::string& text) -> generator<int> {
        try {
            co_yield elements_of(inner(text));
        } catch (const generator_exit&) {
            text += "outer";
            throw;
        }
    };
    auto values = outer(log);
    co_await values.next();
    co_await values.aclose();
    EXPECT_EQ(log, "inner outer");
    EXPECT_EQ(elapsed(), 1s);
}

TORUS_TEST(generator, S336_references_pass_through) {
    int n = 1;
    auto inner = [](int& value) -> generator<int&> { co_yield value; };
    auto outer = [&](int& value) -> generator<int&> { co_yield elements_of(inner(value)); };
    auto values = outer(n);
    EXPECT_EQ(co_await values.next(), &n);
    EXPECT_EQ(co_await values.next(), nullptr);
}

async<> sleeping_below() { co_await sleep(1s); }

generator<int> inner_of() {
    co_await sleeping_below();
    co_yield 1;
}

generator<int> outer_of() { co_yield elements_of(inner_of()); }

async<> user_of() {
    auto values = outer_of();
    while (co_await values.next()) {}
}

TORUS_TEST(generator, S341_a_step_is_an_edge_of_the_await_tree) {
    auto user = create_task(user_of());
    co_await let_others_run();
    std::string path;
    for (const promise_base* each = &user.record().innermost(); each; each = each->caller())
        path += std::string(each->location().function_name()) + '\n';
    std::size_t place = 0;
    for (const char* name : {"sleeping_below", "inner_of", "outer_of", "user_of"}) {
        place = path.find(name, place);
        EXPECT_NE(place, std::string::npos) << name << " in " << path;
        if (place == std::string::npos) break;
    }
    co_await user;
}

}  // namespace
