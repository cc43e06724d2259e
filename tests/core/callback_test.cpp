// tests/core/callback_test.cpp: functions that the loop calls: soon, later, when a task is done.
#include <torus/core/callback.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TORUS_TEST(call_soon, S270_calls_in_a_later_pass_in_order_with_the_tasks) {
    event_loop& loop = get_running_loop();
    std::string log;
    loop.call_soon([&] { log += "a"; });
    spawn(note(log, 'b'));
    loop.call_soon([&] { log += "c"; });
    EXPECT_EQ(log, "");
    co_await yield_now();
    EXPECT_EQ(log, "abc");
}

TORUS_TEST(call_soon, S270_what_a_call_asks_for_is_called_in_the_next_pass) {
    event_loop& loop = get_running_loop();
    std::string log;
    loop.call_soon([&] {
        log += "a";
        loop.call_soon([&] { log += "b"; });
    });
    co_await yield_now();
    EXPECT_EQ(log, "a");
    co_await yield_now();
    EXPECT_EQ(log, "ab");
}

TORUS_TEST(call_soon, S31_no_task_runs_in_a_callback) {
    int seen = 0;
    get_running_loop().call_soon([&] { seen += current_task() ? 0 : 1; });
    get_running_loop().call_later(1s, [&] { seen += current_task() ? 0 : 1; });
    co_await sleep(2s);
    EXPECT_EQ(seen, 2);
}

TORUS_TEST(call_soon, S271_the_function_dies_when_it_has_been_called) {
    auto counted = std::make_shared<int>();
    const callback_handle held = get_running_loop().call_soon([counted] {});
    EXPECT_EQ(counted.use_count(), 2);
    co_await yield_now();
    EXPECT_EQ(counted.use_count(), 1) << "although there is a handle";
    EXPECT_FALSE(held.cancelled());
    held.cancel();  // harmless
}

TORUS_TEST(call_soon, S271_a_cancelled_one_is_not_called) {
    auto counted = std::make_shared<int>();
    bool called = false;
    const callback_handle soon = get_running_loop().call_soon([&called, counted] { called = true; });
    soon.cancel();
    soon.cancel();
    EXPECT_TRUE(soon.cancelled());
    co_await yield_now();
    EXPECT_FALSE(called);
    EXPECT_EQ(counted.use_count(), 1);
}

TORUS_TEST(call_soon, S58_what_it_throws_is_reported_with_where_it_was_scheduled) {
    event_loop& loop = get_running_loop();
    bool called = false;
    loop.call_soon([] { throw std::runtime_error("soon"); });
    loop.call_later(1s, [] { throw std::runtime_error("later"); });
    loop.call_later(2s, [&] { called = true; });
    co_await sleep(3s);
    EXPECT_TRUE(called);
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 2U);
    if (reports.size() != 2) co_return;
    EXPECT_NE(reports[0].find("soon"), std::string::npos) << reports[0];
    EXPECT_NE(reports[1].find("later"), std::string::npos) << reports[1];
    for (const std::string& each : reports) EXPECT_NE(each.find("callback_test.cpp"), std::string::npos) << each;
}

TORUS_TEST(call_later, S272_calls_at_the_moment_in_the_order_of_the_moments) {
    event_loop& loop = get_running_loop();
    std::string log;
    duration when{};
    const timer_handle last = loop.call_later(3s, [&] {
        log += "c";
        when = elapsed();
    });
    loop.call_at(loop.time() + 2s, [&] { log += "b"; });
    loop.call_later(1s, [&] { log += "a"; });
    loop.call_later(2s, [&] { log += "d"; });
    EXPECT_EQ(last.when(), loop.time() + 3s);
    co_await sleep(4s);
    EXPECT_EQ(log, "abdc");
    EXPECT_EQ(when, 3s);
    EXPECT_EQ(last.when(), loop.time() - 1s) << "it is known afterwards, too";
}

