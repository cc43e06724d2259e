// tests/process/support.hpp: what the tests of processes share.
#pragma once

#include <cerrno>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <system_error>

#include <torus/process/process.hpp>
#include <torus/testing/test.hpp>

#include <signal.h>
#include <sys/wait.h>

/// A test with real processes: skipped in the simulation, which has none.
#define PROCESS_TEST(suite, name)                                                       \
    static ::torus::async<> suite##_##name##_body();                                    \
    TEST(suite, name) {                                                                 \
        if (::torus::testing::is_simulated()) GTEST_SKIP() << "there are no processes"; \
        ::torus::testing::run_test(suite##_##name##_body, ::torus::clock_kind::steady); \
        ::torus::testing::expect_no_children();                                         \
    }                                                                                   \
    static ::torus::async<> suite##_##name##_body()

namespace torus::testing {

inline bool is_simulated() {
    const char* const backend = std::getenv("TORUS_BACKEND");
    return backend && std::string_view(backend) == "sim";
}

/// Neither running children nor zombies.
inline void expect_no_children() {
    siginfo_t info{};
    const int result = ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
    EXPECT_TRUE(result < 0 && errno == ECHILD) << "a child is left: " << info.si_pid;
}

/// Returns when no child is left.
inline async<> until_no_children() {
    siginfo_t info{};
    while (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0) co_await sleep(std::chrono::milliseconds(1));
}

/// The numbers of this process's open files.
inline std::set<std::string> open_files() {
    std::set<std::string> names;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;  // the one that lists them
        const auto target = std::filesystem::read_symlink(each.path(), gone);
        if (!gone && target.string().find("/fd") == std::string::npos) names.insert(each.path().filename().string());
    }
    return names;
}

/// What a shell command says on its output.
inline async<std::string> said_by(std::string command, process_options options = {}) {
    options.out = torus::pipe;
    process shell = co_await create_subprocess_shell(command, options);
    auto said = co_await shell.communicate();
    co_return said.out;
}

/// A process that runs until it is killed.
inline async<process> sleeper(process_options options = {}) { return create_subprocess_exec("sleep", "3600", options); }

/// Starts one and gives how it ended.
inline async<int> end_of(std::string command) {
    process shell = co_await create_subprocess_shell(command);
    co_return co_await shell.wait();
}

inline async<int> wait_of(process& of) { co_return co_await of.wait(); }

/// Whether a process with this number is there, a zombie included.
inline bool exists(int pid) { return ::kill(pid, 0) == 0 || errno != ESRCH; }

}  // namespace torus::testing
