// tests/core/debug_test.cpp: the mistakes that debug mode sees.
#include <torus/core/run.hpp>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <torus/core/callback.hpp>
#include <torus/core/task_group.hpp>
#include <torus/testing/test.hpp>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// Whether one of the reports has all the words.
bool is_among(const std::vector<std::string>& reports, const std::vector<std::string>& words) {
    for (const std::string& each : reports) {
        bool all = true;
        for (const std::string& word : words) all = all && each.find(word) != std::string::npos;
        if (all) return true;
    }
    return false;
}

std::string together(const std::vector<std::string>& reports) {
    std::string all;
    for (const std::string& each : reports) all += each + '\n';
    return all;
}

async<> one_step() {
    co_await yield_now();
    co_await yield_now();
}

TORUS_TEST(debug, S238_a_slow_step_is_reported_with_task_place_and_duration) {
    event_loop& loop = event_loop::current();
    loop.set_debug(true);
    loop.slow_callback_duration = duration(-1);  // every step takes longer
    co_await create_task(one_step(), {.name = "the slow one"});
    loop.set_debug(false);
    co_await yield_now();
    const auto reports = take_reports();
    EXPECT_TRUE(is_among(reports, {"the slow one", "debug_test.cpp", "one_step", " took 0."})) << together(reports);
}

TORUS_TEST(debug, S238_a_slow_callback_is_reported_with_where_it_was_asked_for) {
    event_loop& loop = event_loop::current();
    loop.set_debug(true);
    loop.slow_callback_duration = duration(-1);
    loop.call_soon([] {});
    co_await yield_now();
    loop.set_debug(false);
    co_await yield_now();
    const auto reports = take_reports();
    EXPECT_TRUE(is_among(reports, {"a callback, scheduled at", "debug_test.cpp", " took 0."})) << together(reports);
}

TORUS_TEST(debug, S238_a_quick_step_is_not) {
    event_loop& loop = event_loop::current();
    loop.set_debug(true);
    EXPECT_EQ(loop.slow_callback_duration, 100ms);
    loop.slow_callback_duration = 1h;
    co_await create_task(one_step());
    loop.set_debug(false);
}

TORUS_TEST(debug, S239_an_unretrieved_error_is_reported_with_the_creation_site) {
    event_loop::current().set_debug(true);
    event_loop::current().slow_callback_duration = 1h;
    auto failing = []() -> async<> {
        throw std::runtime_error("unheard");
        co_return;
    };
    spawn(failing);
    co_await let_others_run();
    const auto reports = take_reports();
    EXPECT_TRUE(is_among(reports, {"never retrieved", "created at", "unheard"})) << together(reports);
}

TORUS_TEST(debug, S239_a_coroutine_that_was_never_awaited_is_reported_with_its_function) {
    event_loop::current().slow_callback_duration = 1h;
    event_loop::current().set_debug(true);
    { const auto forgotten = one_step(); }
    const auto reports = take_reports();
    EXPECT_TRUE(is_among(reports, {"never awaited", "debug_test.cpp", "one_step"})) << together(reports);
    co_return;
}

/// What `run` writes to standard error when main ends.
std::string written_by(async<> main, const run_options& options) {
    ::testing::internal::CaptureStderr();
    run(std::move(main), options);
    return ::testing::internal::GetCapturedStderr();
}

async<> never_end() {
    for (;;) {
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {}
    }
}

TEST(debug, S239_a_pending_task_that_is_destroyed_is_reported_with_the_creation_site) {
    auto main = []() -> async<> {
        create_task(never_end(), {.name = "stubborn"});
        co_await yield_now();
    };
    const std::string written = written_by(main(), {.clock = clock_kind::simulated, .debug = true});
    for (const char* word : {"was dropped", "stubborn, created at", "debug_test.cpp"})
        EXPECT_NE(written.find(word), std::string::npos) << word << " in " << written;
}

TORUS_TEST(debug, S239_a_callback_from_a_foreign_thread_is_refused_with_the_call_site) {
    event_loop& loop = event_loop::current();
    loop.slow_callback_duration = 1h;
    loop.set_debug(true);
    std::string said;
    std::thread foreign([&] {
        try {
            loop.call_soon([] {});
        } catch (const std::runtime_error& e) {
            said = e.what();
        }
    });
    foreign.join();
    EXPECT_NE(said.find("debug_test.cpp"), std::string::npos) << said;
    co_return;
}

TORUS_TEST(debug, S226_cancelling_from_a_foreign_thread_throws_with_the_creation_site) {
    event_loop::current().slow_callback_duration = 1h;
    event_loop::current().set_debug(true);
    auto target = create_task([]() -> async<> { co_await sleep_forever(); });
    std::string said;
    std::thread foreign([&] {
        try {
            target.cancel();
        } catch (const std::runtime_error& e) {
            said = e.what();
        }
    });
    foreign.join();
    EXPECT_NE(said.find("foreign thread"), std::string::npos) << said;
    EXPECT_NE(said.find("debug_test.cpp"), std::string::npos) << said;
    target.cancel();
    co_await expect_throws<cancelled_error>(target);
}

