// tests/core/signal_test.cpp: how signals end a program. Each happens in a child process.
#include <torus/core/run.hpp>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <torus/core/core.hpp>

#include "core/in_child.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

TEST(signals, S52_sigint_cancels_main_once_and_run_throws) {
    EXPECT_TRUE(exited_with(was_interrupted, status_of([] {
                                bool cleaned = false;
                                auto main = [&]() -> async<> {
                                    ::raise(SIGINT);
                                    try {
                                        co_await sleep_forever();
                                    } catch (const cancelled_error& e) {
                                        cleaned = e.is_own() && current_task().cancelling() == 1;
                                        throw;
                                    }
                                };
                                const int outcome = outcome_of(main);
                                return cleaned ? outcome : 0;
                            })));
}

TEST(signals, S52_one_that_comes_while_the_loop_sleeps_wakes_it) {
    EXPECT_TRUE(exited_with(was_interrupted, status_of([] {
                                auto main = []() -> async<> {
                                    std::thread([] {
                                        std::this_thread::sleep_for(
                                            20ms);  // it doesn't matter how long; most likely the loop sleeps then
                                        ::kill(::getpid(), SIGINT);
                                    }).detach();
                                    co_await sleep_forever();
                                };
                                return outcome_of(main);
                            })));
}

TEST(signals, S542_one_that_comes_while_the_loop_polls_busily_cancels_main) {
    EXPECT_TRUE(exited_with(was_interrupted, status_of([] {
                                auto main = []() -> async<> {
                                    get_running_loop().call_later(1ms, [] { ::raise(SIGINT); });
                                    co_await sleep_forever();
                                };
                                return outcome_of(main, {.busy_poll = 1h});
                            })));
}

TEST(signals, S53_a_main_that_returns_all_the_same_has_returned) {
    EXPECT_TRUE(exited_with(ran_to_its_end, status_of([] {
                                auto main = []() -> async<> {
                                    ::raise(SIGINT);
                                    try {
                                        co_await sleep_forever();
                                    } catch (const cancelled_error&) {}
                                    co_await sleep(1ms);
                                };
                                return outcome_of(main);
                            })));
}

/// Runs something that a signal ends, in a program that doesn't catch what `run` throws then.
int uncaught(int number) noexcept {
    const auto main = [number]() -> async<> {
        ::raise(number);
        co_await sleep_forever();
    };
    run(main(), {.stop_on = {SIGTERM}});
    return ran_to_its_end;
}

TEST(signals, S53a_a_program_that_does_not_catch_it_ends_by_the_signal) {
    EXPECT_TRUE(killed_by(SIGINT, status_of([] { return uncaught(SIGINT); })));
    EXPECT_TRUE(killed_by(SIGTERM, status_of([] { return uncaught(SIGTERM); })));
}

TEST(signals, S53a_it_says_nothing_of_its_own_and_loses_nothing_that_was_printed) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    std::fflush(stdout);  // the child has a copy of what is in its buffer
    const int status = status_of([&] {
        ::dup2(ends[1], STDOUT_FILENO);
        ::dup2(ends[1], STDERR_FILENO);
        std::printf("what was printed");
        return uncaught(SIGINT);
    });
    ::close(ends[1]);
    std::string said(200, '\0');
    const ssize_t size = ::read(ends[0], said.data(), said.size());
    ::close(ends[0]);
    ASSERT_GE(size, 0);
    said.resize(static_cast<std::size_t>(size));
    EXPECT_EQ(said, "what was printed");
    EXPECT_TRUE(killed_by(SIGINT, status));
}

[[noreturn]] void throw_what_nobody_catches() { throw std::runtime_error("not caught"); }

TEST(signals, S53a_other_exceptions_end_it_as_ever_also_afterwards) {
    EXPECT_TRUE(killed_by(SIGABRT, status_of([]() noexcept -> int {
                              ::close(STDERR_FILENO);  // the C++ library says what it was
                              const auto interrupted = []() -> async<> {
                                  ::raise(SIGINT);
                                  co_await sleep_forever();
                              };
                              if (outcome_of(interrupted) != was_interrupted) return 0;
                              throw_what_nobody_catches();
                          })));
}

TEST(signals, S53a_a_handler_of_the_programs_own_is_asked_instead) {
    EXPECT_TRUE(exited_with(21, status_of([] {
                                std::set_terminate([] { ::_exit(21); });
                                return uncaught(SIGINT);
                            })));
}

TEST(signals, S54_the_second_one_ends_the_process) {
    EXPECT_TRUE(killed_by(SIGINT, status_of([] {
                              auto main = []() -> async<> {
                                  ::raise(SIGINT);
                                  try {
                                      co_await sleep_forever();
                                  } catch (const cancelled_error&) {}
                                  ::raise(SIGINT);
                                  co_await sleep(1ms);
                              };
                              return outcome_of(main);
                          })));
}

