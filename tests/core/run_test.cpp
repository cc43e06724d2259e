// tests/core/run_test.cpp: how a program begins and ends.
#include <torus/core/run.hpp>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<int> answer() { co_return 42; }

TEST(run, S44_gives_the_result_of_main_or_throws_its_error) {
    EXPECT_EQ(run(answer()), 42);
    auto failing = []() -> async<> {
        throw std::out_of_range("main");
        co_return;
    };
    EXPECT_THROW(run(failing()), std::out_of_range);
    auto owning = []() -> async<std::unique_ptr<int>> { co_return std::make_unique<int>(3); };
    EXPECT_EQ(*run(owning()), 3);
    int n = 0;
    auto referring = [](int& to) -> async<int&> { co_return to; };
    EXPECT_EQ(&run(referring(n)), &n);
    EXPECT_EQ(running.loop, nullptr);
}

TORUS_TEST(run, S45_within_a_running_loop_is_refused_and_the_loop_goes_on) {
    bool ran = false;
    auto inner = [&]() -> async<> {
        ran = true;
        co_return;
    };
    EXPECT_THROW(run(inner()), std::runtime_error);
    EXPECT_FALSE(ran);
    co_await sleep(1s);
    EXPECT_EQ(elapsed(), 1s);
}

TEST(run, S46_again_and_on_several_threads_at_once) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(run(answer()), 42);
    std::vector<std::thread> threads;
    std::atomic<int> sum = 0;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            auto main = []() -> async<int> {
                auto [a, b] = co_await gather(answer(), answer());
                co_await sleep(1ms);
                co_return a + b;
            };
            for (int n = 0; n < 10; ++n) sum += run(main());
        });
    }
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(sum, 4 * 10 * 84);
}

TEST(run, S47_leftover_tasks_are_cancelled_and_awaited) {
    std::string log;
    auto leave = [&](int passes) -> async<> {
        for (char name : {'a', 'b'}) {
            spawn(
                [](std::string& text, char which) -> async<> {
                    co_await until_cancelled();
                    co_await sleep(1s);
                    text += which;
                },
                std::ref(log), name);
        }
        co_await let_others_run(passes);
    };
    run(leave(1), simulated());
    EXPECT_EQ(log, "ab");
    run(leave(0), simulated());
    EXPECT_EQ(log, "ab") << "those that have not begun never do";
}

TEST(run, S48_the_result_of_main_counts_even_if_leftovers_fail) {
    auto main = []() -> async<int> {
        spawn([]() -> async<> {
            try {
                co_await sleep_forever();
            } catch (const cancelled_error&) {
                throw std::runtime_error("while cleaning up");
            }
        });
        co_await yield_now();
        co_return 7;
    };
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(run(main()), 7);
    EXPECT_NE(::testing::internal::GetCapturedStderr().find("while cleaning up"), std::string::npos);
}

TEST(run, S49_tasks_that_leftovers_start_are_cancelled_and_awaited_too) {
    std::string log;
    auto main = [&]() -> async<> {
        spawn(
            [](std::string& text) -> async<> {
                co_await until_cancelled();
                auto late = [](std::string& more) -> async<> {
                    try {
                        co_await sleep_forever();
                    } catch (const cancelled_error&) {
                        more += "late one cleaned up";
                        throw;
                    }
                };
                spawn(late(text), {.eager = true});
            },
            std::ref(log));
        co_await yield_now();
    };
    run(main(), simulated());
    EXPECT_EQ(log, "late one cleaned up");
}

TEST(run, S49_a_shielded_clean_up_of_a_leftover_finishes) {
    std::string log;
    auto main = [&]() -> async<> {
        spawn(
            [](std::string& text) -> async<> {
                auto rollback = [](std::string& more) -> async<> {
                    co_await sleep(1s);
                    more += "rolled back";
                };
                co_await shield(rollback(text));
            },
            std::ref(log));
        co_await yield_now();
    };
    run(main(), simulated());
    EXPECT_EQ(log, "rolled back");
}

TEST(run, S56_if_main_is_cancelled_by_somebody_that_is_thrown) {
    auto main = []() -> async<> {
        current_task().cancel("enough");
        co_await yield_now();
    };
    try {
        run(main());
        ADD_FAILURE() << "it returned";
    } catch (const cancelled_error& e) {
        EXPECT_EQ(e.reason(), "enough");
    }
}

TEST(run, the_loop_is_closed_even_if_main_throws_and_threads_are_joined) {
    std::atomic<bool> begun = false;
    std::atomic<bool> finished = false;
    auto work = [&] {
        begun = true;
        std::this_thread::sleep_for(20ms);  // however short: run has to wait for what follows
        finished = true;
    };
    auto main = [&]() -> async<> {
        spawn([](const auto& blocking) -> async<> { co_await to_thread(std::ref(blocking)); }, std::cref(work));
        while (!begun) co_await yield_now();
        throw std::out_of_range("main");
    };
    EXPECT_THROW(run(main()), std::out_of_range);
    EXPECT_TRUE(finished);
}

TEST(run, a_backend_that_is_not_to_be_had_is_an_error_and_the_coroutine_is_destroyed) {
    const char* const before = std::getenv("TORUS_BACKEND");
    const std::string kept = before ? before : "";
    ::setenv("TORUS_BACKEND", "abacus", 1);
    auto counted = std::make_shared<int>();
    auto holding = [](std::shared_ptr<int>) -> async<> { co_return; };
    ::testing::internal::CaptureStderr();
    EXPECT_ANY_THROW(run(holding(counted)));
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(counted.use_count(), 1);
    if (before) ::setenv("TORUS_BACKEND", kept.c_str(), 1);
    else ::unsetenv("TORUS_BACKEND");
}

}  // namespace
