// tests/core/shutdown_hold_test.cpp: tasks that refuse to end while a kernel, a thread or something else has hold of them.
#include <array>
#include <string>
#include <utility>

#include <torus/core/core.hpp>
#include <torus/testing/test.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include "core/backend_support.hpp"
#include "core/thread_gate.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// Real time is short here: operations that are in flight hold up a simulated clock.
run_options very_impatient() {
    run_options options;
    options.task_grace = 10ms;
    return options;
}

/// Calls something when it is destroyed.
template <class Function> class at_end {
public:
    explicit at_end(Function f) : call_(std::move(f)) {}
    at_end(const at_end&) = delete;
    at_end& operator=(const at_end&) = delete;
    ~at_end() { call_(); }

private:
    Function call_;
};

TEST(shutdown_hold, S9_the_kernel_gives_a_buffer_back_before_its_frame_is_destroyed) {
    std::array<int, 2> sockets{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets.data()), 0);
    int destroyed = 0;
    std::size_t in_flight = 0;
    bool skipped = false;
    auto receives = [&]() -> async<> {
        std::array<char, 16> buffer{};
        const at_end local([&] {
            ++destroyed;
            in_flight = world().in_flight();
        });
        for (;;) {
            try {
                co_await receiving(sockets[0], buffer);
            } catch (const cancelled_error&) {}
        }
    };
    auto main = [&]() -> async<> {
        skipped = without_kernel();
        if (skipped) co_return;
        spawn(receives());
        co_await let_kernel_run();
        EXPECT_EQ(world().in_flight(), 1U);
    };
    ::testing::internal::CaptureStderr();
    run(main(), very_impatient());
    const std::string written = ::testing::internal::GetCapturedStderr();
    if (!skipped) {
        EXPECT_EQ(destroyed, 1);
        EXPECT_EQ(in_flight, 0U);
        EXPECT_NE(written.find("refused to end and was dropped"), std::string::npos) << written;
    }
    for (int each : sockets) ::close(each);
}

TEST(shutdown_hold, S9_threads_that_work_for_a_dropped_task_are_not_waited_for_by_it) {
    static thread_gate held;
    int destroyed = 0;
    auto calls = [&]() -> async<> {
        const at_end local([&] {
            ++destroyed;
            held.open();  // else the threads would be reported as stuck
        });
        for (;;) {
            try {
                co_await to_thread(&thread_gate::wait, &held);
            } catch (const cancelled_error&) {}
        }
    };
    auto main = [&]() -> async<> {
        spawn(calls());
        while (held.waiting() == 0) co_await yield_now();
    };
    ::testing::internal::CaptureStderr();
    run(main(), very_impatient());
    const std::string written = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(destroyed, 1);
    EXPECT_NE(written.find("refused to end and was dropped"), std::string::npos) << written;
    EXPECT_EQ(written.find("has not stopped"), std::string::npos) << written;
}

/// Something that has hold of a task and won't let go: a kernel whose disk has died.
class deaf final : public waiter {
public:
    deaf() noexcept : waiter(wait_kind::operation) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h) {
        kept = this;
        return begin_wait(h);
    }
    void await_resume() { end_wait(); }

private:
    void cancel() noexcept override {}
    static inline deaf* kept = nullptr;  // for leak checkers: what is left behind is still referred to
};

TEST(shutdown_hold, S9_what_is_not_given_back_in_time_is_left_behind_with_a_report) {
    static int destroyed = 0;
    auto waits = []() -> async<> {
        const at_end local([] { ++destroyed; });
        co_await deaf();
    };
    auto main = [&]() -> async<> {
        auto named = create_task(waits(), {.name = "the one that is stuck"});
        co_await yield_now();
    };
    ::testing::internal::CaptureStderr();
    run(main(), very_impatient());
    const std::string written = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(destroyed, 0);
    EXPECT_NE(written.find("the one that is stuck"), std::string::npos) << written;
    EXPECT_NE(written.find("leaked"), std::string::npos) << written;
}

}  // namespace
