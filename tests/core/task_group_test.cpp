// tests/core/task_group_test.cpp: children that end before the block does, and what it throws.
#include <torus/core/task_group.hpp>

#include <memory>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> again(task_group& group) { co_await std::move(group); }

TORUS_TEST(task_group, S133_ends_when_body_and_children_are_done) {
    task<int> kept;
    auto body = [&](task_group& tg) -> async<> {
        kept = tg.create_task(slowly(3s, 1));
        tg.create_task(slowly(5s, 2));
        co_await sleep(1s);
    };
    co_await task_group(body);
    EXPECT_EQ(elapsed(), 5s);
    EXPECT_EQ(kept.result(), 1);
}

TORUS_TEST(task_group, S133_a_body_that_does_not_await_can_be_a_plain_closure) {
    int done = 0;
    auto count = [&]() -> async<> {
        co_await sleep(1s);
        ++done;
    };
    co_await task_group([&](task_group& tg) {
        tg.create_task(count());
        tg.create_task(count());
    });
    EXPECT_EQ(done, 2);
    co_await task_group([](task_group&) {});
}

TORUS_TEST(task_group, S134_children_may_start_children_while_it_is_closing) {
    int started = 0;
    auto body = [&](task_group& tg) {
        struct hydra {
            static async<> grow(task_group& group, int& count, int depth) {
                ++count;
                co_await sleep(1s);
                if (depth == 0) co_return;
                group.create_task(grow(group, count, depth - 1));
                group.create_task(grow(group, count, depth - 1));
            }
        };
        tg.create_task(hydra::grow(tg, started, 4));
    };
    co_await task_group(body);
    EXPECT_EQ(started, 31);
    EXPECT_EQ(elapsed(), 5s);
}

TORUS_TEST(task_group, S135_finished_children_are_forgotten) {
    auto counted = std::make_shared<int>();
    auto body = [&](task_group& tg) -> async<> {
        for (int i = 0; i < 100; ++i) {
            tg.create_task([](std::shared_ptr<int>) -> async<> { co_return; }, counted);
            co_await let_others_run(2);
            EXPECT_EQ(counted.use_count(), 1);
        }
    };
    co_await task_group(body);
}

TORUS_TEST(task_group, S136_the_first_error_cancels_children_and_body) {
    std::string log;
    auto body = [&](task_group& tg) -> async<> {
        tg.create_task(note_end(log, 'a', 2s));
        tg.create_task(fail_after(1s, "first"));
        tg.create_task(note_end(log, 'b', 1s));
        co_await note_end(log, 'm');
    };
    auto thrown = co_await expect_throws<std::runtime_error>(task_group_of(body));
    EXPECT_STREQ(thrown.what(), "first");
    EXPECT_EQ(log, "mba");
    EXPECT_EQ(elapsed(), 3s) << "it waits for their ends";
}

TORUS_TEST(task_group, S137_the_task_is_not_left_cancelled) {
    std::string log;
    auto body = [&](task_group& tg) -> async<> {
        tg.create_task(fail_after(1s));
        try {
            co_await sleep(1h);
            log += "never ";
        } catch (const cancelled_error&) {
            EXPECT_EQ(current_task().cancelling(), 1);
            log += "interrupted ";
            throw;
        }
    };
    co_await expect_throws<std::runtime_error>(task_group_of(body));
    EXPECT_EQ(current_task().cancelling(), 0);
    co_await sleep(1s);
    EXPECT_EQ(log, "interrupted ");
}

TORUS_TEST(task_group, S137_one_swallowed_before_does_not_come_up_again) {
    auto t = create_task([]() -> async<int> {
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {}
        auto body = [](task_group& tg) -> async<> {
            tg.create_task(fail_after(1s));
            co_await sleep(1h);
        };
        co_await expect_throws<std::runtime_error>(task_group_of(body));
        auto cancelling = [](task_group& tg) -> async<> {
            tg.cancel();
            co_await sleep(1h);
        };
        co_await task_group(cancelling);
        co_await sleep(1s);
        co_return current_task().cancelling();
    });
    co_await yield_now();
    t.cancel();
    EXPECT_EQ(co_await t, 1);
}

