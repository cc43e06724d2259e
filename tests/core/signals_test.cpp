// tests/core/signals_test.cpp: waiting for signals. What may end a process happens in a child.
#include <torus/core/signal.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/testing/test.hpp>

#include "core/in_child.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

void (*handler_of(int signal))(int) {
    struct sigaction current{};
    ::sigaction(signal, nullptr, &current);
    return current.sa_handler;
}

async<> note_next(signals& from, std::vector<int>& seen) {
    const auto came = co_await from.next();
    seen.push_back(came.value_or(0));
}

TORUS_TEST(signals, S390_one_of_several_is_awaited) {
    auto waiting = create_task(torus::signal(SIGUSR1, SIGUSR2));
    co_await yield_now();
    ::raise(SIGUSR2);
    EXPECT_EQ(co_await waiting, SIGUSR2);
}

TORUS_TEST(signals, S390_the_action_of_before_is_back_afterwards) {
    const auto before = handler_of(SIGUSR1);
    {
        auto waiting = create_task(torus::signal(SIGUSR1));
        co_await yield_now();
        EXPECT_NE(handler_of(SIGUSR1), before);
        ::raise(SIGUSR1);
        co_await waiting;
    }
    EXPECT_EQ(handler_of(SIGUSR1), before);
    signals subscription{SIGUSR1};
    ::signal(SIGUSR1, SIG_IGN);  // what the program installs meanwhile stays
    subscription.close();
    EXPECT_EQ(handler_of(SIGUSR1), SIG_IGN);
    ::signal(SIGUSR1, SIG_DFL);
}

TORUS_TEST(signals, S390_one_from_another_thread_wakes_a_loop_that_sleeps) {
    auto waiting = create_task(torus::signal(SIGUSR1));
    co_await yield_now();
    std::thread sender([] { ::kill(::getpid(), SIGUSR1); });
    EXPECT_EQ(co_await waiting, SIGUSR1);
    sender.join();
}

TORUS_TEST(signals, S391_what_comes_while_nobody_waits_is_kept_once_for_each_number) {
    signals subscription{SIGUSR1, SIGUSR2};
    ::raise(SIGUSR2);
    ::raise(SIGUSR1);
    ::raise(SIGUSR2);
    std::vector<int> seen;
    co_await note_next(subscription, seen);
    co_await let_others_run();
    co_await note_next(subscription, seen);
    EXPECT_EQ(seen, (std::vector{SIGUSR2, SIGUSR1}));
    auto third = co_await move_on_after(1s, subscription.next());
    EXPECT_FALSE(third.has_value());
}

TORUS_TEST(signals, S391_of_several_that_are_kept_the_lowest_number_comes_first) {
    signals subscription{SIGUSR1, SIGUSR2, SIGRTMAX};
    ::raise(SIGRTMAX);
    ::raise(SIGUSR2);
    ::raise(SIGUSR1);
    co_await sleep(1s);
    std::vector<int> seen;
    for (int i = 0; i < 3; ++i) co_await note_next(subscription, seen);
    EXPECT_EQ(seen, (std::vector{SIGUSR1, SIGUSR2, SIGRTMAX}));
}

TORUS_TEST(signals, S391_one_that_comes_after_another_was_taken_is_another_one) {
    signals subscription{SIGUSR1};
    for (int i = 0; i < 3; ++i) {
        ::raise(SIGUSR1);
        const auto came = co_await subscription.next();
        EXPECT_EQ(came, SIGUSR1);
    }
}

TORUS_TEST(signals, S392_every_subscription_gets_each_signal) {
    signals one{SIGUSR1};
    signals other{SIGUSR1, SIGUSR2};
    ::raise(SIGUSR1);
    EXPECT_EQ(co_await one.next(), SIGUSR1);
    EXPECT_EQ(co_await other.next(), SIGUSR1);
    one.close();
    ::raise(SIGUSR1);
    EXPECT_EQ(co_await other.next(), SIGUSR1);
}

TORUS_TEST(signals, S392_of_several_tasks_at_one_subscription_the_first_gets_it) {
    signals subscription{SIGUSR1};
    std::vector<int> first, second;
    auto a = create_task(note_next(subscription, first));
    auto b = create_task(note_next(subscription, second));
    co_await yield_now();
    ::raise(SIGUSR1);
    co_await a;
    EXPECT_EQ(first, std::vector{SIGUSR1});
    EXPECT_TRUE(second.empty());
    ::raise(SIGUSR1);
    co_await b;
    EXPECT_EQ(second, std::vector{SIGUSR1});
}

