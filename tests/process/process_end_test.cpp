// tests/process/process_end_test.cpp: how processes end, and that nothing is left of them.
#include <torus/process/subprocess.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "process/support.hpp"

#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// Returns when nothing is left of the process.
async<> until_gone(int pid) {
    while (exists(pid)) co_await sleep(1ms);
}

PROCESS_TEST(process_end, S212_returncode_is_the_status_or_minus_the_signal) {
    EXPECT_EQ(co_await end_of("exit 0"), 0);
    EXPECT_EQ(co_await end_of("exit 77"), 77);
    EXPECT_EQ(co_await end_of("kill -s TERM $$"), -SIGTERM);
    process killed = co_await sleeper();
    killed.kill();
    EXPECT_EQ(co_await killed.wait(), -SIGKILL);
    EXPECT_EQ(killed.returncode(), -SIGKILL);
    process terminated = co_await sleeper();
    terminated.terminate();
    EXPECT_EQ(co_await terminated.wait(), -SIGTERM);
    process signalled = co_await sleeper();
    signalled.send_signal(SIGUSR1);
    EXPECT_EQ(co_await signalled.wait(), -SIGUSR1);
}

PROCESS_TEST(process_end, S416_returncode_is_empty_while_it_runs_and_asks) {
    auto cat = co_await create_subprocess_exec("cat", process_options{.in = torus::pipe});
    EXPECT_FALSE(cat.returncode().has_value());
    co_await cat.stdin_().close();
    while (!cat.returncode()) co_await sleep(1ms);  // nobody waits for it
    EXPECT_EQ(cat.returncode(), 0);
    EXPECT_EQ(co_await cat.wait(), 0);
}

PROCESS_TEST(process_end, S213_several_tasks_wait_for_one_process) {
    process child = co_await sleeper();
    auto first = create_task(wait_of(child));
    auto second = create_task(wait_of(child));
    auto third = create_task(wait_of(child));
    co_await let_others_run();
    EXPECT_FALSE(first.done() || second.done() || third.done());
    child.kill();
    EXPECT_EQ(co_await first, -SIGKILL);
    EXPECT_EQ(co_await second, -SIGKILL);
    EXPECT_EQ(co_await third, -SIGKILL);
}

PROCESS_TEST(process_end, S214_a_cancelled_wait_does_not_kill) {
    process child = co_await sleeper();
    auto waiting = create_task(wait_of(child));
    co_await let_others_run();
    waiting.cancel();
    co_await expect_throws<cancelled_error>(waiting);
    EXPECT_FALSE(child.returncode().has_value());
    child.kill();
    EXPECT_EQ(co_await child.wait(), -SIGKILL);
}

PROCESS_TEST(process_end, S214_a_process_that_is_dropped_is_killed_and_nothing_is_left) {
    int pid = 0;
    {
        process child = co_await sleeper();
        pid = child.pid();
    }
    co_await until_gone(pid);
}

PROCESS_TEST(process_end, S214_one_that_is_dropped_as_the_program_ends_is_gone_too) {
    static std::optional<process> last;  // the test's end looks for children that are left
    last = co_await sleeper();
    spawn([]() -> async<> {
        const process dropped = std::move(*last);
        last.reset();
        co_await sleep_forever();
    }());
    co_await yield_now();
}

TEST(process_end, S214_one_that_outlives_its_loop_is_killed_as_well) {
    if (is_simulated()) GTEST_SKIP() << "there are no processes";
    std::optional<process> kept;
    const auto main = [&]() -> async<> { kept = co_await sleeper(); };
    run(main());
    EXPECT_TRUE(exists(kept->pid()));
    kept.reset();
    expect_no_children();
}

PROCESS_TEST(process_end, S214_one_that_has_ended_is_left_alone) {
    auto done = co_await create_subprocess_exec("true");
    EXPECT_EQ(co_await done.wait(), 0);
    done = co_await create_subprocess_exec("false");
    EXPECT_EQ(co_await done.wait(), 1);
}

PROCESS_TEST(process_end, S214_who_waits_while_it_is_dropped_hears_of_its_end) {
    std::optional<process> child = co_await sleeper();
    auto waiting = create_task(child->wait());
    co_await let_others_run();
    child.reset();
    EXPECT_EQ(co_await waiting, -SIGKILL);
}

PROCESS_TEST(process_end, S214_input_that_is_unsent_is_dropped_with_the_process) {
    auto child = co_await create_subprocess_exec("sleep", "3600", process_options{.in = torus::pipe});
    child.stdin_().write_nowait(std::string(200'000, 'x'));
    co_await let_others_run();
}

PROCESS_TEST(process_end, S214_a_group_is_killed_with_its_leader) {
    int orphan = 0;
    {
        auto leader = co_await create_subprocess_shell("sleep 3600 & echo $!; wait",
                                                       {.out = torus::pipe, .process_group = own_group});
        orphan = std::stoi(co_await leader.stdout_().readline());
        EXPECT_TRUE(exists(orphan));
    }
    co_await until_gone(orphan);  // init fetches its status; a machine without one keeps a zombie
}

PROCESS_TEST(process_end, S215_cancelling_at_any_moment_of_the_start_leaks_nothing) {
    const process_options piped{.in = torus::pipe, .out = torus::pipe, .err = torus::pipe};
    static_cast<void>(co_await sleeper(piped));  // whatever is made once is made now
    const auto before = open_files();
    for (int passes = 0; passes < 40; ++passes) {
        auto starting = create_task(sleeper(piped));
        for (int i = 0; i < passes && !starting.done(); ++i) co_await sleep(50us);
        starting.cancel();
        try {
            static_cast<void>(co_await std::move(starting));
        } catch (const cancelled_error&) {}
    }
    while (open_files().size() > before.size()) co_await sleep(1ms);
    co_await until_no_children();
    EXPECT_EQ(take_reports().size(), 0u);
}

PROCESS_TEST(process_end, S417_a_signal_to_one_that_has_ended_does_nothing) {
    auto done = co_await create_subprocess_exec("true");
    while (!done.returncode()) co_await sleep(1ms);
    done.terminate();
    done.kill();
    EXPECT_EQ(done.returncode(), 0);
    process child = co_await sleeper();
    EXPECT_EQ((co_await expect_throws<std::system_error>([](process& of) -> async<> {
                  of.send_signal(1000);
                  co_return;
              }(child)))
                  .code(),
              std::errc::invalid_argument);
}

PROCESS_TEST(process_end, S419_a_detached_process_lives_on_and_leaves_nothing_when_it_ends) {
    int pid = 0;
    {
        auto child = co_await create_subprocess_exec("sleep", "3600");
        child.detach();
        child.detach();
        EXPECT_FALSE(child.returncode().has_value());
        pid = child.pid();
    }
    co_await let_others_run();
    EXPECT_TRUE(exists(pid));
    ::kill(pid, SIGKILL);
    co_await until_gone(pid);
}

PROCESS_TEST(process_end, S416_a_status_that_somebody_else_has_taken_is_255_and_reported) {
    auto child = co_await create_subprocess_exec("false");
    while (::waitpid(child.pid(), nullptr, 0) != child.pid()) {}
    EXPECT_EQ(co_await child.wait(), 255);
    EXPECT_EQ(take_reports().size(), 1u);
}

}  // namespace
