// tests/core/done_callback_test.cpp: functions that are called when a task is done.
#include <torus/core/callback.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(done_callback, S15_awaiters_and_callbacks_are_queued_in_the_order_in_which_they_came) {
    std::string log;
    auto t = create_task(slowly(1s, 1));
    auto awaiting = [&log, t](char name) -> async<> {
        co_await t;
        log += name;
    };
    t.add_done_callback([&] { log += 'a'; });
    auto b = create_task(awaiting('b'));
    co_await yield_now();
    t.add_done_callback([&] { log += 'c'; });
    auto d = create_task(awaiting('d'));
    co_await gather(b, d);
    EXPECT_EQ(log, "abcd");
}

TORUS_TEST(done_callback, S27_of_a_finished_task_it_is_called_in_the_next_pass) {
    auto t = create_task(slowly(0s, 7));
    co_await t;
    int got = 0;
    t.add_done_callback([&](const task<int>& done) { got = done.result(); });
    EXPECT_EQ(got, 0);
    co_await yield_now();
    EXPECT_EQ(got, 7);
}

TORUS_TEST(done_callback, S27_it_is_called_whatever_became_of_the_task) {
    std::vector<any_task> ended;
    auto note_it = [&](const any_task& t) { ended.push_back(t); };
    auto failing = create_task(fail_after(1s));
    auto cancelled = create_task(sleep(1h, 1));
    const any_task same = cancelled;
    failing.add_done_callback(note_it);
    same.add_done_callback(note_it);
    auto unstarted = create_task(sleep(1h, 1));
    unstarted.add_done_callback(note_it);
    unstarted.cancel();
    co_await sleep(2s);
    cancelled.cancel();
    co_await let_others_run();
    EXPECT_EQ(ended, (std::vector<any_task>{unstarted, failing, cancelled}));
    EXPECT_TRUE(failing.exception());
}

TORUS_TEST(done_callback, S28_adding_and_removing_while_they_are_called_skips_and_repeats_nobody) {
    auto t = create_task(slowly(1s, 1));
    std::string log;
    std::vector<callback_id> ids;
    ids.push_back(t.add_done_callback([&] {
        log += 'a';
        EXPECT_FALSE(t.remove_done_callback(ids[0])) << "it is being called";
        EXPECT_FALSE(t.remove_done_callback(ids[1])) << "it will be called soon";
        t.add_done_callback([&] { log += 'd'; });
    }));
    ids.push_back(t.add_done_callback([&] { log += 'b'; }));
    ids.push_back(t.add_done_callback([&] { log += 'c'; }));
    co_await sleep(2s);
    EXPECT_EQ(log, "abcd");
}

TORUS_TEST(done_callback, S276_a_removed_one_is_not_called_and_its_function_dies) {
    auto t = create_task(slowly(1s, 1));
    auto other = create_task(slowly(1s, 1));
    auto counted = std::make_shared<int>();
    const callback_id id = t.add_done_callback([counted] { FAIL(); });
    EXPECT_FALSE(other.remove_done_callback(id)) << "it is not this task's";
    EXPECT_TRUE(t.remove_done_callback(id));
    EXPECT_EQ(counted.use_count(), 1);
    EXPECT_FALSE(t.remove_done_callback(id));
    co_await sleep(2s);
}

TORUS_TEST(done_callback, S276_it_keeps_the_result_alive_and_then_lets_go) {
    auto counted = std::make_shared<int>(42);
    auto body = [](std::shared_ptr<int> c) -> async<std::shared_ptr<int>> {
        co_await sleep(1s);
        co_return c;
    };
    int got = 0;
    create_task(body, counted).add_done_callback([&](const task<std::shared_ptr<int>>& t) { got = *t.result(); });
    co_await sleep(2s);
    EXPECT_EQ(got, 42);
    EXPECT_EQ(counted.use_count(), 1);
}

TORUS_TEST(done_callback, S276_an_error_that_it_does_not_look_at_is_reported_after_it) {
    bool called = false;
    create_task(fail_after(1s)).add_done_callback([&] {
        called = true;
        EXPECT_TRUE(take_reports().empty());
    });
    create_task(fail_after(2s)).add_done_callback([](const task<>& t) { EXPECT_TRUE(t.exception()); });
    co_await sleep(3s);
    EXPECT_TRUE(called);
    EXPECT_EQ(take_reports().size(), 1U);
}

TEST(done_callback, S276_those_of_main_are_called) {
    bool called = false;
    auto main = [&]() -> async<> {
        current_task().add_done_callback([&] { called = true; });
        co_return;
    };
    run(main());
    EXPECT_TRUE(called);
}

TEST(done_callback, S276_those_of_a_task_that_refuses_to_end_die_uncalled) {
    auto counted = std::make_shared<int>();
    auto refusing = []() -> async<> {
        for (;;) {
            try {
                co_await sleep_forever();
            } catch (const cancelled_error&) {}
        }
    };
    auto main = [&]() -> async<> {
        get_running_loop().set_exception_handler([](const error_context&) {});
        auto t = create_task(refusing());
        t.add_done_callback([counted] { FAIL(); });
        co_await yield_now();
    };
    run(main(), {.clock = clock_kind::simulated, .task_grace = 1s});
    EXPECT_EQ(counted.use_count(), 1);
}

}  // namespace