TEST(signals, S60a_the_second_one_ends_even_a_loop_that_is_stuck) {
    EXPECT_TRUE(killed_by(SIGINT, status_of([] {
                              auto main = []() -> async<> {
                                  ::raise(SIGINT);
                                  ::raise(SIGINT);
                                  for (;;) ::pause();
                                  co_return;
                              };
                              return outcome_of(main);
                          })));
}

TEST(signals, S55_only_the_main_thread_installs_a_handler) {
    EXPECT_TRUE(killed_by(SIGINT, status_of([] {
                              std::thread([] {
                                  run([]() -> async<> {
                                      ::kill(::getpid(), SIGINT);
                                      co_await sleep_forever();
                                  }());
                              }).join();
                              return ran_to_its_end;
                          })));
}

TEST(signals, S55_a_signal_that_is_ignored_or_handled_already_is_left_alone) {
    EXPECT_TRUE(exited_with(ran_to_its_end, status_of([] {
                                ::signal(SIGINT, SIG_IGN);
                                auto main = []() -> async<> {
                                    ::raise(SIGINT);
                                    co_await sleep(1ms);
                                };
                                return outcome_of(main);
                            })));
    EXPECT_TRUE(exited_with(ran_to_its_end, status_of([] {
                                static volatile std::sig_atomic_t seen = 0;
                                ::signal(SIGINT, [](int) { seen = 1; });
                                auto main = []() -> async<> {
                                    ::raise(SIGINT);
                                    co_await sleep(1ms);
                                };
                                const int outcome = outcome_of(main);
                                ::raise(SIGINT);
                                return seen == 1 ? outcome : 0;
                            })));
}

TEST(signals, S55_what_was_there_before_comes_back) {
    EXPECT_TRUE(killed_by(SIGINT, status_of([] {
                              outcome_of([]() -> async<> { co_return; });
                              ::raise(SIGINT);
                              return ran_to_its_end;
                          })));
    EXPECT_TRUE(exited_with(ran_to_its_end, status_of([] {
                                auto main = []() -> async<> {
                                    ::signal(SIGINT, SIG_IGN);  // what the program itself installs meanwhile stays
                                    co_return;
                                };
                                const int outcome = outcome_of(main);
                                ::raise(SIGINT);
                                return outcome;
                            })));
}

TEST(signals, S55_a_run_that_ends_on_another_thread_takes_no_handler_away) {
    EXPECT_TRUE(exited_with(was_interrupted, status_of([] {
                                auto main = []() -> async<> {
                                    std::thread([] { run([]() -> async<> { co_return; }()); }).join();
                                    ::raise(SIGINT);
                                    co_await sleep_forever();
                                };
                                return outcome_of(main);
                            })));
}

TEST(signals, S56_if_somebody_else_cancels_main_too_that_is_thrown) {
    EXPECT_TRUE(exited_with(was_cancelled, status_of([] {
                                auto main = []() -> async<> {
                                    ::raise(SIGINT);
                                    auto others = create_task(
                                        [](any_task main_task) -> async<> {
                                            main_task.cancel();
                                            co_return;
                                        },
                                        current_task());
                                    co_await sleep_forever();
                                };
                                return outcome_of(main);
                            })));
}

TEST(signals, D14_stop_on_names_further_signals) {
    run_options options;
    options.stop_on = {SIGTERM};
    auto main = []() -> async<> {
        ::raise(SIGTERM);
        co_await sleep_forever();
    };
    EXPECT_TRUE(exited_with(was_interrupted, status_of([&] { return outcome_of(main, options); })));
    EXPECT_TRUE(killed_by(SIGTERM, status_of([&] { return outcome_of(main); })));
}

TEST(signals, the_handler_leaves_errno_alone) {
    EXPECT_TRUE(exited_with(ran_to_its_end, status_of([] {
                                auto main = []() -> async<> {
                                    ::close_range(STDERR_FILENO + 1, UINT_MAX, 0);  // its write fails: EBADF
                                    errno = ELOOP;
                                    ::raise(SIGINT);
                                    ::_exit(errno == ELOOP ? ran_to_its_end : 0);
                                    co_return;
                                };
                                return outcome_of(main);
                            })));
}

TEST(signals, a_main_without_a_loop_iteration_left_is_not_interrupted) {
    EXPECT_TRUE(exited_with(ran_to_its_end, status_of([] {
                                auto main = []() -> async<> {
                                    ::raise(SIGINT);
                                    co_return;
                                };
                                return outcome_of(main);
                            })));
}

}  // namespace