TORUS_TEST(task_group, D3_further_errors_go_to_the_handler_as_siblings_of_the_first) {
    auto body = [&](task_group& tg) -> async<> {
        tg.create_task(answer_with("second"), {.name = "the sibling"});
        tg.create_task(fail_after(1s, "first"));
        co_await answer_with("third");
    };
    auto thrown = co_await expect_throws<std::runtime_error>(task_group_of(body));
    EXPECT_STREQ(thrown.what(), "first");
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 2U);
    std::string all;
    for (const std::string& each : reports) all += each + '\n';
    for (const char* word : {"first", "second", "third", "the sibling"})
        EXPECT_NE(all.find(word), std::string::npos) << word << " in " << all;
}

TORUS_TEST(task_group, S138_in_the_order_in_which_they_happened_and_without_those_that_were_cancelled) {
    auto answers = [](duration cleaning, std::string what) -> async<> {
        bool cancelled = false;
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            cancelled = true;
        }
        if (cancelled) co_await sleep(cleaning);
        throw std::runtime_error(what);
    };
    auto body = [&](task_group& tg) -> async<> {
        tg.create_task(answers(3s, "fourth"));
        tg.create_task(sleep(1h, 0));
        tg.create_task(answers(1s, "second"));
        tg.create_task(fail_after(1s, "first"));
        tg.create_task(answers(2s, "third"));
        co_await sleep(1h);
    };
    auto thrown = co_await expect_throws<std::runtime_error>(task_group_of(body));
    EXPECT_STREQ(thrown.what(), "first");
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 3U);
    std::size_t place = 0;
    for (const char* word : {"second", "third", "fourth"}) {
        if (place == reports.size()) break;
        EXPECT_NE(reports[place].find(word), std::string::npos) << reports[place];
        ++place;
    }
}

