// tests/process/communicate_test.cpp: feeding processes and reading all they say.
#include <torus/process/subprocess.hpp>

#include <stdexcept>
#include <string>
#include <utility>

#include "process/support.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

constexpr process_options all_piped{.in = torus::pipe, .out = torus::pipe, .err = torus::pipe};
constexpr std::size_t mebibyte = 1024 * 1024;

async<process_output> talk(process& with, std::string input = {}, std::size_t limit = default_output_limit) {
    co_return co_await with.communicate(std::move(input), limit);
}

PROCESS_TEST(communicate, S210_a_mebibyte_each_way_without_deadlock) {
    auto both = co_await create_subprocess_shell("tee /dev/stderr", all_piped);
    const std::string input(mebibyte, 'x');
    auto [out, err] = co_await talk(both, input);
    EXPECT_EQ(out, input);
    EXPECT_EQ(err, input);
    EXPECT_EQ(both.returncode(), 0);
}

PROCESS_TEST(communicate, S210_only_what_is_piped_is_returned) {
    auto shell = co_await create_subprocess_shell("echo out; echo err >&2; exit 3", {.err = torus::pipe});
    auto [out, err] = co_await talk(shell);
    EXPECT_EQ(out, "");
    EXPECT_EQ(err, "err\n");
    EXPECT_EQ(shell.returncode(), 3);
}

PROCESS_TEST(communicate, S210_the_end_of_the_input_is_sent_without_input_too) {
    auto cat = co_await create_subprocess_exec("cat", process_options{.in = torus::pipe, .out = torus::pipe});
    EXPECT_EQ((co_await talk(cat)).out, "");
}

PROCESS_TEST(communicate, S210_what_was_read_already_is_not_returned_again) {
    auto shell = co_await create_subprocess_shell("echo one; echo two", {.out = torus::pipe});
    EXPECT_EQ(co_await shell.stdout_().readline(), "one\n");
    EXPECT_EQ((co_await talk(shell)).out, "two\n");
}

PROCESS_TEST(communicate, S211_a_child_that_closes_its_input_early_is_no_error) {
    auto shell = co_await create_subprocess_shell("exec <&-; echo done", all_piped);
    EXPECT_EQ((co_await talk(shell, std::string(mebibyte, 'x'))).out, "done\n");
    auto gone = co_await create_subprocess_exec("true", process_options{.in = torus::pipe});
    co_await gone.wait();
    co_await talk(gone, "to nobody");
    EXPECT_EQ(gone.returncode(), 0);
}

PROCESS_TEST(communicate, S413_input_that_nobody_can_have_is_refused) {
    auto without = co_await create_subprocess_exec("true", process_options{.out = torus::pipe});
    co_await expect_throws<std::invalid_argument>(talk(without, "input"));
    auto again = co_await create_subprocess_exec("cat", all_piped);
    EXPECT_EQ((co_await talk(again, "first")).out, "first");
    co_await expect_throws<std::invalid_argument>(talk(again, "second"));
    EXPECT_THROW(again.stdin_(), invalid_state_error);
    EXPECT_THROW(without.stderr_(), invalid_state_error);
}

PROCESS_TEST(communicate, S414_one_that_was_cancelled_goes_on_without_loss) {
    auto cat = co_await create_subprocess_exec("cat", process_options{.in = torus::pipe, .out = torus::pipe});
    const std::string input(3 * mebibyte, 'y');
    std::size_t cancelled = 0;
    auto first = create_task(talk(cat, input));
    co_await let_others_run(3);
    first.cancel();
    try {
        EXPECT_EQ((co_await first).out, input);
    } catch (const cancelled_error&) {
        ++cancelled;
    }
    if (cancelled > 0) {
        EXPECT_EQ((co_await talk(cat)).out, input);
    }
    EXPECT_EQ(cancelled, 1u);
}

PROCESS_TEST(communicate, S414_a_time_limit_leaves_the_process_alone) {
    auto shell = co_await create_subprocess_shell("echo before; read line; echo after $line", all_piped);
    EXPECT_EQ(co_await shell.stdout_().readline(), "before\n");
    auto waiting = create_task(wait_of(shell));
    const auto end = co_await move_on_after(1ms, waiting);
    EXPECT_FALSE(end.has_value());
    EXPECT_EQ((co_await talk(shell, "all\n")).out, "after all\n");
}

PROCESS_TEST(communicate, S415_more_than_the_limit_throws_and_the_process_goes_on) {
    auto yes = co_await create_subprocess_exec("yes", process_options{.out = torus::pipe});
    co_await expect_throws<limit_overrun_error>(talk(yes, {}, 1000));
    EXPECT_FALSE(yes.returncode().has_value());
    auto exact = co_await create_subprocess_shell("printf 12345", {.out = torus::pipe});
    EXPECT_EQ((co_await talk(exact, {}, 5)).out, "12345");
}

}  // namespace
