// tests/process/spawn_test.cpp: what a process is started with, and what happens if it cannot be.
#include <torus/process/subprocess.hpp>

#include <array>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "process/support.hpp"
#include "scratch_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// A program of our own in a folder.
void write_program(const scratch_folder& in, std::string_view name, std::string_view script) {
    const std::string path = in.write(name, "#!/bin/sh\n" + std::string(script) + "\n");
    ::chmod(path.c_str(), 0755);
}

async<> start(std::string program, process_options options = {}) {
    static_cast<void>(co_await create_subprocess_exec(program, options));
}

PROCESS_TEST(spawn, S405_arguments_arrive_as_they_are) {
    auto echo = co_await create_subprocess_exec("printf", "%s|", "a b", std::string("$HOME"), "", "*"sv,
                                                process_options{.out = torus::pipe});
    auto [out, err] = co_await echo.communicate();
    EXPECT_EQ(out, "a b|$HOME||*|");
    EXPECT_EQ(err, "");
}

PROCESS_TEST(spawn, S405_a_command_line_may_be_a_vector) {
    const std::vector<std::string> words{"printf", "%s", "one"};
    const std::vector<std::string_view> views{"printf", "%s", "two"};
    auto one = co_await create_subprocess_exec(words, process_options{.out = torus::pipe});
    auto two = co_await create_subprocess_exec(views, {.out = torus::pipe});
    EXPECT_EQ((co_await one.communicate()).out, "one");
    EXPECT_EQ((co_await two.communicate()).out, "two");
}

