// tests/core/task_group_cancel_test.cpp: a group whose parent is cancelled, and one that cancels itself.
#include <torus/core/task_group.hpp>

#include <initializer_list>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(task_group_cancel, S142_of_the_parent_in_the_body_or_while_joining) {
    for (bool in_body : {true, false}) {
        std::string log;
        auto t = create_task([&]() -> async<> {
            auto body = [&](task_group& tg) -> async<> {
                tg.create_task(note_end(log, 'a', 1s));
                tg.create_task(note_end(log, 'b', 2s));
                if (in_body) co_await note_end(log, 'm');
            };
            try {
                co_await task_group(body);
            } catch (const cancelled_error& e) {
                EXPECT_TRUE(e.is_own());
                throw;
            }
        });
        const time_point began = clock::now();
        co_await sleep(1s);
        t.cancel("parent");
        auto thrown = co_await expect_throws<cancelled_error>(t);
        EXPECT_EQ(thrown.reason(), "parent");
        EXPECT_EQ(log, in_body ? "mab" : "ab");
        EXPECT_EQ(t.cancelling(), 1);
        EXPECT_EQ(clock::now() - began, 3s);
    }
}

TORUS_TEST(task_group_cancel, S142_pending_before_it_is_entered) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        current_task().cancel();
        auto body = [&](task_group& tg) {
            tg.create_task(note_end(log, 'n'));
            log += "body ";
        };
        co_await task_group(body);
        log += "never here";
    });
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "body ");
}

TORUS_TEST(task_group_cancel, S143_a_childs_error_goes_first_and_the_cancellation_stays_pending) {
    for (bool in_body : {true, false}) {
        std::string log;
        auto t = create_task([&]() -> async<> {
            auto body = [&](task_group& tg) -> async<> {
                tg.create_task(answer_with("while being cancelled"));
                if (in_body) co_await sleep(1h);
            };
            co_await expect_throws<std::runtime_error>(task_group_of(body));
            EXPECT_EQ(current_task().cancelling(), 1);
            log += "error ";
            try {
                co_await yield_now();
                log += "nothing";
            } catch (const cancelled_error&) {
                log += "cancelled";
                throw;
            }
        });
        co_await sleep(1s);
        t.cancel();
        co_await expect_throws<cancelled_error>(t);
        EXPECT_EQ(log, "error cancelled") << in_body;
    }
}

TORUS_TEST(task_group_cancel, D1_if_all_children_succeed_the_cancellation_stays_pending) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        auto body = [&](task_group& tg) { tg.create_task(swallow(0)); };
        co_await task_group(body);
        log += "done ";
        co_await yield_now();
        log += "never here";
    });
    co_await sleep(1s);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "done ");
}

TORUS_TEST(task_group_cancel, S144_a_body_that_answers_with_another_error) {
    auto t = create_task([&]() -> async<> {
        auto body = [&](task_group&) -> async<> { co_await answer_with("converted"); };
        co_await task_group(body);
    });
    co_await sleep(1s);
    t.cancel();
    co_await expect_throws<std::runtime_error>(t);
}

TORUS_TEST(task_group_cancel, S146_an_outer_cancellation_is_not_swallowed_by_an_inner_failure) {
    for (duration fails_at : std::initializer_list<duration>{1s - 1ns, 1s, 1s + 1ns}) {
        std::string log;
        auto t = create_task([&]() -> async<> {
            auto body = [&](task_group& tg) -> async<> {
                tg.create_task(fail_after(fails_at));
                co_await sleep(1h);
            };
            try {
                co_await task_group(body);
            } catch (const std::runtime_error&) {
                log += "error ";
            }
            co_await sleep(1s);
            log += "never here";
        });
        co_await sleep(1s);
        t.cancel();
        co_await expect_throws<cancelled_error>(t);
        EXPECT_TRUE(log == "error " || log.empty()) << log;
        EXPECT_EQ(t.cancelling(), 1);
    }
}

TORUS_TEST(task_group_cancel, S151_of_the_group_itself_ends_it_without_an_error) {
    std::string log;
    auto body = [&](task_group& tg) -> async<> {
        tg.create_task(note_end(log, 'a', 1s));
        tg.create_task(
            [](task_group& group) -> async<> {
                co_await sleep(2s);
                group.cancel();
                group.cancel();
            },
            std::ref(tg));
        co_await note_end(log, 'm');
        log += "never here";
    };
    co_await task_group(body);
    EXPECT_EQ(log, "ma");
    EXPECT_EQ(elapsed(), 3s);
    EXPECT_EQ(current_task().cancelling(), 0);
    co_await sleep(1s);
}

