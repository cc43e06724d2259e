// tests/core/thread_test.cpp: blocking calls on threads, and calls from threads.
#include <torus/core/thread.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/thread_gate.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

int twice(int n) { return 2 * n; }

TORUS_TEST(to_thread, S218_runs_elsewhere_and_gives_the_result_here) {
    const std::thread::id here = std::this_thread::get_id();
    const std::thread::id there = co_await to_thread([] { return std::this_thread::get_id(); });
    EXPECT_NE(there, here);
    EXPECT_EQ(std::this_thread::get_id(), here);
    EXPECT_EQ(co_await to_thread(twice, 21), 42);
}

TORUS_TEST(to_thread, S218_an_exception_is_thrown_here) {
    auto failing = [] { throw std::out_of_range("over there"); };
    auto thrown = co_await expect_throws<std::out_of_range>(to_thread(failing));
    EXPECT_STREQ(thrown.what(), "over there");
}

TORUS_TEST(to_thread, S218_takes_and_gives_what_can_only_be_moved_and_references) {
    auto doubled = [](std::unique_ptr<int> n) { return std::make_unique<int>(2 * *n); };
    auto given = std::make_unique<int>(4);
    const auto got = co_await to_thread(doubled, std::move(given));
    EXPECT_EQ(*got, 8);
    static int global = 0;
    int& same = co_await to_thread([]() -> int& { return global; });
    EXPECT_EQ(&same, &global);
}

TORUS_TEST(to_thread, S218_the_closure_dies_before_its_caller_goes_on) {
    auto counted = std::make_shared<int>();
    auto closure = [counted] {};
    co_await to_thread(closure);
    EXPECT_EQ(counted.use_count(), 2) << "it, and the closure here; its copy is gone";
}

TORUS_TEST(to_thread, S219_as_many_as_there_are_threads_run_at_once) {
    thread_gate b;
    const std::vector<task<>> calls = co_await occupy_threads(b, max_threads);
    auto one_more = create_task([]() -> async<> { co_await to_thread([] {}); });
    co_await let_others_run();
    EXPECT_EQ(b.waiting(), max_threads);
    EXPECT_FALSE(one_more.done());
    b.open();
    co_await gather(calls);
    co_await one_more;
}

TORUS_TEST(to_thread, S219_those_that_wait_for_a_thread_get_it_in_order) {
    thread_gate b;
    std::vector<task<>> calls = co_await occupy_threads(b, max_threads - 1);
    std::vector<int> order;  // written by the one thread that is left
    for (int i = 0; i < 100; ++i) {
        calls.push_back(create_task(
            [](std::vector<int>& log, int number) -> async<> {
                co_await to_thread([](std::vector<int>* into, int n) { into->push_back(n); }, &log, number);
            },
            std::ref(order), i));
    }
    co_await gather(std::vector<task<>>(calls.begin() + static_cast<std::ptrdiff_t>(max_threads) - 1, calls.end()));
    EXPECT_EQ(order.size(), 100U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    b.open();
    co_await gather(calls);
}

TORUS_IO_TEST(to_thread, S219_the_loop_stays_responsive) {
    thread_gate b;
    auto blocked =
        create_task([](thread_gate& all) -> async<> { co_await to_thread(&thread_gate::wait, &all); }, std::ref(b));
    for (int i = 0; i < 10; ++i) co_await sleep(100us);
    EXPECT_FALSE(blocked.done());
    b.open();
    co_await blocked;
}

TORUS_TEST(to_thread, S221_a_call_that_waits_for_a_thread_is_withdrawn_when_it_is_cancelled) {
    thread_gate b;
    const std::vector<task<>> calls = co_await occupy_threads(b, max_threads);
    auto counted = std::make_shared<int>();
    auto queued = create_task(
        [](std::shared_ptr<int> held) -> async<> {
            auto never = [held] { ADD_FAILURE() << "it ran"; };
            co_await to_thread(never);
        },
        counted);
    co_await let_others_run();
    queued.cancel();
    co_await expect_throws<cancelled_error>(std::move(queued));
    EXPECT_EQ(counted.use_count(), 1);
    b.open();
    co_await gather(calls);
}

TORUS_TEST(to_thread, S221_one_that_runs_goes_on_and_its_error_is_reported) {
    thread_gate b;
    auto running = create_task(
        [](thread_gate& all) -> async<> {
            auto failing = [](thread_gate* held) {
                held->wait();
                throw std::runtime_error("too late");
            };
            co_await to_thread(failing, &all);
        },
        std::ref(b));
    co_await let_others_run();
    b.wait_for(1);
    running.cancel();
    co_await expect_throws<cancelled_error>(running);
    EXPECT_TRUE(take_reports().empty());
    b.open();
    co_await sleep(1s);  // virtual time waits for the thread
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    if (reports.empty()) co_return;
    EXPECT_NE(reports[0].find("too late"), std::string::npos) << reports[0];
}

TORUS_TEST(to_thread, D1_a_result_that_came_before_the_cancellation_is_delivered) {
    std::string log;
    auto t = create_task(
        [](std::string& text) -> async<> {
            text += std::to_string(co_await to_thread(twice, 4));
            co_await yield_now();
            text += ", never here";
        },
        std::ref(log));
    co_await yield_now();
    while (log.empty() && !t.done()) {
        // Cancelled in the very pass in which the answer has arrived: it is ready then, and waits for nothing.
        if (!t.record().waiting_for()) t.cancel();
        co_await yield_now();
    }
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "8");
}

