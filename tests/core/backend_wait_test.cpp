// tests/core/backend_wait_test.cpp: waiting, waking, choosing and ending a backend.
#include "core/backend_support.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <thread>

#include <fcntl.h>
#include <pthread.h>

namespace torus::testing {
namespace {

using steady = std::chrono::steady_clock;

/// The environment as a test wants it, until the test ends.
class environment {
public:
    explicit environment(const char* value) {
        if (const char* former = std::getenv(name)) former_ = former;
        value ? ::setenv(name, value, 1) : ::unsetenv(name);
    }
    ~environment() { former_ ? ::setenv(name, former_->c_str(), 1) : ::unsetenv(name); }

private:
    static constexpr const char* name = "TORUS_BACKEND";
    std::optional<std::string> former_;
};

/// The kinds that this machine has.
std::vector<backend_kind> kinds() {
    std::vector<backend_kind> all{backend_kind::epoll, backend_kind::sim};
    const environment none(nullptr);
    if (describe_backend_choice() == "io_uring") all.push_back(backend_kind::io_uring);
    return all;
}

TEST(backend_wait, lasts_as_long_as_it_may) {
    event_loop loop;
    loop.world().wait(duration::zero());
    for (const duration d : {duration(std::chrono::microseconds(100)), duration(std::chrono::milliseconds(5))}) {
        const auto begin = steady::now();
        int waits = 0;
        for (; steady::now() - begin < d; ++waits) loop.world().wait(d);
        EXPECT_LE(waits, 3);  // the kernel may end one for reasons of its own, as for a signal
    }
}

TEST(backend_wait, may_last_for_centuries) {
    event_loop loop;
    std::atomic<bool> waiting{false}, woken{false};
    std::thread waker([&] {
        waiting.wait(false);
        woken = true;
        loop.world().wake();
    });
    int waits = 0;
    for (; !woken; ++waits) {
        waiting = true;
        waiting.notify_one();
        loop.world().wait(duration::max() - std::chrono::nanoseconds(1));
    }
    waker.join();
    EXPECT_LE(waits, 3);
}

TEST(backend_wait, ends_at_once_after_a_wake) {
    event_loop loop;
    for (int i = 0; i < 3; ++i) {
        loop.world().wake();
        loop.world().wake();
        loop.world().wait(duration::max());
    }
}

TEST(backend_wait, is_ended_by_each_wake_of_a_thread) {
    event_loop loop;
    constexpr int wakes = 500;
    std::atomic<int> waited{0};
    std::thread waker([&] {
        for (int i = 0; i < wakes; ++i) {
            for (int now = waited; now < i; now = waited) waited.wait(now);
            loop.world().wake();
        }
    });
    for (int i = 1; i <= wakes; ++i) {
        loop.world().wait(duration::max());
        waited = i;
        waited.notify_one();
    }
    waker.join();
}

TEST(backend_wait, survives_a_storm_of_wakes) {
    event_loop loop;
    std::atomic<int> running_threads{3};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 20'000; ++n) loop.world().wake();
            --running_threads;
            loop.world().wake();
        });
    while (running_threads > 0) loop.world().wait(duration::max());
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(loop.world().in_flight(), 0u);
}

backend* to_wake = nullptr;

TEST(backend_wait, is_ended_from_a_signal_handler_which_keeps_errno) {
    event_loop loop;
    to_wake = &loop.world();
    const auto former = ::signal(SIGUSR1, [](int) { to_wake->wake(); });
    errno = E2BIG;
    ::raise(SIGUSR1);
    EXPECT_EQ(errno, E2BIG);
    loop.world().wait(duration::max());

    const pthread_t self = ::pthread_self();
    std::atomic<bool> waited{false};
    std::thread signaller([&] {
        // Whether the signal comes before the wait or during it, the wait ends.
        ::pthread_kill(self, SIGUSR1);
        waited.wait(false);
    });
    loop.world().wait(duration::max());
    waited = true;
    waited.notify_one();
    signaller.join();
    ::signal(SIGUSR1, former);
}

TEST(backend_wait, delivers_while_others_wake) {
    // A coroutine that does a thousand trips through the kernel, while another thread keeps ringing.
    std::atomic<bool> ended{false};
    event_loop loop;
    std::thread waker([&] {
        while (!ended) loop.world().wake();
    });
    bool finished = false;
    task<> t = create_task([&]() -> async<> {
        for (int i = 0; i < 1000; ++i) co_await performing(verb::nop, -1);
        finished = true;
    });
    loop.run_until(finished);
    ended = true;
    waker.join();
}

TEST(backend_choice, makes_what_is_asked_for) {
    for (const backend_kind kind : kinds()) {
        const std::string_view name = make_backend(kind)->name();
        switch (kind) {
        case backend_kind::io_uring: EXPECT_EQ(name, "io_uring"); break;
        case backend_kind::epoll: EXPECT_EQ(name, "epoll"); break;
        default: EXPECT_EQ(name, "sim"); break;
        }
    }
}

