// tests/core/eager_test.cpp: tasks whose first step is taken where they are created.
#include <torus/core/task.hpp>

#include <stdexcept>
#include <string>

#include <torus/core/run.hpp>
#include <torus/testing/test.hpp>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(eager, S33_it_runs_up_to_the_first_real_suspension) {
    std::string log;
    auto body = [&]() -> async<int> {
        log += "a";
        co_await [&]() -> async<> {
            log += "b";
            co_return;
        }();
        co_await yield_now();
        log += "d";
        co_return 4;
    };
    auto t = create_task(body(), {.eager = true});
    log += "c";
    EXPECT_FALSE(t.done());
    EXPECT_EQ(co_await t, 4);
    EXPECT_EQ(log, "abcd");
}

TORUS_TEST(eager, S33_if_it_finishes_it_is_done_on_return) {
    static const std::string on_the_heap = "a result that is too long for the small string optimisation";
    auto body = []() -> async<std::string> { co_return on_the_heap; };
    for (int i = 0; i < 100; ++i) {
        auto t = create_task(body(), {.eager = true});
        EXPECT_TRUE(t.done());
        EXPECT_EQ(t.result(), on_the_heap);
        create_task(body(), {.eager = true});  // nobody holds it
    }
    EXPECT_EQ(all_tasks().size(), 1U);
    co_return;
}

TORUS_TEST(eager, S34_current_task_is_the_new_one_and_then_the_old_one) {
    const any_task self = current_task();
    any_task seen;
    auto body = [&]() -> async<> {
        seen = current_task();
        co_await yield_now();
        EXPECT_EQ(current_task(), seen);
    };
    auto t = create_task(body(), {.eager = true});
    EXPECT_EQ(current_task(), self);
    EXPECT_EQ(seen, t);
    co_await t;
}

TORUS_TEST(eager, S34_an_exception_is_stored_in_the_task) {
    auto body = []() -> async<> {
        throw std::out_of_range("eagerly");
        co_return;
    };
    auto t = create_task(body(), {.eager = true});
    EXPECT_TRUE(t.done());
    EXPECT_THROW(t.result(), std::out_of_range);
    create_task(body(), {.eager = true});
    EXPECT_EQ(take_reports().size(), 1U) << "nobody can look at it";
    co_return;
}

TORUS_TEST(eager, S35_cancelling_it) {
    auto quick = []() -> async<> { co_return; };
    auto done = create_task(quick(), {.eager = true});
    EXPECT_FALSE(done.cancel());
    auto slow = []() -> async<> { co_await sleep(1h); };
    auto blocked = create_task(slow(), {.eager = true});
    EXPECT_TRUE(blocked.cancel());
    co_await expect_throws<cancelled_error>(blocked);
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_TEST(eager, a_pending_cancellation_of_the_creator_is_its_own) {
    current_task().cancel();
    std::string log;
    auto body = [&]() -> async<> {
        co_await yield_now();
        log += "not cancelled";
    };
    auto t = create_task(body(), {.eager = true});
    current_task().uncancel();
    co_await t;
    EXPECT_EQ(log, "not cancelled");
}

async<> nest(int depth) {
    if (depth == 0) co_return;
    auto inner = create_task(nest(depth - 1), {.eager = true});
    co_await inner;
}

TORUS_TEST(eager, nested_to_any_depth_it_does_not_overflow_the_stack) { co_await nest(100'000); }

TEST(eager, S285_a_loop_may_begin_all_its_tasks_so_but_main) {
    std::string log;
    auto child = [&](char name) -> async<> {
        log += name;
        co_await yield_now();
        log += static_cast<char>(name - 'a' + 'A');
    };
    auto body = [&](task_group& tg) {
        tg.create_task(child('c'));
        log += '3';
    };
    auto main = [&]() -> async<> {
        EXPECT_EQ(current_task().name(), "main");
        auto a = create_task(child('a'));
        log += '1';
        spawn(child('b'));
        log += '2';
        co_await task_group(body);
    };
    run(main(), {.eager_tasks = true});
    EXPECT_EQ(log, "a1b2c3ABC");
}

}  // namespace
