// tests/core/report_test.cpp: errors that nobody looks at, and who hears of them.
#include <torus/core/run.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> fail(std::string what = "failed") {
    throw std::runtime_error(what);
    co_return;
}

TORUS_TEST(report, S29_at_completion_if_nobody_holds_the_task) {
    spawn(fail("unheard"), {.name = "the culprit"});
    co_await yield_now();
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    if (reports.empty()) co_return;
    for (const char* word : {"never retrieved", "unheard", "the culprit", "report_test.cpp"})
        EXPECT_NE(reports[0].find(word), std::string::npos) << word << " in " << reports[0];
}

TORUS_TEST(report, S29_else_when_the_last_handle_goes) {
    auto t = create_task(fail());
    auto same = t;
    co_await yield_now();
    EXPECT_TRUE(t.done());
    t = {};
    EXPECT_TRUE(take_reports().empty());
    same = {};
    EXPECT_EQ(take_reports().size(), 1U);
}

TORUS_TEST(report, S29_whoever_looks_at_the_error_keeps_it_from_being_reported) {
    auto awaited = create_task(fail());
    co_await expect_throws<std::runtime_error>(awaited);
    auto asked = create_task(fail());
    auto looked_at = create_task(fail());
    auto gathered = create_task(fail());
    co_await yield_now();
    EXPECT_THROW(asked.result(), std::runtime_error);
    EXPECT_NE(looked_at.exception(), nullptr);
    co_await expect_throws<std::runtime_error>(gather(gathered));
}

/// Keeps what it is told.
class listener final : public error_handler {
public:
    explicit listener(std::vector<std::string>& heard) : heard_(heard) {}
    void handle(const error_context& context) override {
        heard_.push_back(context.message);
        if (context.message == "throw") throw std::runtime_error("the handler has thrown");
    }

private:
    std::vector<std::string>& heard_;
};

/// Makes a listener the error handler, and keeps a task that has failed.
async<> keep_failed(task<>& kept, std::vector<std::string>& heard) {
    event_loop::current().set_error_handler(std::make_unique<listener>(heard));
    kept = create_task(fail());
    co_await yield_now();
}

TEST(report, S29_at_the_latest_when_run_returns) {
    std::vector<std::string> heard;
    task<> kept;
    run(keep_failed(kept, heard));
    EXPECT_EQ(heard.size(), 1U);
    kept = {};
    EXPECT_EQ(heard.size(), 1U) << "once";
}

TEST(report, S29_an_error_can_be_looked_at_after_run_has_returned) {
    std::vector<std::string> heard;
    task<> kept;
    auto main = [&]() -> async<> {
        co_await keep_failed(kept, heard);
        EXPECT_NE(kept.exception(), nullptr);
    };
    run(main());
    EXPECT_TRUE(heard.empty());
    EXPECT_THROW(kept.result(), std::runtime_error);
}

TORUS_TEST(report, S30_a_cancelled_task_is_never_reported) {
    spawn([]() -> async<> {
        current_task().cancel();
        co_await sleep(1h);
    });
    co_await let_others_run();
}

TEST(report, S59_a_handler_that_throws_is_reported_with_what_it_was_told) {
    std::vector<std::string> heard;
    auto main = [&]() -> async<> {
        event_loop& loop = event_loop::current();
        loop.set_error_handler(std::make_unique<listener>(heard));
        loop.report({"throw", std::make_exception_ptr(std::out_of_range("the first error")), "a task"});
        loop.report({"and on", nullptr, {}});
        co_return;
    };
    ::testing::internal::CaptureStderr();
    run(main());
    const std::string written = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(heard, (std::vector<std::string>{"throw", "and on"}));
    for (const char* word : {"throw", "the first error", "a task", "the handler has thrown"})
        EXPECT_NE(written.find(word), std::string::npos) << word << " in " << written;
}

/// Whether it was reported that the coroutine `fail` was never awaited. Wrappers that are coroutines too may say the same.
bool is_reported_as_forgotten() {
    for (const std::string& each : take_reports()) {
        const bool names_it =
            each.find("report_test.cpp") != std::string::npos && each.find("fail") != std::string::npos;
        if (names_it && each.find("never awaited") != std::string::npos) return true;
    }
    return false;
}

TORUS_TEST(report, S6_a_coroutine_that_was_wrapped_and_forgotten_is_reported_too) {
    { auto forgotten = timeout(1s, fail()); }
    EXPECT_TRUE(is_reported_as_forgotten()) << "in a timeout";
    { auto forgotten = move_on_after(1s, fail()); }
    EXPECT_TRUE(is_reported_as_forgotten()) << "in move_on_after";
    { auto forgotten = shield(fail()); }
    EXPECT_TRUE(is_reported_as_forgotten()) << "in a shield";
    { auto forgotten = shield(gather(fail(), fail())); }
    EXPECT_TRUE(is_reported_as_forgotten()) << "in a gather in a shield";
    co_return;
}

TEST(report, S6_outside_of_a_loop_it_goes_to_standard_error) {
    ::testing::internal::CaptureStderr();
    { auto forgotten = fail(); }
    const std::string written = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(written.find("never awaited"), std::string::npos) << written;
    EXPECT_NE(written.find("report_test.cpp"), std::string::npos) << written;
}

TEST(report, without_a_handler_it_goes_to_standard_error) {
    ::testing::internal::CaptureStderr();
    auto main = []() -> async<> {
        spawn(fail("to whom it may concern"));
        co_await yield_now();
    };
    run(main());
    const std::string written = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(written.find("to whom it may concern"), std::string::npos) << written;
    EXPECT_EQ(written.find("torus: "), 0U) << written;
}

TORUS_TEST(report, S58_what_a_callback_throws_does_not_stop_the_loop) {
    event_loop& loop = event_loop::current();
    int called = 0;
    loop.call_soon_threadsafe([&] {
        ++called;
        throw std::runtime_error("in a callback");
    });
    loop.call_soon_threadsafe([&] { ++called; });
    co_await sleep(1s);
    EXPECT_EQ(called, 2);
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    if (reports.empty()) co_return;
    EXPECT_NE(reports[0].find("in a callback"), std::string::npos) << reports[0];
}

}  // namespace
