// tests/core/backend_forbidden_test.cpp: what a loop gets where the kernel forbids or lacks what is best.
#include "core/backend_support.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace torus::testing {
namespace {

/// From now on the system call fails with `error` in this process, as in a container that forbids it.
void forbid(long call, int error) {
    std::array<sock_filter, 4> program{
        sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const sock_fprog filter{program.size(), program.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0)
        return;
    std::fputs("no filters of system calls here\n", stderr);
    ::_exit(77);
}

/// Says on standard error what a program without the call gets.
[[noreturn]] void tell_choice_without(long call, int error) {
    ::unsetenv("TORUS_BACKEND");
    forbid(call, error);
    try {
        std::fprintf(stderr, "%s\n", describe_backend_choice().c_str());
        std::fprintf(stderr, "automatic is %s\n", std::string(make_backend(backend_kind::automatic)->name()).c_str());
        make_backend(backend_kind::io_uring);
        std::fputs("made\n", stderr);
    } catch (const std::system_error& e) {
        std::fprintf(stderr, "refused: %s\n", e.what());
    }
    ::_exit(0);
}

/// A program of its own for each test: the choice is made once per process, and a filter stays for ever.
class backend_forbidden : public ::testing::Test {
protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

    static bool or_no_filters(int status) {
        return WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
    }

    static void expect_epoll_without(long call, int error, const std::string& because) {
        EXPECT_EXIT(tell_choice_without(call, error), or_no_filters,
                    "no filters|epoll, because io_uring is not to be had \\(torus: io_uring: " + because +
                        "(.|\n)*automatic is epoll\nrefused: torus: io_uring: ");
    }
};

TEST_F(backend_forbidden, io_uring_of_a_container_is_replaced_by_epoll) {
    expect_epoll_without(SYS_io_uring_setup, EPERM, "forbidden here, by a container's seccomp filter");
}

TEST_F(backend_forbidden, io_uring_of_an_old_kernel_is_replaced_by_epoll) {
    expect_epoll_without(SYS_io_uring_setup, EINVAL, "this kernel's is older than that of Linux 6.1");
    expect_epoll_without(SYS_io_uring_setup, ENOSYS, "not in this kernel");
}

TEST_F(backend_forbidden, io_uring_that_can_only_be_made_is_replaced_by_epoll) {
    expect_epoll_without(SYS_io_uring_enter, EPERM, "a ring can't be entered");
    expect_epoll_without(SYS_io_uring_register, EPERM, "it can't be asked what it is able to do");
}

[[noreturn]] void wait_without(long call) {
    forbid(call, ENOSYS);
    ::setenv("TORUS_BACKEND", "epoll", 1);
    event_loop loop;
    loop.world().wait(std::chrono::microseconds(1));
    loop.world().wake();
    loop.world().wait(duration::max());
    loop.world().wait(duration::zero());
    std::fputs("waited\n", stderr);
    ::_exit(0);
}

TEST_F(backend_forbidden, epoll_of_an_old_kernel_waits_in_milliseconds) {
    EXPECT_EXIT(wait_without(SYS_epoll_pwait2), or_no_filters, "no filters|waited");
}

}  // namespace
}  // namespace torus::testing
