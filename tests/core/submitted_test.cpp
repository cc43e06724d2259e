// tests/core/submitted_test.cpp: coroutines that other threads submit to a loop.
#include <torus/core/submitted.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// Calls `work` with the loop on another thread; the loop serves it meanwhile.
template <class Work> async<> elsewhere(Work work) {
    event_loop& loop = get_running_loop();
    auto call = [&] { work(loop); };
    co_await to_thread(call);
}

async<std::thread::id> where() { co_return std::this_thread::get_id(); }

TORUS_IO_TEST(submit, S223_runs_on_the_loop_and_gives_the_value_to_the_other_thread) {
    const std::thread::id here = std::this_thread::get_id();
    co_await elsewhere([&](event_loop& loop) {
        EXPECT_EQ(loop.submit(where()).get(), here);
        EXPECT_EQ(run_coroutine_threadsafe(slowly(0s, 7), loop).get(), 7);
        auto sum = [](int a, std::unique_ptr<int> b) -> async<int> { co_return a + *b; };
        EXPECT_EQ(loop.submit(sum, 1, std::make_unique<int>(2)).get(), 3);
    });
}

TORUS_IO_TEST(submit, S223_an_exception_is_thrown_to_the_other_thread) {
    co_await elsewhere([](event_loop& loop) {
        const submitted<> failing = loop.submit(fail_after<std::out_of_range>(0s, "far away"));
        failing.wait();
        EXPECT_TRUE(failing.done());
        for (int i = 0; i < 2; ++i) EXPECT_THROW(failing.get(), std::out_of_range);
    });
    EXPECT_TRUE(take_reports().empty());
}

TORUS_IO_TEST(submit, S292_the_result_may_be_had_often_and_what_can_only_be_moved_once) {
    static int global = 0;
    co_await elsewhere([](event_loop& loop) {
        const submitted<std::string> text = loop.submit(sleep(0s, "text"s));
        const submitted<std::string> same = text;
        EXPECT_EQ(text.get(), "text");
        EXPECT_EQ(same.get(), "text");
        auto movable = []() -> async<std::unique_ptr<int>> { co_return std::make_unique<int>(3); };
        const auto once = loop.submit(movable);
        EXPECT_EQ(*once.get(), 3);
        EXPECT_THROW(once.get(), invalid_state_error);
        auto referring = []() -> async<int&> { co_return global; };
        EXPECT_EQ(&loop.submit(referring).get(), &global);
    });
}

TORUS_IO_TEST(submit, S223_waiting_may_end_before_the_coroutine) {
    promise<> gate;
    auto waiting = [](future<> f) -> async<> { co_await f; };
    const submitted<> held = get_running_loop().submit(waiting(gate.future()));
    co_await elsewhere([&](event_loop&) {
        EXPECT_FALSE(held.wait_for(1ms));
        EXPECT_FALSE(held.wait_for(-1s));
        EXPECT_FALSE(held.done());
    });
    gate.set_value();
    co_await elsewhere([&](event_loop&) { EXPECT_TRUE(held.wait_for(std::chrono::hours::max())); });
    held.get();
}

TORUS_IO_TEST(submit, S224_cancelling_it_cancels_the_task) {
    bool cancelled = false;
    co_await elsewhere([&](event_loop& loop) {
        auto body = [&]() -> async<> {
            try {
                co_await sleep_forever();
            } catch (const cancelled_error&) {
                cancelled = true;
                throw;
            }
        };
        const submitted<> t = loop.submit(body);
        while (!t.wait_for(1ms) && t.cancel()) {}
        EXPECT_THROW(t.get(), cancelled_error);
        EXPECT_FALSE(t.cancel());
    });
}

TORUS_IO_TEST(submit, S224_one_that_swallows_the_cancellation_has_its_value) {
    promise<> begun;
    event_loop& loop = get_running_loop();
    auto body = [](promise<>& p) -> async<int> {
        p.set_value();
        co_return co_await swallow(5);
    };
    const submitted<int> t = loop.submit(body, std::ref(begun));
    co_await begun.future();
    co_await elsewhere([&](event_loop&) {
        EXPECT_TRUE(t.cancel());
        static_cast<void>(t.cancel());  // which may be too late: asked once is enough
        EXPECT_EQ(t.get(), 5);
    });
}

TORUS_IO_TEST(submit, S293_the_loop_s_own_thread_would_wait_for_itself) {
    const submitted<int> t = get_running_loop().submit(slowly(0s, 1));
    EXPECT_THROW(t.get(), deadlock_error);
    EXPECT_THROW(t.wait(), deadlock_error);
    EXPECT_THROW(t.wait_for(1s), deadlock_error);
    while (!t.done()) co_await yield_now();
    EXPECT_EQ(t.get(), 1);
}

TORUS_IO_TEST(submit, S294_an_error_that_nobody_asks_for_is_reported) {
    {
        const submitted<> lost = get_running_loop().submit(fail_after(0s, "unheard"));
        while (!lost.done()) co_await yield_now();
        EXPECT_TRUE(take_reports().empty());
    }
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    if (reports.empty()) co_return;
    for (const char* word : {"unheard", "submitted_test.cpp"})
        EXPECT_NE(reports[0].find(word), std::string::npos) << word << " in " << reports[0];
}

TEST(submit, S294_to_a_loop_that_has_closed_it_is_refused_and_one_that_closes_gives_it_back) {
    auto counted = std::make_shared<int>();
    auto body = [](std::shared_ptr<int>) -> async<> { co_return; };
    event_loop loop;
    const submitted<> late = loop.submit(body(counted));
    ::testing::internal::CaptureStderr();
    loop.close(duration::zero());
    EXPECT_TRUE(late.done());
    EXPECT_THROW(static_cast<void>(loop.submit(body(counted))), std::runtime_error);
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(counted.use_count(), 1);
}

TEST(submit, S294_the_end_of_run_cancels_it_like_every_other_task) {
    std::optional<submitted<>> left;
    auto forever = []() -> async<> { co_await sleep_forever(); };
    auto main = [&]() -> async<> {
        left = get_running_loop().submit(forever());
        co_await sleep(1ms);
    };
    run(main());
    EXPECT_THROW(left->get(), cancelled_error);
    EXPECT_FALSE(left->cancel());
}

}  // namespace