TORUS_TEST(to_thread, a_pending_cancellation_is_thrown_and_nothing_runs) {
    current_task().cancel();
    auto never = [] { ADD_FAILURE() << "it ran"; };
    co_await expect_throws<cancelled_error>(to_thread(never));
    current_task().uncancel();
}

TORUS_TEST(to_thread, its_threads_receive_no_signals) {
    const bool blocked = co_await to_thread([] {
        sigset_t mask;
        sigemptyset(&mask);
        pthread_sigmask(SIG_SETMASK, nullptr, &mask);
        return sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGTERM) == 1;
    });
    EXPECT_TRUE(blocked);
    sigset_t mine;
    pthread_sigmask(SIG_SETMASK, nullptr, &mine);
    EXPECT_EQ(sigismember(&mine, SIGINT), 0);
}

TEST(to_thread, S51_run_waits_for_a_bounded_time_names_what_does_not_stop_and_leaves_it) {
    static thread_gate stuck;
    run_options options;
    options.thread_grace = 10ms;
    ::testing::internal::CaptureStderr();
    auto main = []() -> async<> {
        spawn([]() -> async<> { co_await to_thread(&thread_gate::wait, &stuck); });
        co_await yield_now();
        stuck.wait_for(1);
    };
    run(main(), options);
    const std::string written = ::testing::internal::GetCapturedStderr();
    const std::size_t told = written.find("has not stopped");
    EXPECT_NE(told, std::string::npos) << written;
    EXPECT_EQ(written.find("has not stopped", told + 1), std::string::npos) << "told twice: " << written;
    EXPECT_NE(written.find("thread_test.cpp"), std::string::npos) << written;
    stuck.open();
}

TEST(to_thread, D12_an_error_after_the_loop_has_gone_is_reported) {
    static thread_gate stuck;
    static std::atomic<bool> thrown = false;
    run_options options;
    options.thread_grace = 10ms;
    ::testing::internal::CaptureStderr();
    auto main = []() -> async<> {
        spawn([]() -> async<> {
            co_await to_thread([] {
                stuck.wait();
                thrown = true;
                throw std::runtime_error("nobody waits any more");
            });
        });
        co_await yield_now();
        stuck.wait_for(1);
    };
    run(main(), options);
    stuck.open();
    while (!thrown) std::this_thread::yield();
    std::string written;
    // The thread writes its report after that; it can't be told when.
    for (int i = 0; i < 10'000 && written.find("nobody waits any more") == std::string::npos; ++i) {
        std::this_thread::sleep_for(1ms);
        written += ::testing::internal::GetCapturedStderr();
        ::testing::internal::CaptureStderr();
    }
    ::testing::internal::GetCapturedStderr();
    EXPECT_NE(written.find("nobody waits any more"), std::string::npos) << written;
}

TEST(to_thread, thread_grace_may_be_for_ever) {
    std::atomic<bool> begun = false;
    std::atomic<bool> finished = false;
    run_options options;
    options.thread_grace = duration::max();
    auto work = [&] {
        begun = true;
        std::this_thread::sleep_for(20ms);  // however short: run has to wait for what follows
        finished = true;
    };
    auto main = [&]() -> async<> {
        spawn([](const auto& blocking) -> async<> { co_await to_thread(std::ref(blocking)); }, std::cref(work));
        while (!begun) co_await yield_now();
    };
    run(main(), options);
    EXPECT_TRUE(finished);
}

TORUS_TEST(call_soon_threadsafe, S225_calls_from_one_thread_run_in_order) {
    event_loop& loop = event_loop::current();
    std::vector<int> got;
    co_await to_thread(
        [](event_loop* to, std::vector<int>* into) {
            for (int i = 0; i < 1000; ++i) to->call_soon_threadsafe([into, i] { into->push_back(i); });
        },
        &loop, &got);
    co_await yield_now();
    EXPECT_EQ(got.size(), 1000U);
    EXPECT_TRUE(std::is_sorted(got.begin(), got.end()));
}

TORUS_IO_TEST(call_soon_threadsafe, S222_wakes_a_sleeping_loop) {
    event_loop& loop = event_loop::current();
    auto sleeping = create_task([]() -> async<> { co_await sleep_forever(); });
    std::thread waker([&] {
        std::this_thread::sleep_for(5ms);  // most likely the loop sleeps then; it has to work in any case
        loop.call_soon_threadsafe([&] { sleeping.cancel(); });
    });
    co_await expect_throws<cancelled_error>(sleeping);
    waker.join();
}

TEST(call_soon_threadsafe, S225_of_a_closed_loop_it_throws) {
    auto counted = std::make_shared<int>();
    event_loop loop;
    loop.close(duration::zero());
    EXPECT_THROW(loop.call_soon_threadsafe([counted] {}), std::runtime_error);
    EXPECT_EQ(counted.use_count(), 1) << "the function is destroyed";
}

TEST(call_soon_threadsafe, what_arrives_while_the_loop_closes_is_called_or_destroyed) {
    for (int i = 0; i < 50; ++i) {
        auto counted = std::make_shared<int>();
        std::thread poster;
        std::atomic<bool> stop = false;
        auto main = [&]() -> async<> {
            event_loop& loop = event_loop::current();
            poster = std::thread([&, posting = loop.letters()] {
                struct call final : remote_call {
                    explicit call(std::shared_ptr<int> held) : kept(std::move(held)) {}
                    void arrived(event_loop&) noexcept override { delete this; }
                    void returned() noexcept override { delete this; }
                    std::shared_ptr<int> kept;
                };
                while (!stop) posting->post(*new call(counted));
            });
            co_await yield_now();
        };
        run(main());
        stop = true;
        poster.join();
        EXPECT_EQ(counted.use_count(), 1);
    }
}

}  // namespace