TORUS_TEST(signals, S392_every_loop_gets_each_signal) {
    signals here{SIGUSR1};
    std::atomic<bool> subscribed = false;
    int there = 0;
    std::thread other([&] {
        auto main = [&]() -> async<> {
            signals subscription{SIGUSR1};
            subscribed = true;
            there = (co_await subscription.next()).value_or(0);
        };
        run(main());
    });
    while (!subscribed) std::this_thread::yield();
    ::raise(SIGUSR1);
    EXPECT_EQ(co_await here.next(), SIGUSR1);
    other.join();
    EXPECT_EQ(there, SIGUSR1);
}

TORUS_TEST(signals, S395_a_cancelled_wait_loses_no_signal) {
    signals subscription{SIGUSR1};
    std::vector<int> first, second;
    auto a = create_task(note_next(subscription, first));
    auto b = create_task(note_next(subscription, second));
    co_await yield_now();
    a.cancel();
    ::raise(SIGUSR1);
    co_await b;
    EXPECT_TRUE(a.cancelled());
    EXPECT_EQ(second, std::vector{SIGUSR1});
}

TORUS_TEST(signals, S395_a_signal_that_has_come_wins_over_a_cancellation) {
    signals subscription{SIGUSR1};
    std::vector<int> seen;
    auto reader = [&]() -> async<> {
        co_await note_next(subscription, seen);
        co_await sleep_forever();
    };
    auto task = create_task(reader);
    co_await yield_now();
    event_loop::current().add_signal_handler(SIGUSR1, [&] { task.cancel(); });  // told after the subscription
    ::raise(SIGUSR1);
    co_await expect_throws<cancelled_error>(task);
    EXPECT_EQ(seen, std::vector{SIGUSR1});
}

TORUS_TEST(signals, S396_close_ends_the_wait_with_nothing) {
    signals subscription{SIGUSR1};
    std::vector<int> seen;
    auto waiting = create_task(note_next(subscription, seen));
    co_await yield_now();
    subscription.close();
    subscription.close();
    co_await waiting;
    EXPECT_EQ(seen, std::vector{0});
    EXPECT_FALSE((co_await subscription.next()).has_value());
}

TORUS_TEST(signals, S397_numbers_that_nobody_can_wait_for_are_refused) {
    EXPECT_THROW(signals{0}, std::invalid_argument);
    EXPECT_THROW(signals{65}, std::invalid_argument);
    EXPECT_THROW(signals{-1}, std::invalid_argument);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) EXPECT_THROW(signals{fault}, std::invalid_argument);
    EXPECT_THROW(static_cast<void>(torus::signal(SIGUSR1, 0)), std::invalid_argument);
    EXPECT_THROW(event_loop::current().add_signal_handler(SIGSEGV, [] {}), std::invalid_argument);
    const auto before = handler_of(SIGUSR1);
    for (const int kept : {SIGKILL, SIGSTOP}) EXPECT_THROW((signals{SIGUSR1, kept}), std::system_error);
    EXPECT_EQ(handler_of(SIGUSR1), before);
    co_return;
}

TORUS_TEST(signals, S398_a_callback_is_called_on_the_loop_until_it_is_removed) {
    event_loop& loop = event_loop::current();
    std::string log;
    EXPECT_FALSE(loop.remove_signal_handler(SIGUSR1));
    loop.add_signal_handler(SIGUSR1, [&] { log += 'a'; });
    ::raise(SIGUSR1);
    EXPECT_EQ(log, "");
    co_await sleep(1s);
    EXPECT_EQ(log, "a");
    loop.add_signal_handler(SIGUSR1, [&] { log += 'b'; });
    ::raise(SIGUSR1);
    co_await sleep(1s);
    EXPECT_EQ(log, "ab");
    EXPECT_TRUE(loop.remove_signal_handler(SIGUSR1));
    EXPECT_FALSE(loop.remove_signal_handler(SIGUSR1));
    EXPECT_FALSE(loop.remove_signal_handler(0));
    EXPECT_EQ(handler_of(SIGUSR1), SIG_DFL);
}

TORUS_TEST(signals, S398_a_callback_may_remove_itself_and_others) {
    event_loop& loop = event_loop::current();
    signals other{SIGUSR1};
    int calls = 0;
    const std::string owned = "what the callback holds lives while it runs";
    loop.add_signal_handler(SIGUSR1, [&, owned] {
        loop.remove_signal_handler(SIGUSR1);
        calls += owned.empty() ? 0 : 1;
    });
    ::raise(SIGUSR1);
    EXPECT_EQ(co_await other.next(), SIGUSR1);
    ::raise(SIGUSR1);
    EXPECT_EQ(co_await other.next(), SIGUSR1);
    co_await let_others_run();
    EXPECT_EQ(calls, 1);
}

