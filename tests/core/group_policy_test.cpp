// tests/core/group_policy_test.cpp: groups that throw all errors, and groups whose children may fail alone.
#include <torus/core/exception_group.hpp>
#include <torus/core/task_group.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

template <class Policy, class Body> async<> group_with(Policy policy, Body body) { co_await task_group(policy, body); }

std::vector<std::string> words_of(const exception_group& all) {
    std::vector<std::string> words;
    for (const std::exception_ptr& each : all.exceptions()) {
        try {
            std::rethrow_exception(each);
        } catch (const exception_group& nested) {
            words.push_back("group");
            for (const std::string& word : words_of(nested)) words.push_back("-" + word);
        } catch (const std::exception& e) {
            words.push_back(e.what());
        }
    }
    return words;
}

TORUS_TEST(strict_groups, S136_all_errors_are_thrown_together_also_a_single_one) {
    auto alone = [](task_group& tg) { tg.create_task(fail_after(1s, "alone")); };
    const auto one = co_await expect_throws<exception_group>(group_with(strict_groups, alone));
    EXPECT_EQ(words_of(one), std::vector{"alone"s});

    auto several = [](task_group& tg) {
        tg.create_task(answer_with("second"));
        tg.create_task(answer_with("third"));
        tg.create_task(fail_after(1s, "first"));
        tg.create_task(slowly(1h, 1));  // whose cancellation is not listed
    };
    const auto all = co_await expect_throws<exception_group>(group_with(strict_groups, several));
    EXPECT_EQ(all.exceptions().size(), 3U);
    EXPECT_EQ(words_of(all).front(), "first");
    EXPECT_EQ(std::string(all.what()).substr(0, 9), "3 errors,") << all.what();
    EXPECT_TRUE(take_reports().empty());
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(strict_groups, S139_errors_that_answer_the_cancellation_are_added) {
    auto body = [](task_group& tg) {
        tg.create_task(answer_with("answer"));
        tg.create_task(fail_after(1s, "first"));
    };
    const auto all = co_await expect_throws<exception_group>(group_with(strict_groups, body));
    EXPECT_EQ(words_of(all), (std::vector{"first"s, "answer"s}));
}

TORUS_TEST(task_group, S139_errors_that_answer_the_cancellation_are_reported_as_siblings) {
    auto body = [](task_group& tg) {
        tg.create_task(answer_with("answer"));
        tg.create_task(fail_after(1s, "first"));
    };
    auto first = co_await expect_throws<std::runtime_error>(task_group_of(body));
    EXPECT_STREQ(first.what(), "first");
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    if (reports.empty()) co_return;
    for (const char* word : {"answer", "first", "group"})
        EXPECT_NE(reports[0].find(word), std::string::npos) << word << " in " << reports[0];
}

TORUS_TEST(strict_groups, S140_an_error_of_the_closure_is_one_among_them) {
    auto body = [](task_group& tg) -> async<> {
        tg.create_task(answer_with("child"));
        co_await yield_now();
        throw std::out_of_range("closure");
    };
    EXPECT_EQ(words_of(co_await expect_throws<exception_group>(group_with(strict_groups, body))),
              (std::vector{"closure"s, "child"s}));
    auto awaiting = [](task_group& tg) -> async<> { co_await tg.create_task(fail_after(1s, "once")); };
    EXPECT_EQ(words_of(co_await expect_throws<exception_group>(group_with(strict_groups, awaiting))),
              std::vector{"once"s})
        << "awaiting a child makes its error no second one";
}

TORUS_TEST(strict_groups, S147_errors_of_groups_within_groups_nest) {
    auto inner = [](task_group& tg) { tg.create_task(answer_with("inner")); };
    auto outer = [&](task_group& tg) -> async<> {
        tg.create_task(answer_with("outer"));
        co_await task_group(strict_groups, inner);
    };
    auto t = create_task(group_with(strict_groups, outer));
    co_await let_others_run();
    t.cancel();
    const auto nested = co_await expect_throws<exception_group>(t);
    EXPECT_EQ(words_of(nested), (std::vector{"group"s, "-inner"s, "outer"s}));
}

async<> interrupt_after(duration span) {
    co_await sleep(span);
    throw keyboard_interrupt(2);
}

TORUS_TEST(strict_groups, S148_a_keyboard_interrupt_is_thrown_alone_and_the_others_are_reported) {
    auto body = [](task_group& tg) {
        tg.create_task(answer_with("besides"));
        tg.create_task(interrupt_after(1s));
    };
    EXPECT_EQ((co_await expect_throws<keyboard_interrupt>(group_with(strict_groups, body))).signal(), 2);
    EXPECT_EQ(take_reports().size(), 1U);

    auto late = [](task_group& tg) {
        tg.create_task(answer_with<std::out_of_range>("second"));
        auto interrupted = []() -> async<> {
            try {
                co_await sleep(1h);
            } catch (const cancelled_error&) {
                throw keyboard_interrupt(15);
            }
        };
        tg.create_task(interrupted);
        tg.create_task(fail_after(1s, "first"));
    };
    EXPECT_EQ((co_await expect_throws<keyboard_interrupt>(group_with(strict_groups, late))).signal(), 15);
    EXPECT_EQ(take_reports().size(), 2U);
    EXPECT_EQ((co_await expect_throws<keyboard_interrupt>(task_group_of(late))).signal(), 15) << "with every policy";
    EXPECT_EQ(take_reports().size(), 2U);
}

TORUS_TEST(supervise, S286_a_child_that_fails_is_reported_and_the_others_go_on) {
    int got = 0;
    auto body = [&](task_group& tg) -> async<> {
        tg.create_task(fail_after(1s, "alone"));
        auto other = tg.create_task(slowly(2s, 7));
        got = co_await other;
    };
    co_await group_with(supervise, body);
    EXPECT_EQ(got, 7);
    EXPECT_EQ(take_reports().size(), 1U);
}

TORUS_TEST(supervise, S286_whoever_awaits_the_child_has_its_error) {
    bool caught = false;
    auto body = [&](task_group& tg) -> async<> {
        auto child = tg.create_task(fail_after(1s));
        try {
            co_await child;
        } catch (const std::runtime_error&) {
            caught = true;
        }
    };
    co_await group_with(supervise, body);
    EXPECT_TRUE(caught);
}

TORUS_TEST(supervise, S286_an_error_of_the_closure_and_a_cancellation_end_the_children) {
    std::string log;
    auto failing = [&](task_group& tg) -> async<> {
        tg.create_task(note_end(log, 'a'));
        co_await yield_now();
        throw std::out_of_range("closure");
    };
    co_await expect_throws<std::out_of_range>(group_with(supervise, failing));
    EXPECT_EQ(log, "a");

    auto waiting = [&](task_group& tg) { tg.create_task(note_end(log, 'b')); };
    auto t = create_task(group_with(supervise, waiting));
    co_await let_others_run();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "ab");
}

