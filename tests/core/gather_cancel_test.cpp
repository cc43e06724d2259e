// tests/core/gather_cancel_test.cpp: a gather that is cancelled, and children that are.
#include <torus/core/gather.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "core/gate.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(gather_cancel, S69_a_task_cancelled_by_somebody_else_makes_it_throw) {
    auto cancelled = create_task(slowly(1h, 0));
    auto sibling = create_task(slowly(5s, 4));
    auto owned_cleaned = false;
    auto owned = [&]() -> async<> {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            owned_cleaned = true;
            throw;
        }
    };
    auto gathering = create_task(
        [](task<int>& a, task<int>& b, async<> c) -> async<bool> {
            bool own = true;
            try {
                co_await gather(a, b, std::move(c));
            } catch (const cancelled_error& e) {
                own = e.is_own();
            }
            EXPECT_EQ(current_task().cancelling(), 0);
            co_return own;
        },
        std::ref(cancelled), std::ref(sibling), owned());
    co_await let_others_run();
    cancelled.cancel();
    EXPECT_FALSE(co_await gathering);
    EXPECT_TRUE(owned_cleaned) << "coroutines are cancelled and joined";
    EXPECT_FALSE(sibling.done()) << "tasks are not";
    EXPECT_EQ(co_await sibling, 4);
}

TORUS_TEST(gather_cancel, S70_cancelling_the_awaiter_cancels_every_child) {
    std::string log;
    auto as_task = create_task(slowly(1h, 0));
    auto t = create_task(
        [](std::string& text, task<int>& other) -> async<> {
            try {
                co_await gather(note_end(text, 'a'), note_end(text, 'b'), other);
            } catch (const cancelled_error& e) {
                EXPECT_TRUE(e.is_own());
                throw;
            }
        },
        std::ref(log), std::ref(as_task));
    co_await let_others_run();
    t.cancel("all of you");
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(thrown.reason(), "all of you");
    EXPECT_EQ(log, "ab");
    EXPECT_TRUE(as_task.cancelled());
}

TORUS_TEST(gather_cancel, S71_results_that_are_all_there_are_delivered) {
    gate open;
    std::string log;
    auto child = [](gate& g) -> async<int> {
        co_await g.pass();
        co_return 21;
    };
    auto t = create_task([&]() -> async<> {
        auto [a, b] = co_await gather(child(open), child(open));
        log += std::to_string(a + b);
        co_await yield_now();
        log += ", never here";
    });
    co_await let_others_run();
    open.open();
    // Behind the children, before the gather, in the ready queue.
    auto late = create_task([&]() -> async<> {
        EXPECT_TRUE(t.cancel());
        co_return;
    });
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "42");
    co_await late;
}

TORUS_TEST(gather_cancel, S72_it_ends_only_after_all_children_have) {
    std::string log;
    auto t = create_task(
        [](std::string& text) -> async<> {
            try {
                co_await gather(note_end(text, 'f'), note_end(text, 's', 10s));
            } catch (const cancelled_error&) {
                text += '!';
                throw;
            }
        },
        std::ref(log));
    co_await let_others_run();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "fs!");
    EXPECT_EQ(elapsed(), 10s);
}

TORUS_TEST(gather_cancel, S73_a_childs_answer_with_another_error_is_thrown) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        co_await expect_throws<std::out_of_range>(gather(slowly(1h, 0), answer_with<std::out_of_range>("instead")));
        EXPECT_EQ(current_task().cancelling(), 1);
        log += "error, then ";
        try {
            co_await yield_now();
            log += "nothing";
        } catch (const cancelled_error&) {
            log += "cancelled";
            throw;
        }
    });
    co_await let_others_run();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "error, then cancelled");
}

TORUS_TEST(gather_cancel, S73_if_every_child_succeeds_all_the_same_the_results_are_delivered) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        auto [a, b] = co_await gather(swallow(1), swallow(2));
        log += std::to_string(a + b);
        co_await yield_now();
        log += ", never here";
    });
    co_await let_others_run();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "3");
}

TORUS_TEST(gather_cancel, pending_before_it_begins_no_coroutine_runs_and_tasks_are_told) {
    std::string log;
    auto note = [&]() -> async<> {
        log += "ran";
        co_return;
    };
    auto running = create_task(slowly(1h, 0));
    auto t = create_task([&]() -> async<> {
        current_task().cancel("before");
        try {
            co_await gather(note(), note(), running);
        } catch (const cancelled_error& e) {
            EXPECT_TRUE(e.is_own());
            throw;
        }
    });
    auto thrown = co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(thrown.reason(), "before");
    EXPECT_EQ(log, "");
    EXPECT_TRUE(running.cancelled());
}

TORUS_TEST(gather_cancel, cancelled_by_one_of_its_own_children) {
    task<> t;
    auto cancels = [&]() -> async<> {
        co_await yield_now();
        t.cancel();
    };
    std::string log;
    t = create_task([&]() -> async<> { co_await gather(note_end(log, 'a', 1s), cancels()); });
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "a");
}

TORUS_TEST(gather_cancel, cancelled_again_it_tells_the_children_again) {
    std::string log;
    auto stubborn = [&]() -> async<> {
        for (int i = 0; i < 3; ++i) {
            try {
                co_await sleep(1h);
            } catch (const cancelled_error& e) {
                log += e.reason();
                if (i == 2) throw;
            }
        }
    };
    auto t = create_task([&]() -> async<> { co_await gather(stubborn()); });
    for (char reason : {'a', 'b', 'c'}) {
        co_await sleep(1s);
        t.cancel(std::string_view(&reason, 1));
    }
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "abc");
}

TORUS_TEST(gather_cancel, a_child_may_fail_and_cancel_siblings_while_they_end) {
    // Children that end, fail, and start others within one pass, in every order: what is ready goes on all the same.
    const std::array<std::string_view, 6> logs{"ese", "see", "see", "eese", "esee", "seee"};
    for (std::size_t order = 0; order < logs.size(); ++order) {
        std::string log;
        auto ends = [&]() -> async<> {
            co_await yield_now();
            log += 'e';
        };
        auto fails = [&]() -> async<> {
            co_await yield_now();
            throw std::runtime_error("fails");
        };
        auto spawns = [&]() -> async<> {
            co_await yield_now();
            spawn(ends());
            log += 's';
        };
        std::vector<async<>> children;
        for (std::size_t i = 0; i < 3; ++i) {
            switch ((i + order) % 3) {
            case 0: children.push_back(ends()); break;
            case 1: children.push_back(order < 3 ? fails() : ends()); break;
            default: children.push_back(spawns());
            }
        }
        bool threw = false;
        try {
            co_await gather(std::move(children));
        } catch (const std::runtime_error&) {
            threw = true;
        }
        EXPECT_EQ(threw, order < 3);
        co_await let_others_run();
        EXPECT_EQ(log, logs[order]);
    }
}

}  // namespace