TORUS_TEST(signals, S398_what_a_callback_throws_is_reported) {
    event_loop::current().add_signal_handler(SIGUSR1, [] { throw std::runtime_error("oops"); });
    ::raise(SIGUSR1);
    co_await sleep(1s);
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1u);
    EXPECT_NE(reports.at(0).find("oops"), std::string::npos);
}

// ------------------------------------------------------------------------------------------------------------------
// Precedence, and the end of processes

TEST(signals, S393_a_subscription_comes_before_stopping_the_program) {
    run_options options;
    options.stop_on = {SIGTERM};
    auto main = []() -> async<> {
        signals subscription{SIGINT, SIGTERM};
        for (const int each : {SIGINT, SIGTERM, SIGINT}) {
            ::raise(each);
            if (co_await subscription.next() != each) ::_exit(0);
        }
    };
    EXPECT_TRUE(exited_with(ran_to_its_end, status_of([&] { return outcome_of(main, options); })));
}

TEST(signals, S393_after_the_subscription_the_first_one_cancels_main_and_the_second_ends_the_process) {
    auto once = []() -> async<> {
        auto waiting = create_task(torus::signal(SIGINT));
        co_await yield_now();
        ::raise(SIGINT);
        co_await waiting;
        ::raise(SIGINT);
        co_await sleep_forever();
    };
    EXPECT_TRUE(exited_with(was_interrupted, status_of([&] { return outcome_of(once); })));
    auto twice = []() -> async<> {
        ::raise(SIGINT);
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {}
        {
            signals subscription{SIGINT};
            ::raise(SIGINT);
            co_await subscription.next();
        }
        ::raise(SIGINT);
    };
    EXPECT_TRUE(killed_by(SIGINT, status_of([&] { return outcome_of(twice); })));
}

/// Runs `body` while another loop, on a thread of its own, is subscribed to SIGINT; it is told when that ends.
template <class Body> void beside_a_subscription(Body body) {
    std::atomic<int> stage = 0;
    std::thread other([&] {
        auto main = [&]() -> async<> {
            signals subscription{SIGINT};
            stage = 1;
            while (stage != 2) co_await sleep(1ms);
        };
        run(main());
        stage = 3;
    });
    while (stage != 1) std::this_thread::yield();
    body([&] {
        stage = 2;
        while (stage != 3) std::this_thread::yield();
    });
    other.join();
}

TEST(signals, S394_run_begins_below_a_subscription_of_another_loop) {
    EXPECT_TRUE(exited_with(was_interrupted, status_of([] {
                                int outcome = 0;
                                beside_a_subscription([&](auto end_subscription) {
                                    auto main = [&]() -> async<> {
                                        ::raise(SIGINT);
                                        co_await sleep(1ms);
                                        end_subscription();
                                        ::raise(SIGINT);
                                        co_await sleep_forever();
                                    };
                                    outcome = outcome_of(main);
                                });
                                return outcome;
                            })));
}

TEST(signals, S394_run_ends_below_a_subscription_of_another_loop) {
    EXPECT_TRUE(killed_by(SIGINT, status_of([] {
                              auto main = []() -> async<> { co_return; };
                              beside_a_subscription([&](auto end_subscription) {
                                  outcome_of(main);
                                  end_subscription();
                              });
                              ::raise(SIGINT);
                              return ran_to_its_end;
                          })));
}

TEST(signals, S399_a_broken_pipe_is_an_error_and_does_not_end_the_process) {
    EXPECT_TRUE(exited_with(ran_to_its_end, status_of([] {
                                ::signal(SIGPIPE, SIG_DFL);
                                auto main = []() -> async<> {
                                    std::array<int, 2> ends{};
                                    if (::pipe2(ends.data(), O_CLOEXEC) != 0) ::_exit(0);
                                    ::close(ends[0]);
                                    if (::write(ends[1], "x", 1) >= 0 || errno != EPIPE) ::_exit(0);
                                    co_return;
                                };
                                return outcome_of(main);
                            })));
}

TEST(signals, S399_after_the_last_loop_a_broken_pipe_does_what_it_did) {
    EXPECT_TRUE(killed_by(SIGPIPE, status_of([] {
                              ::signal(SIGPIPE, SIG_DFL);
                              outcome_of([]() -> async<> { co_return; });
                              ::raise(SIGPIPE);
                              return ran_to_its_end;
                          })));
    EXPECT_TRUE(exited_with(ran_to_its_end, status_of([] {
                                ::signal(SIGPIPE, SIG_IGN);  // the program's own choice
                                auto main = []() -> async<> {
                                    if (handler_of(SIGPIPE) != SIG_IGN) ::_exit(0);
                                    co_return;
                                };
                                const int outcome = outcome_of(main);
                                return handler_of(SIGPIPE) == SIG_IGN ? outcome : 0;
                            })));
}

}  // namespace
