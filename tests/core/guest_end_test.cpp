// tests/core/guest_end_test.cpp: how a loop within another one ends, and what its host hears of it.
#include <torus/core/guest.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <torus/core/core.hpp>
#include <torus/sim/network.hpp>
#include <torus/testing/test.hpp>

#include "core/backend_support.hpp"
#include "core/children.hpp"
#include "core/guest.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TEST(guest_end, S549_done_is_called_once_with_the_result) {
    std::string log;
    auto main = [&]() -> async<std::unique_ptr<int>> {
        co_await yield_now();
        co_return std::make_unique<int>(3);
    };
    std::unique_ptr<int> result;
    guest_loop guest(main(), [&](outcome<std::unique_ptr<int>> ended) {
        log += 'd';
        result = std::move(*ended);
    });
    drive(guest);
    EXPECT_EQ(log, "d");
    EXPECT_EQ(*result, 3);
    EXPECT_FALSE(guest.run_once());
    EXPECT_EQ(log, "d");
}

TEST(guest_end, S605_killed_it_takes_no_further_step_and_destroys_what_there_is) {
    int destroyed = 0;
    int went_on = 0;
    auto beside = [&]() -> async<> {
        const defer leave{[&] { ++destroyed; }};
        try {
            co_await sleep(1h);
        } catch (...) {
            ++went_on;
            throw;
        }
    };
    auto main = [&]() -> async<> {
        const defer leave{[&] { ++destroyed; }};
        const task<> other = create_task(beside());
        co_await sleep(1h);
        ++went_on;
    };
    guest_loop guest(main(), [&](const outcome<>&) { ++went_on; });
    for (int turn = 0; turn < 3; ++turn) guest.run_once();
    guest.call([&] { get_running_loop().call_soon([&] { ++went_on; }); });
    guest.kill();
    EXPECT_EQ(destroyed, 2);
    EXPECT_EQ(went_on, 0);
    EXPECT_TRUE(guest.done());
    EXPECT_FALSE(is_readable(guest));
    EXPECT_FALSE(guest.run_once());
    guest.kill();
}

TEST(guest_end, S606_in_a_simulated_world_its_time_is_what_the_host_says) {
    const sim::network network;
    duration taken{};
    auto main = [&]() -> async<> {
        const time_point before = clock::now();
        co_await sleep(1h);
        taken = clock::now() - before;
    };
    guest_loop guest(main(), ignore, {.world = &network, .blocked_after = duration::zero()});
    EXPECT_EQ(guest.fd(), -1);
    int turns = 0;
    for (; guest.run_once() && turns < 100; ++turns)
        if (guest.next_deadline() != time_point::min()) guest.pass_to(guest.next_deadline());
    EXPECT_EQ(taken, 1h);
    EXPECT_LT(turns, 10);
}

TEST(guest_end, S549_done_is_called_with_the_error_of_main) {
    std::string what;
    guest_loop guest(fail_after<std::out_of_range>(0s, "too far"), [&](const outcome<>& ended) {
        what = ended.what();
        EXPECT_THROW(ended.value(), std::out_of_range);
    });
    drive(guest);
    EXPECT_EQ(what, "too far");
}

TEST(guest_end, S549_done_may_destroy_the_guest_and_begin_another_one) {
    std::optional<guest_loop> guest;
    int result = 0;
    guest.emplace(slowly(0s, 1), [&](const outcome<int>&) {
        guest.reset();
        EXPECT_EQ(run(slowly(0s, 1)), 1);
        guest.emplace(slowly(0s, 2), [&](const outcome<int>& ended) { result = *ended; });
    });
    while (guest->run_once()) wait_until_readable(*guest);
    drive(*guest);
    EXPECT_EQ(result, 2);
}

TEST(guest_end, S549_what_done_throws_leaves_the_turn) {
    guest_loop guest(slowly(0s, 1), [&](const outcome<int>&) { throw std::out_of_range("from done"); });
    EXPECT_THROW(drive(guest), std::out_of_range);
    EXPECT_TRUE(guest.done());
    EXPECT_FALSE(guest.run_once());
}

