// tests/process/cancel_everywhere_test.cpp: child processes, cancelled at every moment.
#include <cerrno>
#include <stdexcept>
#include <string>

#include <torus/core/core.hpp>
#include <torus/process/process.hpp>

#include "cancelled_everywhere.hpp"

#include <sys/wait.h>

namespace torus::testing {
namespace {

/// Neither running children nor zombies.
void require_no_children() {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD)
        throw std::logic_error("a child is left");
}

TEST(process_everywhere, S565_create_subprocess_exec_and_communicate) {
    auto talk = []() -> async<> {
        process_options piped;
        piped.in = torus::pipe;
        piped.out = torus::pipe;
        process cat = co_await create_subprocess_exec("cat", piped);
        const process_output said = co_await cat.communicate("hello");
        EXPECT_EQ(said.out, "hello");
    };
    expect_kernel_use_cancellable_everywhere(talk, require_no_children);
}

TEST(process_everywhere, S565_create_subprocess_shell_and_wait) {
    auto use = []() -> async<> {
        process_options piped;
        piped.out = torus::pipe;
        process shell = co_await create_subprocess_shell("echo hello; exit 3", piped);
        EXPECT_EQ(co_await shell.stdout_().readline(), "hello\n");
        EXPECT_EQ(co_await shell.wait(), 3);
    };
    expect_kernel_use_cancellable_everywhere(use, require_no_children);
}

}  // namespace
}  // namespace torus::testing
