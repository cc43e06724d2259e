// tests/process/pipes_of_process_test.cpp: where a process's standard streams go.
#include <torus/process/subprocess.hpp>

#include <array>
#include <string>
#include <utility>

#include "process/support.hpp"
#include "scratch_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

PROCESS_TEST(process_streams, S412_output_is_read_line_by_line_while_it_runs) {
    auto cat = co_await create_subprocess_exec("cat", process_options{.in = torus::pipe, .out = torus::pipe});
    for (const auto* line : {"one\n", "two\n"}) {
        co_await cat.stdin_().write(std::string_view(line));
        EXPECT_EQ(co_await cat.stdout_().readline(), line);
    }
    co_await cat.stdin_().close();
    EXPECT_FALSE((co_await cat.stdout_().next()).has_value());
    EXPECT_EQ(co_await cat.wait(), 0);
}

PROCESS_TEST(process_streams, S412_the_null_device_is_empty_and_swallows) {
    auto cat =
        co_await create_subprocess_exec("cat", process_options{.in = devnull, .out = devnull, .err = torus::pipe});
    EXPECT_EQ((co_await cat.communicate()).err, "");
    EXPECT_EQ(cat.returncode(), 0);
}

PROCESS_TEST(process_streams, S412_errors_go_where_the_output_goes) {
    auto piped = co_await create_subprocess_shell("echo out; echo err >&2", {.out = torus::pipe, .err = to_stdout});
    EXPECT_EQ((co_await piped.communicate()).out, "out\nerr\n");
}

PROCESS_TEST(process_streams, S412_files_of_this_process_are_given) {
    const scratch_folder folder;
    const descriptor in(::open(folder.write("in", "from a file").c_str(), O_RDONLY | O_CLOEXEC));
    const std::string path = folder / "out";
    descriptor out(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    auto cat = co_await create_subprocess_exec("cat", process_options{.in = in.number(), .out = out});
    out.close();
    EXPECT_EQ(co_await cat.wait(), 0);
    std::ifstream written(path);
    std::string text;
    std::getline(written, text);
    EXPECT_EQ(text, "from a file");
    const process_options closed{.in = 1 << 20};
    auto failing = create_subprocess_exec("true", closed);
    EXPECT_EQ((co_await expect_throws<std::system_error>(std::move(failing))).code(), std::errc::bad_file_descriptor);
}

PROCESS_TEST(process_streams, S412_output_and_errors_may_be_exchanged) {
    std::array<int, 2> one{};
    std::array<int, 2> other{};
    EXPECT_EQ(::pipe2(one.data(), O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(other.data(), O_CLOEXEC), 0);
    const descriptor one_out(one[0]), other_out(other[0]);
    descriptor one_in(one[1]), other_in(other[1]);
    // Files on each other's numbers must not overwrite each other.
    const int saved_out = ::fcntl(1, F_DUPFD_CLOEXEC, 3);
    const int saved_err = ::fcntl(2, F_DUPFD_CLOEXEC, 3);
    ::dup2(one_in.number(), 1);
    ::dup2(other_in.number(), 2);
    auto shell = co_await create_subprocess_shell("echo out; echo err >&2", {.out = 2, .err = 1});
    ::dup2(saved_out, 1);
    ::dup2(saved_err, 2);
    ::close(saved_out);
    ::close(saved_err);
    EXPECT_EQ(co_await shell.wait(), 0);
    std::array<char, 8> text{};
    EXPECT_EQ(::read(one_out.number(), text.data(), text.size()), 4);
    EXPECT_EQ(std::string_view(text.data(), 4), "err\n");
    EXPECT_EQ(::read(other_out.number(), text.data(), text.size()), 4);
    EXPECT_EQ(std::string_view(text.data(), 4), "out\n");
}

PROCESS_TEST(process_streams, S216_output_is_readable_after_the_child_has_gone) {
    auto shell = co_await create_subprocess_shell("echo still there", {.out = torus::pipe});
    EXPECT_EQ(co_await shell.wait(), 0);
    EXPECT_EQ(co_await shell.stdout_().read(), "still there\n");
}

PROCESS_TEST(process_streams, S216_a_child_waits_for_whoever_does_not_read) {
    auto yes = co_await create_subprocess_exec("yes", process_options{.out = torus::pipe});
    EXPECT_EQ(co_await yes.stdout_().readline(), "y\n");
    // It can't end: it is stopped by the pipe, which is full, and what is here is bounded.
    EXPECT_LE(yes.stdout_().buffered().size(), default_read_limit);
    EXPECT_FALSE(yes.returncode().has_value());
}

PROCESS_TEST(process_streams, S412_the_childs_ends_of_its_pipes_block_as_programs_expect) {
    // Flags of its descriptors, octal: 04000 is O_NONBLOCK.
    auto shell = co_await create_subprocess_shell("for n in 0 1 2; do grep flags /proc/$$/fdinfo/$n; done",
                                                  {.in = torus::pipe, .out = torus::pipe, .err = torus::pipe});
    auto said = co_await shell.communicate();
    EXPECT_EQ(said.out, "flags:\t00\nflags:\t01\nflags:\t01\n");
}

}  // namespace
