// tests/core/backend_names_test.cpp: names, room and ends of files, on every backend.
#include "core/backend_support.hpp"

#include <array>
#include <cerrno>
#include <filesystem>

#include "scratch_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace torus::testing {
namespace {

/// An operation with two names, in the folders that the descriptors stand for.
performing with_two(verb what, int from, const std::string& name, int to, const std::string& second, unsigned flags) {
    performing op(what, from, name.c_str(), 0, flags, static_cast<std::uint64_t>(to));
    op.second = const_cast<char*>(second.c_str());
    return op;
}

bool is_open(int descriptor) { return ::fcntl(descriptor, F_GETFD) >= 0; }

TORUS_IO_TEST(backend_names, are_made_and_taken_away) {
    if (without_kernel()) co_return;
    const scratch_folder folder;
    const std::string made = folder / "made";
    EXPECT_EQ(co_await performing(verb::make_directory, AT_FDCWD, made.c_str(), 0, 0, 0750), 0);
    struct stat status{};
    EXPECT_EQ(::stat(made.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0750u & ~::umask(::umask(0)));
    EXPECT_EQ(co_await performing(verb::make_directory, AT_FDCWD, made.c_str(), 0, 0, 0750), -EEXIST);
    EXPECT_EQ(co_await performing(verb::unlink, AT_FDCWD, made.c_str()), -EISDIR);
    EXPECT_EQ(co_await performing(verb::unlink, AT_FDCWD, made.c_str(), 0, AT_REMOVEDIR), 0);
    EXPECT_EQ(co_await performing(verb::unlink, AT_FDCWD, made.c_str(), 0, AT_REMOVEDIR), -ENOENT);
}

TORUS_IO_TEST(backend_names, are_relative_to_two_directories) {
    if (without_kernel()) co_return;
    const scratch_folder one, two;
    one.write("a", "content");
    owned_descriptor from(::open(one.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    owned_descriptor to(::open(two.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const std::string a = "a", b = "b", c = "c";
    EXPECT_EQ(co_await with_two(verb::link, from.get(), a, to.get(), b, 0), 0);
    EXPECT_TRUE(std::filesystem::exists(one / "a") && std::filesystem::exists(two / "b"));
    EXPECT_EQ(co_await with_two(verb::rename, to.get(), b, from.get(), c, 0), 0);
    EXPECT_TRUE(std::filesystem::exists(one / "c") && !std::filesystem::exists(two / "b"));
    EXPECT_EQ(co_await with_two(verb::rename, from.get(), a, from.get(), c, RENAME_NOREPLACE), -EEXIST);
    EXPECT_EQ(co_await with_two(verb::symbolic_link, to.get(), a, 0, b, 0), 0);
    EXPECT_EQ(std::filesystem::read_symlink(two / "b").string(), "a");
}

TORUS_IO_TEST(backend_files, are_given_room) {
    if (without_kernel()) co_return;
    owned_descriptor file = make_file();
    const std::int32_t outcome = co_await performing(verb::allocate, file.get(), nullptr, 5000, 0, 1000);
    if (outcome == -EOPNOTSUPP) co_return;  // by this file system
    EXPECT_EQ(outcome, 0);
    EXPECT_EQ(::lseek(file.get(), 0, SEEK_END), 6000);
    EXPECT_EQ(co_await performing(verb::allocate, file.get(), nullptr, 100, FALLOC_FL_KEEP_SIZE, 9000), 0);
    EXPECT_EQ(::lseek(file.get(), 0, SEEK_END), 6000);
}

TORUS_IO_TEST(backend_files, that_are_in_memory_are_read_at_once) {
    if (without_kernel()) co_return;
    owned_descriptor file = make_file();
    EXPECT_EQ(co_await writing(file.get(), "cached", 0), 6);
    std::array<char, 16> buffer{};
    performing positioned = reading(file.get(), buffer, 2);
    if (!world().attempt(positioned)) co_return;  // this file system can't tell
    EXPECT_EQ(positioned.result, 4);
    EXPECT_EQ(std::string_view(buffer.data(), 4), "ched");
    performing at_end = reading(file.get(), buffer, 6);
    EXPECT_TRUE(world().attempt(at_end));
    EXPECT_EQ(at_end.result, 0);
    std::string large(1 << 20, '\0');
    performing too_much = reading(file.get(), large, 0);
    EXPECT_FALSE(world().attempt(too_much));
}

TORUS_IO_TEST(backend_close, that_is_awaited_says_what_came_of_it) {
    if (without_kernel()) co_return;
    owned_descriptor file = make_file();
    const int number = file.release();
    EXPECT_EQ(co_await performing(verb::close, number), 0);
    EXPECT_FALSE(is_open(number));
    EXPECT_EQ(co_await performing(verb::close, number), -EBADF);
    EXPECT_EQ(world().in_flight(), 0u);
}

TORUS_IO_TEST(backend_close, that_is_awaited_ends_what_is_in_flight_first) {
    if (without_kernel()) co_return;
    connection c = make_pair();
    std::array<char, 4> buffer;
    task<std::int32_t> waiting = create_task(receive_into(c.here.get(), buffer));
    co_await let_kernel_run();
    const int number = c.here.release();
    EXPECT_EQ(co_await performing(verb::close, number), 0);
    EXPECT_FALSE(is_open(number));
    EXPECT_EQ(co_await waiting, -ECANCELED);
    EXPECT_EQ(co_await receiving(c.there.get(), buffer), 0);
    EXPECT_EQ(world().in_flight(), 0u);
}

TORUS_IO_TEST(backend_close, that_is_awaited_waits_for_a_call_that_has_begun) {
    if (without_kernel()) co_return;
    owned_descriptor file = make_file();
    std::string bytes(1 << 20, 'x');
    std::vector<task<std::int32_t>> tasks;
    const auto write_one = [](int descriptor, std::string_view what) -> async<std::int32_t> {
        co_return co_await writing(descriptor, what, 0);
    };
    for (int i = 0; i < 8; ++i) tasks.push_back(create_task(write_one, file.get(), std::string_view(bytes)));
    co_await let_kernel_run(1);
    const int number = file.release();
    EXPECT_EQ(co_await performing(verb::close, number), 0);
    EXPECT_FALSE(is_open(number));
    for (auto& each : tasks) {
        const std::int32_t outcome = co_await each;
        EXPECT_TRUE(outcome == -ECANCELED || outcome == static_cast<std::int32_t>(bytes.size())) << outcome;
    }
}

TORUS_IO_TEST(backend_close, that_is_awaited_happens_though_its_task_is_cancelled) {
    if (without_kernel()) co_return;
    connection c = make_pair();
    std::array<char, 4> buffer;
    task<std::int32_t> waiting = create_task(receive_into(c.here.get(), buffer));
    const int number = c.here.release();
    const auto close_one = [](int descriptor) -> async<std::int32_t> {
        co_return co_await performing(verb::close, descriptor);
    };
    task<std::int32_t> closer = create_task(close_one, number);
    co_await yield_now();
    closer.cancel();
    EXPECT_EQ(co_await closer, 0);  // the result wins
    EXPECT_EQ(co_await waiting, -ECANCELED);
    EXPECT_FALSE(is_open(number));
}

TORUS_IO_TEST(backend_close, that_is_awaited_leaves_the_number_to_the_next_file) {
    if (without_kernel()) co_return;
    std::array<char, 4> buffer;
    for (int i = 0; i < 200; ++i) {
        owned_descriptor file = make_file();
        EXPECT_EQ(co_await writing(file.get(), "next", 0), 4);
        const auto close_one = [](int descriptor) -> async<std::int32_t> {
            co_return co_await performing(verb::close, descriptor);
        };
        task<std::int32_t> closer = create_task(close_one, file.release());
        co_await yield_now();
        owned_descriptor next(co_await performing(verb::open, AT_FDCWD, "/proc/self/stat", 0, O_RDONLY, 0));
        EXPECT_EQ(co_await reading(next.get(), buffer, 0), 4);
        EXPECT_EQ(co_await closer, 0);
    }
}

}  // namespace
}  // namespace torus::testing