TEST(guest_end, S550_what_main_leaves_is_cancelled_and_awaited_while_the_host_goes_on) {
    std::string log;
    int turns_of_host = 0;
    auto main = [&]() -> async<> {
        spawn(note_end(log, 'l', 2ms));
        co_await yield_now();
        log += 'm';
    };
    guest_loop guest(main(), [&](const outcome<>& ended) {
        EXPECT_TRUE(ended);
        log += 'd';
    });
    while (guest.run_once()) {
        if (log == "m" && !is_readable(guest)) ++turns_of_host;
        wait_until_readable(guest);
    }
    EXPECT_EQ(log, "mld");
    EXPECT_GT(turns_of_host, 0) << "while the task cleaned up";
}

TEST(guest_end, S550_what_refuses_to_end_is_dropped_with_a_report) {
    std::string reports;
    auto stubborn = []() -> async<> {
        for (;;) {
            try {
                co_await sleep(1h);
            } catch (const cancelled_error&) {}
        }
    };
    auto main = [&]() -> async<> {
        get_running_loop().set_exception_handler([&](const error_context& context) { reports += context.message; });
        spawn(stubborn());
        co_await yield_now();
    };
    bool done = false;
    guest_loop guest(main(), [&](const outcome<>&) { done = true; }, {.task_grace = 1ms});
    drive(guest);
    EXPECT_TRUE(done);
    EXPECT_EQ(reports, "a task refused to end and was dropped");
}

generator<int> numbers(std::string& log) {
    for (int i = 0;; ++i) {
        bool closing = false;
        try {
            co_yield i;
        } catch (const generator_exit&) {
            closing = true;
        }
        if (!closing) continue;
        co_await sleep(1ms);
        log += 'g';
        co_return;
    }
}

/// A job on a thread, and when it began and may end.
struct held_job {
    std::atomic<bool> began{false};
    std::atomic<bool> may_end{false};
    std::atomic<bool> ended{false};

    static void set(std::atomic<bool>& flag) {
        flag = true;
        flag.notify_all();
    }
    void run() {
        set(began);
        may_end.wait(false);
        set(ended);
    }
};

async<> leave_on_a_thread(std::shared_ptr<held_job> job) {
    spawn(
        [](std::shared_ptr<held_job> held) -> async<> {
            auto work = [held] { held->run(); };
            co_await to_thread(work);
        },
        job);
    while (!job->began) co_await yield_now();
}

TEST(guest_end, S551_a_host_that_waits_for_threads_is_not_taken_for_a_blocked_loop) {
    if (has_no_kernel()) GTEST_SKIP() << "there are no sockets in a simulation";
    int pair[2] = {};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    std::string reports;
    const auto job = std::make_shared<held_job>();
    auto stubborn = [](int from) -> async<> {
        char room[8];
        for (;;) {
            try {
                co_await receive_into(from, room);
            } catch (const cancelled_error&) {}
        }
    };
    auto main = [&]() -> async<> {
        get_running_loop().set_exception_handler([&](const error_context& context) { reports += context.message; });
        spawn(stubborn(pair[0]));
        co_await leave_on_a_thread(job);
    };
    ::testing::internal::CaptureStderr();
    {
        guest_loop guest(main(), ignore, {.blocked_after = 20ms, .task_grace = 1ms});
        while (reports.empty()) {
            wait_until_readable(guest);
            ASSERT_TRUE(guest.run_once());
        }
        std::this_thread::sleep_for(100ms);  // what the host does is its own affair
        held_job::set(job->may_end);
        drive(guest);
    }
    EXPECT_EQ(reports, "a task refused to end and was dropped");
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    for (const int each : pair) ::close(each);
}