TEST(backend_choice, without_io_uring_says_why) {
    const environment none(nullptr);
    const std::string choice = describe_backend_choice();
    if (choice == "io_uring") {
        EXPECT_EQ(make_backend(backend_kind::automatic)->name(), "io_uring");
    } else {
        EXPECT_EQ(choice.rfind("epoll, because io_uring is not to be had (torus: io_uring: ", 0), 0u) << choice;
        EXPECT_EQ(make_backend(backend_kind::automatic)->name(), "epoll");
        EXPECT_THROW(make_backend(backend_kind::io_uring), std::system_error);
    }
}

TEST(backend_choice, follows_the_environment_where_the_program_does_not_choose) {
    const environment simulation("sim");
    EXPECT_EQ(make_backend(backend_kind::automatic)->name(), "sim");
    EXPECT_EQ(make_backend(backend_kind::epoll)->name(), "epoll");
    EXPECT_EQ(describe_backend_choice(), "sim, because TORUS_BACKEND says so");
}

TEST(backend_choice, takes_an_empty_variable_for_none) {
    const environment empty("");
    EXPECT_NE(make_backend(backend_kind::automatic)->name(), "sim");
}

TEST(backend_choice, refuses_a_name_that_it_does_not_know) {
    const environment unknown("iouring");
    try {
        make_backend(backend_kind::automatic);
        ADD_FAILURE() << "did not throw";
    } catch (const std::invalid_argument& e) {
        EXPECT_STREQ(e.what(),
                     "torus: the environment variable TORUS_BACKEND is 'iouring'; it may be io_uring, epoll or sim");
    }
}

std::set<int> inheritable_descriptors() {
    std::set<int> found;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
        const int number = std::stoi(each.path().filename());
        const int flags = ::fcntl(number, F_GETFD);
        if (flags >= 0 && !(flags & FD_CLOEXEC)) found.insert(number);
    }
    return found;
}

TEST(backend_end, leaves_no_descriptor_and_makes_none_that_is_inherited) {
    for (const backend_kind kind : kinds()) {
        make_backend(kind);  // the first one may open something for good
        const std::set<int> before = inheritable_descriptors();
        const std::size_t count = descriptor_count();
        {
            const std::shared_ptr<backend> world = make_backend(kind);
            EXPECT_GT(descriptor_count(), count);
            EXPECT_EQ(inheritable_descriptors(), before);
        }
        EXPECT_EQ(descriptor_count(), count);
    }
}

TEST(backend_end, comes_with_operations_in_flight) {
    for (const backend_kind kind : kinds()) {
        const std::size_t before = descriptor_count();
        std::array<char, 4> buffer;
        std::array<int, 2> ends{};
        ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
        performing waiting = reading(ends[0], buffer);
        performing idle(verb::nop, -1);
        {
            const std::shared_ptr<backend> world = make_backend(kind);
            world->submit(waiting);
            world->submit(idle);
            EXPECT_EQ(world->in_flight(), 2u);
        }
        ::close(ends[0]);
        ::close(ends[1]);
        EXPECT_EQ(descriptor_count(), before);
    }
}

TEST(backend_end, of_a_loop_cancels_what_is_in_flight) {
    std::array<char, 4> buffer;
    bool cancelled = false;
    {
        event_loop loop;
        if (loop.backend_name() == "sim") GTEST_SKIP();
        connection c = make_tcp_pair();
        task<> t = create_task([&]() -> async<> {
            try {
                co_await receiving(c.here.get(), buffer);
            } catch (const cancelled_error&) {
                cancelled = true;
                throw;
            }
        });
        loop.run_once(duration::zero());
        loop.run_once(duration::zero());
        EXPECT_EQ(loop.world().in_flight(), 1u);
        loop.cancel_all_tasks(std::chrono::hours(1));
        EXPECT_EQ(loop.world().in_flight(), 0u);
    }
    EXPECT_TRUE(cancelled);
}

TEST(backend_end, may_be_outlived_by_those_who_wake_it) {
    for (const backend_kind kind : kinds()) {
        const std::size_t before = descriptor_count();
        std::shared_ptr<backend> world;
        std::thread maker([&] { world = make_backend(kind); });
        maker.join();  // a ring of a thread that has ended
        world->wake();
        std::thread last([mine = std::move(world)]() mutable {
            mine->wake();
            mine.reset();
        });
        last.join();
        EXPECT_EQ(descriptor_count(), before);
    }
}

TEST(backend_end, leaves_the_rings_of_other_threads_alone) {
    // The last owner of a backend may be a thread with a loop of its own.
    event_loop loop;
    std::shared_ptr<backend> foreign;
    std::thread([&] { foreign = make_backend(backend_kind::automatic); }).join();
    foreign.reset();
    bool finished = false;
    task<> t = create_task([&]() -> async<> {
        for (int i = 0; i < 10; ++i) co_await performing(verb::nop, -1);
        finished = true;
    });
    loop.run_until(finished);
}

TEST(backend_loops, run_side_by_side_on_several_threads) {
    std::vector<std::thread> threads;
    std::atomic<int> sum{0};
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            sum += torus::run([]() -> async<int> {
                int count = 0;
                for (int n = 0; n < 200; ++n) count += co_await performing(verb::nop, -1) == 0;
                co_return count;
            }());
        });
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(sum, 800);
}

}  // namespace
}  // namespace torus::testing