TORUS_TEST(call_later, S41_at_once_means_after_what_was_queued_before) {
    event_loop& loop = get_running_loop();
    std::string log;
    loop.call_later(0s, [&] { log += "b"; });
    loop.call_soon([&] { log += "c"; });
    loop.call_later(-5s, [&] { log += "d"; });
    loop.call_at(loop.time() - 1h, [&] { log += "e"; });
    log += "a";
    co_await yield_now();
    EXPECT_EQ(log, "abcde");
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_TEST(call_later, S272_never_is_a_moment_too) {
    auto counted = std::make_shared<int>();
    const timer_handle never = get_running_loop().call_later(std::chrono::hours::max(), [counted] { FAIL(); });
    EXPECT_EQ(never.when(), time_point::max());
    co_await sleep(24h * 365);
    never.cancel();
    EXPECT_EQ(counted.use_count(), 1);
}

TORUS_TEST(call_later, S42_a_cancelled_timer_is_never_called_and_leaves_at_once) {
    event_loop& loop = get_running_loop();
    auto counted = std::make_shared<int>();
    timer_handle held;
    for (int i = 0; i < 1'000'000; ++i) {
        held = loop.call_later(1h + std::chrono::seconds(i), [counted] { FAIL(); });
        held.cancel();
        held.cancel();
    }
    EXPECT_TRUE(held.cancelled());
    EXPECT_EQ(counted.use_count(), 1) << "a million functions, none is left";
    co_await sleep(24h * 30);
}

TEST(call_later, S273_what_was_not_called_dies_with_the_loop) {
    auto counted = std::make_shared<int>();
    auto main = [](std::shared_ptr<int> c) -> async<> {
        get_running_loop().call_later(1h, [c] { FAIL(); });
        get_running_loop().call_later(std::chrono::hours::max(), [c] { FAIL(); });
        co_return;
    };
    run(main(counted), {.clock = clock_kind::simulated});
    EXPECT_EQ(counted.use_count(), 1);
}

TEST(call_soon, S273_what_is_ready_when_main_ends_is_called) {
    std::string log;
    auto main = [&]() -> async<> {
        get_running_loop().call_soon([&] {
            log += "a";
            get_running_loop().call_soon([&] { log += "b"; });
        });
        co_return;
    };
    run(main());
    EXPECT_EQ(log, "ab");
}

/// Asks for itself to be called again, each time: for ever, if the loop listened.
struct stubborn {
    int* calls;
    void operator()() const {
        ++*calls;
        get_running_loop().call_soon(*this);
    }
};

TEST(call_soon, S273_a_loop_ends_however_often_it_is_asked_to_call_more) {
    int calls = 0;
    auto main = [&]() -> async<> {
        get_running_loop().call_soon(stubborn{&calls});
        co_return;
    };
    run(main());
    EXPECT_GT(calls, 1);
    EXPECT_LT(calls, 1000);
}

TEST(call_soon, S273_what_dies_uncalled_with_the_loop_cannot_ask_for_more) {
    bool refused = false;
    struct asking {
        bool* refused_;
        explicit asking(bool& flag) noexcept : refused_(&flag) {}
        asking(asking&& other) noexcept : refused_(std::exchange(other.refused_, nullptr)) {}
        ~asking() {
            if (!refused_) return;
            try {
                get_running_loop().call_soon([] { FAIL(); });
            } catch (const std::runtime_error&) {
                *refused_ = true;
            }
        }
        void operator()() const { FAIL(); }
    };
    auto main = [&]() -> async<> {
        get_running_loop().call_later(1h, asking(refused));
        co_return;
    };
    run(main(), {.clock = clock_kind::simulated});
    EXPECT_TRUE(refused);
}

TEST(call_soon, S274_of_a_closed_loop_it_throws) {
    event_loop loop;
    loop.close(duration::zero());
    auto counted = std::make_shared<int>();
    EXPECT_THROW(loop.call_soon([counted] {}), std::runtime_error);
    EXPECT_THROW(loop.call_later(1s, [counted] {}), std::runtime_error);
    EXPECT_EQ(counted.use_count(), 1);
}

TORUS_TEST(call_soon, S226_from_a_foreign_thread_it_throws_in_debug_mode) {
    event_loop& loop = get_running_loop();
    loop.set_debug(true);
    std::thread([&] { EXPECT_THROW(loop.call_soon([] {}), std::runtime_error); }).join();
    loop.set_debug(false);
    co_return;
}

TEST(get_running_loop, S275_without_one_it_throws) {
    EXPECT_THROW(get_running_loop(), std::runtime_error);
    auto main = []() -> async<> {
        EXPECT_EQ(&get_running_loop(), &event_loop::current());
        co_return;
    };
    run(main());
    EXPECT_THROW(get_running_loop(), std::runtime_error);
}

TORUS_TEST(exception_handler, S59_a_function_may_be_the_handler) {
    std::vector<std::string> heard;
    event_loop& loop = get_running_loop();
    auto former = loop.set_exception_handler([&](const error_context& context) { heard.push_back(context.message); });
    loop.call_exception_handler({"told", nullptr, {}});
    loop.call_soon([] { throw std::runtime_error("thrown"); });
    co_await yield_now();
    loop.set_error_handler(std::move(former));
    loop.call_exception_handler({"told the former", nullptr, {}});
    EXPECT_EQ(heard.size(), 2U);
    EXPECT_EQ(heard.at(0), "told");
    EXPECT_EQ(take_reports().size(), 1U);
}

TEST(exception_handler, S59_it_may_pass_on_to_the_default_one) {
    ::testing::internal::CaptureStderr();
    auto main = []() -> async<> {
        event_loop& loop = get_running_loop();
        loop.set_exception_handler([](const error_context& c) { event_loop::default_exception_handler(c); });
        loop.call_exception_handler({"passed on", nullptr, {}});
        co_return;
    };
    run(main());
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "torus: passed on\n");
}

}  // namespace
