// tests/core/guest_test.cpp: a loop within another loop: its descriptor, its turns, its place on the thread.
#include <torus/core/guest.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/testing/test.hpp>

#include "core/backend_support.hpp"
#include "core/children.hpp"
#include "core/guest.hpp"

#include <sys/socket.h>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TEST(guest, S546_is_readable_for_the_first_turn_and_not_while_it_waits) {
    bool began = false;
    auto main = [&]() -> async<> {
        began = true;
        co_await sleep_forever();
    };
    guest_loop guest(main(), ignore);
    EXPECT_FALSE(began);
    EXPECT_TRUE(is_readable(guest));
    EXPECT_TRUE(settle(guest));
    EXPECT_TRUE(began);
    EXPECT_FALSE(is_readable(guest));
}

TEST(guest, S546_becomes_readable_when_a_timer_expires) {
    std::string order;
    auto sleeper = [&](duration span, char name) -> async<> {
        co_await sleep(span);
        order += name;
    };
    auto main = [&]() -> async<> { co_await gather(sleeper(3ms, 'c'), sleeper(1ms, 'a'), sleeper(2ms, 'b')); };
    guest_loop guest(main(), ignore);
    const auto begin = std::chrono::steady_clock::now();
    drive(guest);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 3ms);
    EXPECT_EQ(order, "abc");
}

TEST(guest, S546_becomes_readable_when_another_thread_calls) {
    std::string heard;
    auto main = [&]() -> async<> {
        heard += co_await to_thread([] { return "job "s; });
        co_await sleep_forever();
    };
    guest_loop guest(main(), ignore);
    while (heard.empty()) {
        wait_until_readable(guest);
        guest.run_once();
    }
    settle(guest);
    std::thread([&] { guest.loop().call_soon_threadsafe([&] { heard += "call"; }); }).join();
    EXPECT_TRUE(is_readable(guest));
    settle(guest);
    EXPECT_EQ(heard, "job call");
    std::thread([&] { guest.loop().letters()->wake(); }).join();
    EXPECT_TRUE(is_readable(guest)) << "as after a signal";
}

TEST(guest, S546_becomes_readable_when_the_kernel_has_something) {
    if (has_no_kernel()) GTEST_SKIP() << "there are no sockets in a simulation";
    int pair[2] = {};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    std::string received;
    auto main = [&](int from) -> async<> {
        char buffer[8];
        for (;;) {
            const std::int32_t count = co_await receive_into(from, buffer);
            if (count <= 0) break;
            received.append(buffer, static_cast<std::size_t>(count));
        }
        get_running_loop().world().close(from);
    };
    guest_loop guest(main(pair[0]), ignore);
    EXPECT_TRUE(settle(guest));
    for (const std::string_view sent : {"one ", "two ", "three"}) {
        EXPECT_FALSE(is_readable(guest));
        ASSERT_EQ(::send(pair[1], sent.data(), sent.size(), 0), static_cast<ssize_t>(sent.size()));
        wait_until_readable(guest);  // io_uring may need a moment
        EXPECT_TRUE(settle(guest));
    }
    EXPECT_EQ(received, "one two three");
    ::close(pair[1]);
    drive(guest);
    EXPECT_TRUE(guest.done());
}

TEST(guest, S547_a_turn_does_what_is_ready_and_never_waits) {
    int turns = 0;
    auto main = [&]() -> async<> {
        for (;; ++turns) co_await sleep(1h);
    };
    guest_loop guest(main(), ignore);
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(guest.run_once()) << "though there is nothing to do";
    EXPECT_EQ(turns, 0);
}

TEST(guest, S547_long_work_is_spread_over_several_turns) {
    int steps = 0;
    auto busy = [&]() -> async<> {
        for (;; ++steps) co_await yield_now();
    };
    guest_loop guest(busy(), ignore);
    for (int i = 1; i <= 10; ++i) {
        const int before = steps;
        EXPECT_TRUE(guest.run_once());
        EXPECT_TRUE(is_readable(guest));
        EXPECT_EQ(guest.next_deadline(), time_point::min());
        EXPECT_GT(steps, before);
        EXPECT_LE(steps, before + 100);
    }
}