TORUS_TEST(debug, S226_creating_a_task_on_a_foreign_thread_throws) {
    bool thrown = false;
    std::thread foreign([&] {
        try {
            static_cast<void>(create_task(one_step()));
        } catch (const std::runtime_error&) {
            thrown = true;
        }
    });
    foreign.join();
    EXPECT_TRUE(thrown);
    co_return;
}

async<> report_debug(bool& on) {
    on = event_loop::current().debug();
    co_return;
}

TEST(debug, S240_is_set_by_an_option) {
    bool on = false;
    run(report_debug(on), {.debug = true});
    EXPECT_TRUE(on);
}

TEST(debug, S240_is_set_by_the_environment) {
    const char* const before = std::getenv("TORUS_DEBUG");
    const std::string kept = before ? before : "";
    bool on = false;
    ::setenv("TORUS_DEBUG", "1", 1);
    run(report_debug(on));
    EXPECT_TRUE(on);
    ::setenv("TORUS_DEBUG", "0", 1);
    run(report_debug(on));
    EXPECT_FALSE(on);
    if (before) ::setenv("TORUS_DEBUG", kept.c_str(), 1);
    else ::unsetenv("TORUS_DEBUG");
}

TORUS_TEST(debug, S240_is_set_at_run_time) {
    event_loop& loop = event_loop::current();
    loop.slow_callback_duration = duration(-1);
    co_await let_others_run();
    EXPECT_TRUE(loop.debug() || take_reports().empty()) << "it is off";
    loop.set_debug(true);
    co_await let_others_run();
    EXPECT_FALSE(take_reports().empty());
    loop.set_debug(false);
    co_await yield_now();
    take_reports();
    co_await let_others_run();
    EXPECT_TRUE(take_reports().empty()) << "it is off again";
}

TORUS_TEST(debug, S241_a_swallowed_cancellation_is_reported) {
    event_loop::current().slow_callback_duration = 1h;
    event_loop::current().set_debug(true);
    auto deaf = create_task([]() -> async<> {
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {}  // and so it is lost
    }());
    co_await yield_now();
    deaf.cancel();
    co_await deaf;
    co_await yield_now();
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    EXPECT_TRUE(is_among(reports, {"swallowed its cancellation", "debug_test.cpp"})) << together(reports);
}

TORUS_TEST(debug, S241_a_cancellation_that_was_taken_back_is_not) {
    event_loop::current().slow_callback_duration = 1h;
    event_loop::current().set_debug(true);
    auto reasonable = create_task([]() -> async<> {
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {
            current_task().uncancel();
        }
    }());
    co_await yield_now();
    reasonable.cancel();
    co_await reasonable;
}

TORUS_TEST(debug, S241_a_task_group_that_was_never_awaited_is_reported_with_its_place) {
    {
        const task_group forgotten([](task_group&) -> async<> { co_return; });
    }
    {
        const task_group supervising(supervise, [](task_group&) -> async<> { co_return; });
    }
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 2U) << together(reports);
    EXPECT_TRUE(is_among(reports, {"task group was never awaited", "debug_test.cpp"})) << together(reports);
    co_return;
}

TORUS_TEST(debug, S241_a_task_group_that_was_cancelled_before_it_was_awaited_is_not) {
    task_group early([](task_group&) -> async<> { co_return; });
    early.cancel();
    co_await std::move(early);
}

TORUS_TEST(debug, S241_a_task_that_has_never_yielded_is_reported) {
    event_loop& loop = event_loop::current();
    loop.set_debug(true);
    auto hog = create_task([]() -> async<> {
        const auto until = std::chrono::steady_clock::now() + 1001ms;
        while (std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(100ms);  // with no co_await
        co_return;
    });
    co_await hog;
    loop.set_debug(false);
    co_await yield_now();
    const auto reports = take_reports();
    EXPECT_TRUE(is_among(reports, {"has never yielded", "created at", "debug_test.cpp"})) << together(reports);
}

async<> poll_in_vain(int times) {
    for (int i = 0; i < times; ++i) co_await yield_now();
}

TORUS_TEST(debug, S241_a_task_that_mostly_wakes_itself_is_reported_once) {
    event_loop::current().slow_callback_duration = 1h;
    event_loop::current().set_debug(true);
    co_await create_task(poll_in_vain(5000), {.name = "poller"});
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U) << together(reports);
    EXPECT_TRUE(is_among(reports, {"wakes itself", "poller", "poll_in_vain"})) << together(reports);
}

TORUS_TEST(debug, S241_one_that_is_woken_by_time_is_not) {
    event_loop::current().slow_callback_duration = 1h;
    event_loop::current().set_debug(true);
    for (int i = 0; i < 5000; ++i) co_await sleep(1ms);
}

}  // namespace