TORUS_TEST(task_group, D3_an_error_that_comes_up_again_is_no_second_one) {
    auto body = [&](task_group& tg) -> async<> {
        auto failing = tg.create_task(fail_after(1s));
        tg.create_task([](task<> awaited) -> async<> { co_await awaited; }, failing);
        co_await failing;
    };
    co_await expect_throws<std::runtime_error>(task_group_of(body));
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(task_group, S140_an_error_of_the_body_cancels_the_children) {
    std::string log;
    auto body = [&](task_group& tg) -> async<> {
        tg.create_task(note_end(log, 'a', 1s));
        co_await sleep(1s);
        throw std::out_of_range("body");
    };
    co_await expect_throws<std::out_of_range>(task_group_of(body));
    EXPECT_EQ(log, "a");
    EXPECT_EQ(elapsed(), 2s);
    co_await expect_throws<std::out_of_range>(task_group_of([](task_group&) { throw std::out_of_range("plain"); }));
}

TORUS_TEST(task_group, S141_a_child_that_is_cancelled_alone_is_no_error) {
    std::string log;
    auto body = [&](task_group& tg) -> async<> {
        auto child = tg.create_task(note_end(log, 'a'));
        auto other = tg.create_task(slowly(5s, 3));
        co_await sleep(1s);
        child.cancel();
        EXPECT_EQ(co_await other, 3);
    };
    co_await task_group(body);
    EXPECT_EQ(log, "a");
}

TORUS_TEST(task_group, S145_an_inner_failure_is_one_error_of_the_outer_body) {
    std::string log;
    auto outer = [&](task_group& tg) -> async<> {
        tg.create_task(note_end(log, 'o'));
        auto inner = [&](task_group& in) -> async<> {
            in.create_task(note_end(log, 'i'));
            in.create_task(fail_after(1s, "inner"));
            co_await sleep(1h);
        };
        co_await task_group(inner);
        log += "never";
    };
    auto thrown = co_await expect_throws<std::runtime_error>(task_group_of(outer));
    EXPECT_STREQ(thrown.what(), "inner");
    EXPECT_EQ(log, "io");
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(task_group, S146_nested_groups_that_fail_in_the_same_pass) {
    auto outer = [&](task_group& tg) -> async<> {
        tg.create_task(fail_after(1s, "outer"));
        auto inner = [&](task_group& in) -> async<> {
            in.create_task(fail_after(1s, "inner"));
            co_await sleep(1h);
        };
        co_await expect_throws<std::runtime_error>(task_group_of(inner));
        co_await sleep(1h);
        ADD_FAILURE() << "the outer cancellation was swallowed";
    };
    auto thrown = co_await expect_throws<std::runtime_error>(task_group_of(outer));
    EXPECT_STREQ(thrown.what(), "outer");
    EXPECT_EQ(current_task().cancelling(), 0);
    EXPECT_EQ(elapsed(), 1s);
    co_await sleep(1s);
}

TORUS_TEST(task_group, S149_after_the_end_and_while_aborting_children_are_refused) {
    struct never {
        static async<> runs() {
            ADD_FAILURE() << "it ran";
            co_return;
        }
    };
    auto body = [&](task_group& tg) -> async<> {
        tg.create_task(fail_after(1s));
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            EXPECT_THROW(tg.create_task(never::runs()), invalid_state_error);
            throw;
        }
    };
    co_await expect_throws<std::runtime_error>(task_group_of(body));

    auto empty = [](task_group&) {};
    task_group group(empty);
    EXPECT_THROW(group.create_task(never::runs()), invalid_state_error) << "before it was entered";
    co_await std::move(group);
    EXPECT_THROW(group.create_task(never::runs()), invalid_state_error) << "after its end";
}

// A child that starts others in the pass in which a sibling fails is told by its cancellation, not by another error.
TORUS_TEST(task_group, S149_who_has_not_been_told_yet_starts_children_that_never_begin) {
    task<> late;
    auto body = [&](task_group& tg) -> async<> {
        tg.create_task(fail_after(1s));
        tg.create_task(
            [](task_group& group, task<>& started) -> async<> {
                co_await sleep(1s);
                auto never = []() -> async<> {
                    ADD_FAILURE() << "it ran";
                    co_return;
                };
                started = group.create_task(never());
                co_await sleep(1h);
            },
            std::ref(tg), std::ref(late));
        co_await sleep(1h);
    };
    co_await expect_throws<std::runtime_error>(task_group_of(body));
    EXPECT_TRUE(late.cancelled());
}

TORUS_TEST(task_group, S150_it_can_be_entered_once) {
    int ran = 0;
    task_group* self = nullptr;
    auto body = [&](task_group&) -> async<> {
        ++ran;
        co_await expect_throws<invalid_state_error>(again(*self));
    };
    task_group group(body);
    self = &group;
    co_await std::move(group);
    co_await expect_throws<invalid_state_error>(again(group));
    EXPECT_EQ(ran, 1);
    auto unused = [&](task_group&) { ++ran; };
    task_group cancelled(unused);
    cancelled.cancel();
    co_await std::move(cancelled);
    co_await expect_throws<invalid_state_error>(again(cancelled));
    EXPECT_EQ(ran, 1);
}

TORUS_TEST(task_group, S154_there_is_no_flat_form) {
    static_assert(!std::is_move_constructible_v<task_group> && !std::is_default_constructible_v<task_group>);
    co_return;
}

TORUS_TEST(task_group, never_awaited_it_is_reported) {
    {
        auto body = [](task_group&) {};
        task_group forgotten(body);
    }
    EXPECT_EQ(take_reports().size(), 1U);
    co_return;
}

}  // namespace