TEST(guest, S548_the_next_deadline_is_now_that_of_the_next_timer_or_never) {
    auto main = [&](duration span) -> async<> {
        co_await sleep(span);
        co_await sleep_forever();
    };
    guest_loop guest(main(1h), ignore);
    EXPECT_EQ(guest.next_deadline(), time_point::min());
    const time_point begin = clock::now();
    settle(guest);
    EXPECT_GE(guest.next_deadline(), begin + 1h);
    EXPECT_LE(guest.next_deadline(), clock::now() + 1h);
    guest_loop other(main(0s), ignore);
    settle(other);
    EXPECT_EQ(other.next_deadline(), time_point::max());
}

TEST(guest, S548_a_host_without_descriptors_asks_whenever_it_likes) {
    int result = 0;
    guest_loop guest(slowly(2ms, 7), [&](const outcome<int>& ended) { result = *ended; });
    while (guest.run_once()) {
        const time_point next = guest.next_deadline();
        if (next != time_point::max() && next > clock::now()) std::this_thread::sleep_until(next);
    }
    EXPECT_EQ(result, 7);
}

TEST(guest, S552_between_the_turns_no_loop_runs_and_others_have_theirs) {
    std::string order;
    auto main = [&](char name) -> async<> {
        for (int i = 0; i < 3; ++i) {
            order += name;
            co_await sleep(1ms);
        }
    };
    guest_loop a(main('a'), ignore);
    guest_loop b(main('b'), ignore);
    while (!a.done() || !b.done()) {
        a.run_once();
        EXPECT_THROW(get_running_loop(), std::runtime_error);
        EXPECT_EQ(run(slowly(0s, 1)), 1);
        b.run_once();
    }
    EXPECT_EQ(order.substr(0, 2), "ab");
    EXPECT_EQ(order.size(), 6U);
}

TEST(guest, S552_its_tasks_and_other_threads_may_not_take_turns) {
    guest_loop* self = nullptr;
    int refused = 0;
    auto count_refusal = [&](auto&& call) {
        try {
            call();
        } catch (const std::runtime_error&) {
            ++refused;
        }
    };
    auto main = [&]() -> async<> {
        count_refusal([&] { self->run_once(); });
        count_refusal([&] { self->cancel(); });
        count_refusal([&] { self->call([] {}); });
        count_refusal([&] { const guest_loop another(slowly(0s, 1), ignore); });
        co_return;
    };
    guest_loop guest(main(), ignore);
    self = &guest;
    std::thread([&] { count_refusal([&] { guest.run_once(); }); }).join();
    EXPECT_EQ(refused, 1);
    drive(guest);
    EXPECT_EQ(refused, 5);
}

TEST(guest, S553_the_host_calls_into_the_loop_at_once) {
    promise<int> answer;
    int result = 0;
    auto main = [&]() -> async<> {
        answer = promise<int>();
        result = co_await answer.future();
    };
    guest_loop guest(main(), ignore);
    settle(guest);
    EXPECT_FALSE(is_readable(guest));
    EXPECT_EQ(guest.call([&] {
        answer.set_value(42);
        return "given"s;
    }),
              "given");
    EXPECT_EQ(result, 0) << "what becomes ready has its turn later";
    EXPECT_TRUE(is_readable(guest));
    drive(guest);
    EXPECT_EQ(result, 42);
    EXPECT_THROW(guest.call([] {}), std::runtime_error) << "it is done";
    EXPECT_THROW(guest.loop(), std::runtime_error);
}

TEST(guest, S553_what_the_function_throws_is_thrown_and_what_it_did_before_counts) {
    std::string log;
    guest_loop guest(slowly(1h, 1), ignore);
    settle(guest);
    EXPECT_THROW(guest.call([&] {
        spawn(note(log, 'a'));
        throw std::out_of_range("after a spawn");
    }),
                 std::out_of_range);
    EXPECT_TRUE(is_readable(guest));
    settle(guest);
    EXPECT_EQ(log, "a");
}

TEST(guest, S558_a_refused_one_destroys_main_and_calls_nobody) {
    auto counted = std::make_shared<int>();
    auto body = [](std::shared_ptr<int>) -> async<> { co_return; };
    auto tries = [&]() -> async<> {
        EXPECT_THROW(guest_loop(body(counted), ignore), std::runtime_error);
        co_return;
    };
    ::testing::internal::CaptureStderr();
    run(tries());
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "") << "a coroutine that is refused is no mistake";
    EXPECT_EQ(counted.use_count(), 1);
}

}  // namespace