TORUS_TEST(task_group_cancel, S151_by_the_body_which_then_returns) {
    std::string log;
    auto body = [&](task_group& tg) {
        tg.create_task(note_end(log, 'a'));
        tg.cancel();
    };
    co_await task_group(body);
    co_await yield_now();
    EXPECT_EQ(log, "") << "the child had not begun";
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(task_group_cancel, S151_before_it_is_entered_nothing_runs) {
    auto body = [](task_group&) { ADD_FAILURE() << "it ran"; };
    task_group group(body);
    group.cancel();
    co_await std::move(group);
    group.cancel();
}

TORUS_TEST(task_group_cancel, S151_errors_that_answer_it_surface) {
    auto body = [&](task_group& tg) -> async<> {
        tg.create_task(answer_with("answer"));
        co_await sleep(1s);
        tg.cancel();
    };
    auto thrown = co_await expect_throws<std::runtime_error>(task_group_of(body));
    EXPECT_STREQ(thrown.what(), "answer");
}

TORUS_TEST(task_group_cancel, S152_an_outside_one_beside_it_is_not_swallowed) {
    for (bool outside_first : {true, false}) {
        task_group* group = nullptr;
        auto t = create_task([&]() -> async<> {
            auto body = [&](task_group& tg) -> async<> {
                group = &tg;
                co_await sleep(1h);
            };
            co_await task_group(body);
            co_await sleep(1h);
        });
        co_await sleep(1s);
        if (outside_first) t.cancel("outside");
        group->cancel();
        if (!outside_first) t.cancel("outside");
        auto thrown = co_await expect_throws<cancelled_error>(t);
        EXPECT_EQ(thrown.reason(), "outside");
        EXPECT_EQ(t.cancelling(), 1);
    }
}

TORUS_TEST(task_group_cancel, S152_a_timeout_around_it_is_not_swallowed) {
    auto body = [](task_group& tg) -> async<> {
        tg.create_task(
            [](task_group& group) -> async<> {
                co_await sleep(5s);
                group.cancel();
            },
            std::ref(tg));
        co_await sleep(1h);
    };
    co_await expect_throws<timeout_error>(timeout(3s, task_group_of(body)));
    EXPECT_EQ(elapsed(), 3s);
    co_await timeout(10s, task_group_of(body));
    EXPECT_EQ(current_task().cancelling(), 0);
}

TORUS_TEST(task_group_cancel, S152_an_eager_child_that_cancels_the_group_is_cancelled_too) {
    std::string log;
    auto body = [&](task_group& tg) -> async<> {
        auto cancels = [&]() -> async<> {
            tg.cancel();
            log += "eager ";
            co_await sleep(1h);
            log += "never here";
        };
        tg.create_task(cancels(), {.eager = true});
        log += "body ";
        co_await sleep(1h);
        log += "never here";
    };
    co_await task_group(body);
    EXPECT_EQ(log, "eager body ");
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_TEST(task_group_cancel, S153_an_eager_child_that_fails_interrupts_the_body_at_its_next_await) {
    std::string log;
    auto body = [&](task_group& tg) -> async<> {
        auto fails = []() -> async<> {
            throw std::runtime_error("eagerly");
            co_return;
        };
        tg.create_task(fails(), {.eager = true});
        log += "went on, ";
        tg.create_task(note_end(log, 'n'));
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            log += "interrupted";
            throw;
        }
    };
    auto thrown = co_await expect_throws<std::runtime_error>(task_group_of(body));
    EXPECT_STREQ(thrown.what(), "eagerly");
    EXPECT_EQ(log, "went on, interrupted");
}

// Every combination of what may happen to a group with one child within a few passes.
TORUS_TEST(task_group_cancel, S130_whatever_happens_when_its_count_is_right_and_nothing_is_left) {
    for (int outside = 0; outside < 8; ++outside) {
        for (int inside = 0; inside < 8; ++inside) {
            for (bool fails : {true, false}) {
                const std::size_t before = all_tasks().size();
                auto t = create_task([&]() -> async<> {
                    auto body = [&](task_group& tg) -> async<> {
                        tg.create_task(
                            [](task_group& group, int passes, bool failing) -> async<> {
                                co_await let_others_run(passes);
                                if (failing) throw std::runtime_error("child");
                                group.cancel();
                            },
                            std::ref(tg), inside, fails);
                        co_await let_others_run(4);
                    };
                    co_await task_group(body);
                });
                co_await let_others_run(outside);
                t.cancel();
                try {
                    co_await t;
                } catch (const std::runtime_error&) {
                } catch (const cancelled_error&) {}
                EXPECT_LE(t.cancelling(), 1);
                EXPECT_EQ(all_tasks().size(), before);
            }
        }
    }
}

}  // namespace