PROCESS_TEST(spawn, S405_what_cannot_be_a_command_line_is_refused) {
    const std::vector<std::string> none;
    const process_options twice{.process_group = own_group, .start_new_session = true};
    EXPECT_THROW(static_cast<void>(create_subprocess_exec(none)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(create_subprocess_exec("ls", "a\0b"sv)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(create_subprocess_exec("ls", process_options{.cwd = "a\0b"sv})),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(create_subprocess_exec("ls", twice)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(create_subprocess_exec("ls", process_options{.out = to_stdout})),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(create_subprocess_exec("ls", process_options{.umask = 01000})),
                 std::invalid_argument);
    co_return;
}

PROCESS_TEST(spawn, S217_a_missing_program_throws) {
    const auto error = co_await expect_throws<std::system_error>(start("no-such-program-of-torus"));
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
    EXPECT_NE(std::string(error.what()).find("no-such-program-of-torus"), std::string::npos);
    EXPECT_EQ((co_await expect_throws<std::system_error>(start("/no/such/program"))).code(),
              std::errc::no_such_file_or_directory);
    EXPECT_EQ((co_await expect_throws<std::system_error>(start(""))).code(), std::errc::no_such_file_or_directory);
}

PROCESS_TEST(spawn, S217_what_is_no_program_throws_with_its_errno) {
    const scratch_folder folder;
    const std::string text = folder.write("text", "not a program");
    EXPECT_EQ((co_await expect_throws<std::system_error>(start(text))).code(), std::errc::permission_denied);
    ::chmod(text.c_str(), 0755);
    EXPECT_EQ((co_await expect_throws<std::system_error>(start(text))).code(), std::errc::executable_format_error);
    EXPECT_EQ((co_await expect_throws<std::system_error>(start("/"))).code(), std::errc::permission_denied);
}

PROCESS_TEST(spawn, S217_no_descriptor_but_the_standard_ones_is_inherited) {
    const int leaky = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
    const std::string listed = co_await said_by("for f in /proc/self/fd/*; do echo ${f##*/}; done; exec 2>&1");
    ::close(leaky);
    // The shell itself opens the folder, while it lists it.
    EXPECT_TRUE(listed == "0\n1\n2\n3\n" || listed == "0\n1\n2\n") << listed;
}

PROCESS_TEST(spawn, S406_a_failed_start_leaves_no_descriptor) {
    co_await expect_throws<std::system_error>(start("/no/such/program"));  // whatever is made once is made now
    const auto before = open_files();
    const process_options piped{.in = torus::pipe, .out = torus::pipe, .err = torus::pipe};
    co_await expect_throws<std::system_error>(start("/no/such/program", piped));
    co_await expect_throws<std::system_error>(start("true", {.cwd = "/no/such/folder"}));
    EXPECT_EQ(open_files(), before);
}

PROCESS_TEST(spawn, S407_the_environment_is_replaced_or_changed) {
    environment only;
    only.set("COLOUR", "blue");
    auto env = co_await create_subprocess_exec("/usr/bin/env", process_options{.out = torus::pipe, .env = &only});
    EXPECT_EQ((co_await env.communicate()).out, "COLOUR=blue\n");
    environment changed = environment::current();
    changed.set("COLOUR", "red").erase("HOME");
    EXPECT_EQ(co_await said_by("echo $COLOUR ${HOME-none}", {.env = &changed}), "red none\n");
}

PROCESS_TEST(spawn, S407_the_environment_is_that_of_the_call) {
    ::setenv("TORUS_TEST_VARIABLE", "then", 1);
    auto later = said_by("echo $TORUS_TEST_VARIABLE");
    auto at_once = create_subprocess_shell("echo $TORUS_TEST_VARIABLE", {.out = torus::pipe});
    ::setenv("TORUS_TEST_VARIABLE", "now", 1);
    process shell = co_await std::move(at_once);
    EXPECT_EQ((co_await shell.communicate()).out, "then\n");
    EXPECT_EQ(co_await std::move(later), "now\n");  // a coroutine that has not begun has not called
    ::unsetenv("TORUS_TEST_VARIABLE");
}

PROCESS_TEST(spawn, S407_the_program_is_looked_for_in_the_childs_path) {
    const scratch_folder folder;
    write_program(folder, "torus-test-program", "echo found");
    folder.write("not-executable", "x");
    environment env = environment::current();
    env.set("PATH", "/no/such/folder:" + folder.path() + ":/bin:/usr/bin");
    const process_options options{.out = torus::pipe, .env = &env};
    auto found = co_await create_subprocess_exec("torus-test-program", options);
    EXPECT_EQ((co_await found.communicate()).out, "found\n");
    EXPECT_EQ((co_await expect_throws<std::system_error>(start("not-executable", options))).code(),
              std::errc::permission_denied);
    env.erase("PATH");
    auto standard = co_await create_subprocess_exec("true", options);
    EXPECT_EQ(co_await standard.wait(), 0);
}

PROCESS_TEST(spawn, S408_the_working_directory_is_the_childs_alone) {
    const scratch_folder folder;
    write_program(folder, "here", "pwd -P");
    const std::string path = std::filesystem::canonical(folder.path());
    const auto own = std::filesystem::current_path();
    EXPECT_EQ(co_await said_by("pwd -P", {.cwd = path}), path + "\n");
    auto relative = co_await create_subprocess_exec("./here", process_options{.out = torus::pipe, .cwd = path});
    EXPECT_EQ((co_await relative.communicate()).out, path + "\n");
    EXPECT_EQ(std::filesystem::current_path(), own);
}

PROCESS_TEST(spawn, S408_a_working_directory_that_cannot_be_entered_is_named) {
    const scratch_folder folder;
    const std::string file = folder.write("file", "");
    const auto missing = co_await expect_throws<std::system_error>(start("true", {.cwd = "/no/such/folder"}));
    EXPECT_EQ(missing.code(), std::errc::no_such_file_or_directory);
    EXPECT_NE(std::string(missing.what()).find("/no/such/folder"), std::string::npos);
    EXPECT_EQ((co_await expect_throws<std::system_error>(start("true", {.cwd = file}))).code(),
              std::errc::not_a_directory);
}

PROCESS_TEST(spawn, S409_groups_and_sessions) {
    process same = co_await sleeper();
    process leader = co_await sleeper({.process_group = own_group});
    process member = co_await sleeper({.process_group = leader.pid()});
    process session = co_await sleeper({.start_new_session = true});
    EXPECT_EQ(::getpgid(same.pid()), ::getpgrp());
    EXPECT_EQ(::getpgid(leader.pid()), leader.pid());
    EXPECT_EQ(::getpgid(member.pid()), leader.pid());
    EXPECT_EQ(::getsid(leader.pid()), ::getsid(0));
    EXPECT_EQ(::getsid(session.pid()), session.pid());
}

PROCESS_TEST(spawn, S410_the_umask_is_the_childs_alone) {
    const mode_t own = ::umask(0);
    ::umask(own);
    EXPECT_EQ(co_await said_by("umask", {.umask = 0123}), "0123\n");
    const mode_t after = ::umask(own);
    EXPECT_EQ(after, own);
    EXPECT_NE(co_await said_by("umask"), "0123\n");
}

PROCESS_TEST(spawn, S411_signals_are_as_programs_expect_them) {
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    const std::string status = co_await said_by("exec grep -E '^Sig(Blk|Ign)' /proc/self/status");
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    const auto set = [&](std::string_view name) {
        return std::stoull(status.substr(status.find(name) + name.size() + 1), nullptr, 16);
    };
    EXPECT_EQ(set("SigBlk:"), 1ull << (SIGUSR2 - 1));
    EXPECT_EQ(set("SigIgn:") & 1ull << (SIGPIPE - 1), 0u);
    EXPECT_EQ(co_await end_of("kill -s PIPE $$"), -SIGPIPE);
}

PROCESS_TEST(spawn, S411_sigpipe_has_its_default_even_if_this_process_ignores_it) {
    const auto former = ::signal(SIGPIPE, SIG_IGN);
    const int end = co_await end_of("kill -s PIPE $$");
    ::signal(SIGPIPE, former);
    EXPECT_EQ(end, -SIGPIPE);
}

PROCESS_TEST(spawn, many_start_at_once) {
    std::vector<async<int>> many;
    for (int i = 0; i < 20; ++i) many.push_back(end_of("exit " + std::to_string(i)));
    const std::vector<int> ends = co_await gather(std::move(many));
    for (int i = 0; i < 20; ++i) EXPECT_EQ(ends[static_cast<std::size_t>(i)], i);
}

TEST(spawn, S418_a_simulation_has_no_processes_and_says_so) {
    if (!is_simulated()) GTEST_SKIP() << "for the simulation";
    const auto body = +[]() -> async<> {
        const auto error = co_await expect_throws<std::system_error>(start("true"));
        EXPECT_EQ(error.code(), std::errc::function_not_supported);
    };
    run_test(body, clock_kind::simulated);
}

}  // namespace
