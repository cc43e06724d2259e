// tests/core/runner_test.cpp: several runs on one loop.
#include <torus/core/runner.hpp>

#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<event_loop*> which_loop() { co_return &get_running_loop(); }

TEST(runner, S57_several_runs_share_the_loop_and_its_time) {
    runner r(simulated());
    const time_point begin = r.loop().time();
    EXPECT_EQ(r.run(slowly(1s, 1)), 1);
    EXPECT_EQ(r.run(slowly(1s, 2)), 2);
    EXPECT_EQ(r.loop().time() - begin, 2s);
    EXPECT_EQ(r.run(which_loop()), &r.loop());
    EXPECT_THROW(get_running_loop(), std::runtime_error) << "between the runs none runs";
}

async<int> add_one(const context_var<int>& counted) {
    counted.set(counted.get() + 1);
    co_return counted.get();
}

TEST(runner, S57_the_runs_share_a_context_that_is_their_own) {
    const context_var<int> counted(0);
    auto fails = [&]() -> async<> {
        co_await add_one(counted);
        throw std::out_of_range("after a set");
    };
    auto in_a_task = [&]() -> async<int> { co_return co_await create_task(add_one(counted)); };
    std::thread([&] {  // whose own context goes with it
        counted.set(10);
        runner r(simulated());
        runner other(simulated());
        counted.set(20);
        EXPECT_EQ(r.run(add_one(counted)), 11) << "a copy, from where the runner was made";
        EXPECT_THROW(r.run(fails()), std::out_of_range);
        EXPECT_EQ(r.run(in_a_task()), 13) << "a task has a copy of its own";
        EXPECT_EQ(r.run(add_one(counted)), 13);
        EXPECT_EQ(other.run(add_one(counted)), 11);
        EXPECT_EQ(counted.get(), 20);
    })
        .join();
}

TEST(runner, S57_the_runs_share_a_context_also_where_nothing_was_set_before) {
    const context_var<int> counted(0);
    runner r(simulated());
    EXPECT_EQ(r.run(add_one(counted)), 1);
    EXPECT_EQ(r.run(add_one(counted)), 2);
    EXPECT_EQ(counted.get(), 0);
}

TEST(runner, S57_an_error_of_main_is_thrown_and_the_next_run_goes_on) {
    runner r(simulated());
    EXPECT_THROW(r.run(fail_after<std::out_of_range>(1s)), std::out_of_range);
    auto cancelled = []() -> async<> {
        current_task().cancel();
        co_await yield_now();
    };
    EXPECT_THROW(r.run(cancelled()), cancelled_error);
    EXPECT_EQ(r.run(slowly(1s, 3)), 3);
}

TEST(runner, S57_tasks_wait_for_the_next_run_and_end_when_it_is_closed) {
    std::string log;
    runner r(simulated());
    auto first = [&]() -> async<> {
        spawn(note_end(log, 'c'));
        spawn(
            [](std::string& text) -> async<> {
                co_await sleep(1s);
                text += 'a';
            },
            std::ref(log));
        get_running_loop().call_later(2s, [&log] { log += 'b'; });
        co_return;
    };
    r.run(first());
    EXPECT_EQ(log, "");
    r.run(slowly(3s, 1));
    EXPECT_EQ(log, "ab");
    r.close();
    EXPECT_EQ(log, "abc");
}

TEST(runner, S57_closing_is_idempotent_and_a_closed_one_refuses) {
    auto counted = std::make_shared<int>();
    bool ran = false;
    runner r(simulated());
    r.run(slowly(0s, 1));
    r.close();
    r.close();
    auto body = [&ran](std::shared_ptr<int>) -> async<> {
        ran = true;
        co_return;
    };
    ::testing::internal::CaptureStderr();
    EXPECT_THROW(r.run(body(counted)), std::runtime_error);
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "") << "a coroutine that is refused is no mistake";
    EXPECT_THROW(r.loop(), std::runtime_error);
    EXPECT_FALSE(ran);
    EXPECT_EQ(counted.use_count(), 1);
}

TEST(runner, S57_two_take_turns_on_one_thread_and_run_works_beside_them) {
    runner a(simulated());
    runner b(simulated());
    EXPECT_NE(a.run(which_loop()), b.run(which_loop()));
    EXPECT_EQ(a.run(slowly(1s, 1)), 1);
    EXPECT_EQ(run(slowly(0s, 2)), 2);
    EXPECT_EQ(b.run(slowly(1s, 3)), 3);
}

TEST(runner, S291_within_a_running_loop_it_refuses) {
    runner outer(simulated());
    runner other(simulated());
    auto main = [&]() -> async<> {
        EXPECT_THROW(outer.run(which_loop()), std::runtime_error);
        EXPECT_THROW(other.run(which_loop()), std::runtime_error);
        EXPECT_THROW(outer.close(), std::runtime_error);
        EXPECT_THROW(other.close(), std::runtime_error);
        EXPECT_THROW(std::make_unique<runner>(simulated()), std::runtime_error);
        co_await sleep(1s);
    };
    outer.run(main());
    EXPECT_EQ(other.run(slowly(0s, 1)), 1);
}

TEST(runner, S291_one_that_dies_while_another_loop_runs_ends_its_tasks) {
    std::string log;
    auto r = std::make_unique<runner>(simulated());
    auto leave = [&]() -> async<> {
        spawn(note_end(log, 'e'));
        co_await yield_now();
    };
    r->run(leave());
    auto main = [&]() -> async<> {
        event_loop& before = get_running_loop();
        r.reset();
        EXPECT_EQ(&get_running_loop(), &before);
        EXPECT_TRUE(current_task());
        co_await yield_now();
    };
    run(main());
    EXPECT_EQ(log, "e");
}

TEST(runner, S291_another_thread_may_not_use_it) {
    runner r(simulated());
    std::thread([&] {
        EXPECT_THROW(r.run(which_loop()), std::runtime_error);
        EXPECT_THROW(r.close(), std::runtime_error);
    }).join();
    EXPECT_EQ(r.run(slowly(0s, 1)), 1);
}

TEST(runner, S52_a_signal_cancels_the_run_and_the_next_one_goes_on) {
    runner r;
    auto interrupted = []() -> async<> {
        std::raise(SIGINT);
        co_await sleep_forever();
    };
    EXPECT_THROW(r.run(interrupted()), keyboard_interrupt);
    EXPECT_EQ(r.run(slowly(0s, 1)), 1);
    EXPECT_THROW(r.run(interrupted()), keyboard_interrupt);
}

}  // namespace