std::exception_ptr error(auto e) { return std::make_exception_ptr(e); }

TEST(exception_group, S287_hands_out_errors_by_type_also_nested_ones_and_keeps_the_rest) {
    exception_group nested({error(std::out_of_range("b")), error(std::invalid_argument("c"))});
    exception_group all({error(std::out_of_range("a")), error(nested), error(std::bad_alloc()), error(1)});
    std::string log;
    EXPECT_EQ(all.handle<std::out_of_range>([&](const std::out_of_range& e) { log += e.what(); }), 2U);
    EXPECT_EQ(log, "ab");
    EXPECT_EQ(all.exceptions().size(), 3U);
    EXPECT_EQ(all.handle<std::out_of_range>([](auto&) { FAIL(); }), 0U);
    EXPECT_EQ(all.handle<const std::exception>([&](auto&) { log += '.'; }), 2U) << "one of them nested";
    EXPECT_EQ(all.exceptions().size(), 1U) << "a group of nothing is none";
    EXPECT_THROW(all.rethrow_rest(), exception_group);
    EXPECT_EQ(all.handle<int>([&](int n) { log += std::to_string(n); }), 1U);
    EXPECT_EQ(log, "ab..1");
    EXPECT_TRUE(all.empty());
    all.rethrow_rest();
}

TEST(exception_group, S287_what_a_handler_throws_leaves_the_others_in_the_group) {
    exception_group all({error(1), error(2), error(3)});
    EXPECT_THROW(all.handle<int>([](int n) {
        if (n == 2) throw std::runtime_error("handler");
    }),
                 std::runtime_error);
    EXPECT_EQ(all.exceptions().size(), 2U);
}

TEST(exception_group, S287_needs_errors) {
    EXPECT_THROW(exception_group({}), std::invalid_argument);
    EXPECT_THROW(exception_group({std::exception_ptr()}), std::invalid_argument);
}

}  // namespace
