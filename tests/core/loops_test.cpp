// tests/core/loops_test.cpp: runs with several loops, each on a thread of its own.
#include <atomic>
#include <future>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include <torus/testing/test.hpp>

#include <sched.h>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

bool is_simulated() { return event_loop().backend_name() == "sim"; }

/// Runs a test's coroutine with three loops. The simulation has one, whatever is asked for.
void run_on_three(async<> (*body)(), run_options how = {}) {
    if (is_simulated()) GTEST_SKIP() << "one thread";
    how.threads = 3;
    run(body(), how);
}

/// Threads that have been seen, by whichever of them.
class threads_seen {
public:
    void here() {
        const std::lock_guard held(mutex_);
        seen_.insert(std::this_thread::get_id());
    }
    std::size_t count() {
        const std::lock_guard held(mutex_);
        return seen_.size();
    }

private:
    std::mutex mutex_;
    std::set<std::thread::id> seen_;
};

async<> list_them() {
    const auto all = loops();
    EXPECT_EQ(all.size(), 3U);
    EXPECT_EQ(all.front(), &get_running_loop());
    threads_seen threads;
    for (event_loop* each : all) {
        auto look = [&]() -> async<> {
            threads.here();
            EXPECT_EQ(&get_running_loop(), each);
            EXPECT_EQ(loops().size(), 3U);
            co_return;
        };
        co_await spawn_on(*each, look);
    }
    EXPECT_EQ(threads.count(), 3U);
}

TEST(loops, S526_each_has_a_thread_and_main_s_is_the_first) { run_on_three(list_them); }

TORUS_TEST(loops, S526_a_run_without_threads_has_one) {
    const auto all = loops();
    EXPECT_EQ(all.size(), 1U);
    EXPECT_EQ(all.front(), &get_running_loop());
    co_return;
}

TEST(loops, S526_there_are_none_outside_of_a_run) { EXPECT_THROW(static_cast<void>(loops()), std::runtime_error); }

async<> call_on_each() {
    threads_seen threads;
    std::atomic<int> sum{0};
    auto work = [&](std::string text) -> async<> {
        co_await sleep(1ms);
        threads.here();
        sum += static_cast<int>(text.size());
    };
    co_await on_every_loop(work, "four"s);
    EXPECT_EQ(threads.count(), 3U);
    EXPECT_EQ(sum, 12);
}

TEST(loops, S527_a_function_runs_once_on_each_with_copies_of_its_arguments) { run_on_three(call_on_each); }

TORUS_TEST(loops, S527_also_where_there_is_one) {
    int calls = 0;
    auto count = [&]() -> async<> {
        ++calls;
        co_return;
    };
    co_await on_every_loop(count);
    EXPECT_EQ(calls, 1);
}

async<> fail_on_one() {
    std::atomic<int> cancelled{0};
    std::promise<void> both_wait;
    std::atomic<int> waiting{0};
    event_loop* const last = loops().back();
    auto work = [&]() -> async<> {
        if (&get_running_loop() == last) {
            both_wait.get_future().wait();
            throw std::out_of_range("here");
        }
        try {
            if (++waiting == 2) both_wait.set_value();
            co_await sleep_forever();
        } catch (const cancelled_error&) {
            ++cancelled;
            throw;
        }
    };
    EXPECT_THROW(co_await on_every_loop(work), std::out_of_range);
    EXPECT_EQ(cancelled, 2);
}

TEST(loops, S528_the_first_error_is_thrown_when_the_others_have_been_cancelled_and_have_ended) {
    run_on_three(fail_on_one);
}

async<> cancel_all_of_them() {
    std::atomic<int> begun{0};
    std::atomic<int> cleaned{0};
    promise<> all_begun;
    event_loop& here = get_running_loop();
    auto work = [&]() -> async<> {
        if (++begun == 3) here.call_soon_threadsafe([&] { all_begun.set_value(); });
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {
            ++cleaned;
            throw;
        }
    };
    task<> running = create_task(on_every_loop(work));
    co_await all_begun.future();
    running.cancel();
    EXPECT_THROW(co_await running, cancelled_error);
    EXPECT_EQ(cleaned, 3);
}

TEST(loops, S529_a_cancellation_goes_to_all_and_their_ends_are_awaited) { run_on_three(cancel_all_of_them); }

