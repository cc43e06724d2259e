// tests/core/outcome_test.cpp: what something ended with, as a value.
#include <torus/core/outcome.hpp>

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <torus/core/task_group.hpp>
#include <torus/core/time.hpp>
#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(outcome, S249_a_result_is_true_and_dereferenced) {
    outcome<std::string> good("text"s);
    EXPECT_TRUE(good);
    EXPECT_TRUE(good.has_value());
    EXPECT_EQ(*good, "text");
    EXPECT_EQ(good->size(), 4U);
    EXPECT_EQ(std::as_const(good).value(), "text");
    EXPECT_FALSE(good.exception());
    EXPECT_FALSE(good.cancelled());
    EXPECT_EQ(good.what(), "");
    const std::string taken = *std::move(good);
    EXPECT_EQ(taken, "text");
    const outcome<> nothing;
    EXPECT_TRUE(nothing);
    EXPECT_NO_THROW(nothing.value());
    co_return;
}

TORUS_TEST(outcome, S249_an_error_is_false_and_thrown_unchanged) {
    const auto error = std::make_exception_ptr(std::out_of_range("too far"));
    outcome<int> bad(error);
    EXPECT_FALSE(bad);
    EXPECT_FALSE(bad.cancelled());
    EXPECT_EQ(bad.exception(), error);
    EXPECT_EQ(bad.what(), "too far");
    EXPECT_THROW(*bad, std::out_of_range);
    EXPECT_THROW(static_cast<void>(bad.value()), std::out_of_range);
    const outcome<int> odd(std::make_exception_ptr(42));
    EXPECT_EQ(odd.what(), "int") << "whatever was thrown has words";
    co_return;
}

TORUS_TEST(outcome, S249_a_cancellation_is_told_from_an_error) {
    const auto reason = std::make_shared<const std::string>("shutting down");
    const outcome<> cancelled(std::make_exception_ptr(cancelled_error(reason, false)));
    EXPECT_FALSE(cancelled);
    EXPECT_TRUE(cancelled.cancelled());
    EXPECT_EQ(cancelled.what(), "shutting down");
    const outcome<> without_reason(std::make_exception_ptr(cancelled_error({}, false)));
    EXPECT_EQ(without_reason.what(), "cancelled");
    co_return;
}

TORUS_TEST(outcome, S249_a_reference_stays_one) {
    int n = 1;
    outcome<int&> refers(n);
    *refers = 2;
    EXPECT_EQ(n, 2);
    EXPECT_EQ(&*std::move(refers), &n);
    co_return;
}

TORUS_TEST(try_, S250_gives_results_and_errors_as_values) {
    auto good = co_await try_(slowly(1s, 3));
    EXPECT_EQ(*good, 3);
    auto bad = co_await try_(fail_after<std::out_of_range>(1s, "too far"));
    EXPECT_EQ(bad.what(), "too far");
    auto nothing = co_await try_(sleep(1s));
    EXPECT_TRUE(nothing);
    auto t = create_task(fail_after(1s));
    auto of_a_task = co_await try_(t);
    EXPECT_EQ(of_a_task.what(), "failed");
    EXPECT_EQ(of_a_task.exception(), t.exception()) << "the same object";
}

TORUS_TEST(try_, S250_what_somebody_else_cancelled_is_a_value) {
    auto t = create_task(slowly(1h, 0));
    t.cancel("not wanted");
    auto ended = co_await try_(t);
    EXPECT_TRUE(ended.cancelled());
    EXPECT_EQ(ended.what(), "not wanted");
}

TORUS_TEST(try_, S250_the_tasks_own_cancellation_passes) {
    bool went_on = false;
    auto t = create_task([&]() -> async<> {
        const auto ended = co_await try_(sleep(1h));
        went_on = true;
    });
    co_await let_others_run();
    t.cancel("stop");
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_TRUE(thrown.reason() == "stop");
    EXPECT_FALSE(went_on);
}

TORUS_TEST(try_, S250_and_that_of_a_deadline_or_a_group_around_it) {
    auto limited = []() -> async<> { const auto ended = co_await try_(sleep(1h)); };
    co_await expect_throws<timeout_error>(timeout(1s, limited));
    auto inside = co_await try_(timeout(1s, sleep(1h)));
    EXPECT_EQ(inside.what(), "timed out") << "a deadline within is an error";
    bool went_on = false;
    auto group = [&](task_group& tg) -> async<> {
        tg.create_task(fail_after(1s));
        const auto ended = co_await try_(sleep(1h));
        went_on = true;
    };
    co_await expect_throws<std::runtime_error>(task_group_of(group));
    EXPECT_FALSE(went_on);
}

}  // namespace