TEST(guest_end, S551_generators_are_closed_and_threads_awaited) {
    std::string log;
    const auto job = std::make_shared<held_job>();
    std::optional<generator<int>> parked;
    auto main = [&]() -> async<> {
        parked.emplace(numbers(log));
        static_cast<void>(co_await parked->next());
        co_await leave_on_a_thread(job);
    };
    guest_loop guest(main(), [&](const outcome<>&) { log += 'd'; });
    while (log.empty()) {
        wait_until_readable(guest);
        ASSERT_TRUE(guest.run_once());
    }
    EXPECT_TRUE(settle(guest)) << "the thread works";
    held_job::set(job->may_end);
    drive(guest);
    EXPECT_EQ(log, "gd");
}

TEST(guest_end, S551_a_thread_that_does_not_end_is_named_once_and_left) {
    std::string reports;
    const auto job = std::make_shared<held_job>();
    auto main = [&]() -> async<> {
        get_running_loop().set_exception_handler([&](const error_context& context) { reports += context.message; });
        co_await leave_on_a_thread(job);
    };
    ::testing::internal::CaptureStderr();
    guest_loop guest(main(), ignore, {.thread_grace = 1ms});
    drive(guest);
    const std::string text = "a thread has not stopped and is left behind";
    EXPECT_EQ(reports.substr(0, text.size()), text);
    EXPECT_EQ(reports.find(text, 1), std::string::npos) << reports;
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    held_job::set(job->may_end);
    job->ended.wait(false);
}

TEST(guest_end, S554_the_host_cancels_main) {
    std::string log;
    bool cancelled = false;
    guest_loop guest(note_end(log, 'm'), [&](const outcome<>& ended) { cancelled = ended.cancelled(); });
    settle(guest);
    EXPECT_TRUE(guest.cancel("the window was closed"));
    EXPECT_EQ(log, "") << "in its own turn";
    drive(guest);
    EXPECT_EQ(log.substr(0, 1), "m");
    EXPECT_FALSE(guest.cancel());
    guest_loop other(slowly(1h, 1), [&](const outcome<int>& ended) {
        EXPECT_TRUE(ended.cancelled());
        EXPECT_EQ(ended.what(), "before it began");
    });
    EXPECT_TRUE(other.cancel("before it began"));
    drive(other);
}

TEST(guest_end, S555_one_that_is_destroyed_ends_its_tasks_and_calls_nobody) {
    std::string log;
    {
        guest_loop guest(note_end(log, 'm', 1ms), [&](const outcome<>&) { log += 'd'; });
        settle(guest);
        EXPECT_EQ(log, "");
    }
    EXPECT_EQ(log.find('d'), std::string::npos);
    EXPECT_EQ(log.substr(0, 1), "m");
    auto counted = std::make_shared<int>();
    {
        const guest_loop never_begun([](std::shared_ptr<int>) -> async<> { co_return; }(counted), ignore);
    }
    EXPECT_EQ(counted.use_count(), 1);
}

TEST(guest_end, S555_also_while_another_loop_runs) {
    std::string log;
    auto guest = std::make_unique<guest_loop>(note_end(log, 'm'), ignore);
    settle(*guest);
    auto main = [&]() -> async<> {
        event_loop& before = get_running_loop();
        guest.reset();
        EXPECT_EQ(&get_running_loop(), &before);
        co_await yield_now();
    };
    run(main());
    EXPECT_EQ(log.substr(0, 1), "m");
}

TEST(guest_end, S557_afterwards_it_is_never_readable_and_leaves_no_descriptor) {
    run(slowly(0s, 1));  // what a process opens once, it keeps
    const std::size_t before = descriptor_count();
    {
        guest_loop guest(slowly(1ms, 1), ignore);
        const int descriptor = guest.fd();
        drive(guest);
        EXPECT_EQ(guest.fd(), descriptor);
        EXPECT_FALSE(is_readable(guest));
        EXPECT_EQ(guest.next_deadline(), time_point::max());
    }
    EXPECT_EQ(descriptor_count(), before);
}

}  // namespace