async<> stay() { co_await sleep_forever(); }
async<> note_nothing() { co_return; }

std::atomic<int> cleaned_after_main{0};

async<> leave_tasks_behind() {
    auto clean = []() -> async<> {
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {
            ++cleaned_after_main;
            throw;
        }
    };
    auto start = [&]() -> async<> {
        spawn(clean());
        co_await yield_now();
    };
    co_await on_every_loop(start);
}

TEST(loops, S530_what_main_leaves_on_any_loop_is_cancelled_and_awaited) {
    if (is_simulated()) GTEST_SKIP() << "one thread";
    cleaned_after_main = 0;
    run(leave_tasks_behind(), {.threads = 3});
    EXPECT_EQ(cleaned_after_main, 3);
}

TEST(loops, S530_tasks_that_wait_for_another_loop_s_end_with_it) {
    if (is_simulated()) GTEST_SKIP() << "one thread";
    auto main = []() -> async<> {
        auto wait_there = [](event_loop* other) -> async<> { co_await spawn_on(*other, stay()); };
        const auto all = loops();
        auto start = [&]() -> async<> {
            spawn(wait_there(all.front()));  // they wait for main's loop, and main's for them
            co_await yield_now();
        };
        spawn(wait_there(all.back()));
        co_await spawn_on(*all.back(), start);
    };
    ::testing::internal::CaptureStderr();
    run(main(), {.threads = 3});
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

/// Waits until it is cancelled, then cleans up for a moment, and counts if that was left in peace.
async<> clean_up_slowly(std::atomic<int>& cleaned) {
    try {
        co_await sleep_forever();
    } catch (const cancelled_error&) {}
    co_await sleep(5ms);
    ++cleaned;
    throw cancelled_error();
}

TEST(loops, S538_clean_up_is_not_cut_short_by_the_end_of_the_other_loop) {
    if (is_simulated()) GTEST_SKIP() << "one thread";
    for (int i = 0; i < 20; ++i) {
        std::atomic<int> waiting{0};
        std::atomic<int> cleaned{0};
        std::promise<void> all_wait;
        auto work = [&]() -> async<> {
            if (++waiting == 3) all_wait.set_value();
            co_await clean_up_slowly(cleaned);
        };
        auto main = [&]() -> async<> {
            spawn(on_every_loop(work));
            co_await to_thread([&] { all_wait.get_future().wait(); });
        };
        run(main(), {.threads = 3});
        ASSERT_EQ(cleaned, 3);
    }
}

TEST(loops, S539_one_that_has_closed_refuses_what_others_ask_of_it_in_their_clean_up) {
    if (is_simulated()) GTEST_SKIP() << "one thread";
    std::atomic<int> refused{0};
    auto ask = [&]() -> async<> {
        const auto all = loops();
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {}
        for (bool open = true; open;) {  // the second loop has no tasks but its own, and goes before this one
            co_await sleep(1ms);
            try {
                co_await spawn_on(*all[1], note_nothing);
            } catch (const cancelled_error&) {  // taken, and cancelled by that loop's end
            } catch (const std::exception&) {
                open = false;
            }
        }
        ++refused;
    };
    auto begin_to_ask = [&]() -> async<> {
        spawn(ask());
        co_await yield_now();
    };
    auto main = [&]() -> async<> {
        co_await begin_to_ask();
        co_await spawn_on(*loops()[2], begin_to_ask);
    };
    run(main(), {.threads = 3});
    EXPECT_EQ(refused, 2);
}

TEST(loops, S540_graces_without_end_are_that) {
    if (is_simulated()) GTEST_SKIP() << "one thread";
    std::atomic<int> cleaned{0};
    auto leave = [&]() -> async<> {
        spawn(clean_up_slowly(cleaned));
        co_await yield_now();
    };
    auto main = [&]() -> async<> { co_await spawn_on(*loops().back(), leave); };
    ::testing::internal::CaptureStderr();
    run(main(), {.threads = 2, .task_grace = duration::max(), .thread_grace = duration::max()});
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(cleaned, 1);
}

/// A call from another thread may be what ends the loop, which must not go while the call still wakes it.
TEST(loops, a_call_from_another_thread_ends_the_loop_that_it_wakes) {
    for (int i = 0; i < 100; ++i) {
        std::promise<std::pair<event_loop*, promise<>*>> there;
        std::thread ending([&] {
            auto main = [&]() -> async<> {
                promise<> over;
                there.set_value({&get_running_loop(), &over});
                co_await over.future();
            };
            run(main());
        });
        const auto [loop, end] = there.get_future().get();
        loop->call_soon_threadsafe([over = end] { over->set_value(); });
        ending.join();
    }
}

async<> cancel_what_is_there() {
    event_loop& other = *loops().back();
    auto cancel_every_other = []() -> async<> {
        const any_task self = current_task();
        for (any_task& each : all_tasks())
            if (each != self) each.cancel();
        co_await yield_now();
    };
    co_await spawn_on(other, cancel_every_other);
    co_await spawn_on(other, cancel_every_other);  // it still runs
}

TEST(loops, S531_a_loop_serves_until_main_s_end_whoever_cancels_its_tasks) { run_on_three(cancel_what_is_there); }

TEST(loops, S532_one_that_does_not_end_is_reported_and_left_behind) {
    if (is_simulated()) GTEST_SKIP() << "one thread";
    static std::promise<void> gate;  // its thread may outlive the test
    static std::promise<void> passed;
    auto main = []() -> async<> {
        std::promise<void> begun;
        auto block = [&]() -> async<> {
            begun.set_value();
            event_loop& main_s = *loops().front();
            gate.get_future().wait();
            try {
                static_cast<void>(spawn_on(main_s, note_nothing));
            } catch (const std::runtime_error&) {  // it has closed, but is there
                passed.set_value();
            }
            co_return;
        };
        const submitted<> blocked = spawn_on(*loops().back(), block);
        co_await to_thread([&] { begun.get_future().wait(); });
    };
    ::testing::internal::CaptureStderr();
    run(main(), {.threads = 2, .blocked_after = 0s, .task_grace = 1ms, .thread_grace = 1ms});
    const std::string report = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(report.find("a loop of run() has not ended"), std::string::npos) << report;
    gate.set_value();
    passed.get_future().wait();
}

TEST(loops, S533_nought_is_one_for_each_processor_that_may_be_used) {
    auto count = []() -> async<std::size_t> { co_return loops().size(); };
    cpu_set_t usable;
    ASSERT_EQ(::sched_getaffinity(0, sizeof usable, &usable), 0);
    EXPECT_EQ(run(count(), {.threads = 0}), is_simulated() ? 1U : static_cast<std::size_t>(CPU_COUNT(&usable)));
    cpu_set_t one;
    CPU_ZERO(&one);
    int first = 0;
    while (!CPU_ISSET(first, &usable)) ++first;
    CPU_SET(first, &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(run(count(), {.threads = 0}), 1U);
    ::sched_setaffinity(0, sizeof usable, &usable);
}

TEST(loops, S533_too_many_are_refused) {
    auto count = []() -> async<std::size_t> { co_return loops().size(); };
    EXPECT_THROW(run(count(), {.threads = 1025}), std::invalid_argument);
}

TEST(loops, S534_the_simulation_has_one) {
    auto count = []() -> async<std::size_t> { co_return loops().size(); };
    EXPECT_EQ(run(count(), {.backend = backend_kind::sim, .threads = 4}), 1U);
}

TEST(loops, S535_a_runner_has_them_from_its_beginning_to_its_end) {
    if (is_simulated()) GTEST_SKIP() << "one thread";
    runner several({.threads = 2});
    event_loop* other = nullptr;
    std::promise<void> after_the_run;
    auto later = [&]() -> async<> {
        co_await sleep(1ms);
        after_the_run.set_value();
    };
    auto look = [&]() -> async<> {
        other = loops().back();
        auto start = [&]() -> async<> {
            spawn(later());
            co_await yield_now();
        };
        co_await spawn_on(*other, start);
    };
    several.run(look());
    after_the_run.get_future().wait();
    auto use = [&]() -> async<> {
        EXPECT_EQ(other, loops().back());
        auto wait = []() -> async<> { co_await sleep(1ms); };
        co_await spawn_on(*other, wait);
    };
    several.run(use());
}

}  // namespace
