// tests/core/backend_files_test.cpp: files and pipes, on every backend.
#include "core/backend_support.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace torus::testing {
namespace {

TORUS_IO_TEST(backend_files, are_read_and_written_at_a_position) {
    if (without_kernel()) co_return;
    owned_descriptor file = make_file();
    std::array<char, 16> buffer{};
    EXPECT_EQ(co_await writing(file.get(), "hello world", 0), 11);
    EXPECT_EQ(co_await writing(file.get(), "W", 6), 1);
    EXPECT_EQ(co_await reading(file.get(), buffer, 6), 5);
    EXPECT_EQ(std::string_view(buffer.data(), 5), "World");
    EXPECT_EQ(co_await reading(file.get(), buffer, 11), 0);
    EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), 0);
}

TORUS_IO_TEST(backend_files, are_read_and_written_at_their_own_position) {
    if (without_kernel()) co_return;
    owned_descriptor file = make_file();
    std::array<char, 16> buffer{};
    EXPECT_EQ(co_await writing(file.get(), "abc"), 3);
    EXPECT_EQ(co_await writing(file.get(), "def"), 3);
    ::lseek(file.get(), 1, SEEK_SET);
    EXPECT_EQ(co_await reading(file.get(), std::span(buffer).first(2)), 2);
    EXPECT_EQ(co_await reading(file.get(), buffer), 3);
    EXPECT_EQ(std::string_view(buffer.data(), 3), "def");
}

TORUS_IO_TEST(backend_files, are_opened_closed_on_exec) {
    if (without_kernel()) co_return;
    const std::string path =
        (std::filesystem::temp_directory_path() / ("torus-open-" + std::to_string(::getpid()))).string();
    owned_descriptor made(co_await performing(verb::open, AT_FDCWD, path.c_str(), 0, O_RDWR | O_CREAT | O_EXCL, 0640));
    EXPECT_GE(made.get(), 0);
    EXPECT_TRUE(::fcntl(made.get(), F_GETFD) & FD_CLOEXEC);
    struct stat status{};
    EXPECT_EQ(::fstat(made.get(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0640u & ~::umask(::umask(0)));
    EXPECT_EQ(co_await performing(verb::open, AT_FDCWD, path.c_str(), 0, O_RDWR | O_CREAT | O_EXCL, 0640), -EEXIST);
    ::unlink(path.c_str());
    EXPECT_EQ(co_await performing(verb::open, AT_FDCWD, path.c_str(), 0, O_RDWR, 0), -ENOENT);
}

TORUS_IO_TEST(backend_files, are_opened_relative_to_a_directory) {
    if (without_kernel()) co_return;
    owned_descriptor folder(co_await performing(verb::open, AT_FDCWD, "/proc", 0, O_RDONLY | O_DIRECTORY, 0));
    owned_descriptor file(co_await performing(verb::open, folder.get(), "self/status", 0, O_RDONLY, 0));
    EXPECT_GE(file.get(), 0);
}

TORUS_IO_TEST(backend_files, are_synced_and_asked_for_their_status) {
    if (without_kernel()) co_return;
    owned_descriptor file = make_file();
    co_await writing(file.get(), "12345", 0);
    EXPECT_EQ(co_await performing(verb::sync, file.get()), 0);
    EXPECT_EQ(co_await performing(verb::sync, file.get(), nullptr, 0, 1), 0);
    struct statx status{};
    performing asking(verb::status, file.get(), "", STATX_SIZE, AT_EMPTY_PATH);
    asking.second = &status;
    EXPECT_EQ(co_await std::move(asking), 0);
    EXPECT_EQ(status.stx_size, 5u);
    performing absent(verb::status, AT_FDCWD, "/nowhere/at/all", STATX_SIZE, 0);
    absent.second = &status;
    EXPECT_EQ(co_await std::move(absent), -ENOENT);
}

TORUS_IO_TEST(backend_files, do_many_things_at_once) {
    if (without_kernel()) co_return;
    owned_descriptor file = make_file();
    constexpr std::size_t count = 500;
    std::array<char, count> bytes{};
    std::vector<task<std::int32_t>> tasks;
    const auto write_one = [](int descriptor, std::size_t at) -> async<std::int32_t> {
        const char byte = static_cast<char>('a' + at % 26);
        co_return co_await writing(descriptor, std::string_view(&byte, 1), at);
    };
    for (std::size_t i = 0; i < count; ++i) tasks.push_back(create_task(write_one, file.get(), i));
    for (auto& each : tasks) EXPECT_EQ(co_await each, 1);
    EXPECT_EQ(co_await reading(file.get(), bytes, 0), static_cast<int>(count));
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(bytes[i], static_cast<char>('a' + i % 26));
}

TORUS_IO_TEST(backend_files, devices_that_epoll_does_not_know_work) {
    if (without_kernel()) co_return;
    owned_descriptor zero(::open("/dev/zero", O_RDWR | O_CLOEXEC));
    std::array<char, 4> buffer{'x', 'x', 'x', 'x'};
    EXPECT_EQ(co_await reading(zero.get(), buffer), 4);
    EXPECT_EQ(buffer[3], '\0');
    EXPECT_EQ(co_await writing(zero.get(), "gone"), 4);
}

async<> pass_bytes_through(int flags) {
    connection pipe = make_pipe(flags);
    std::array<char, 16> buffer;
    for (int round = 0; round < 2; ++round) {
        task<std::int32_t> waiting =
            create_task([&]() -> async<std::int32_t> { co_return co_await reading(pipe.here.get(), buffer); });
        co_await let_kernel_run();
        EXPECT_FALSE(waiting.done());
        EXPECT_EQ(co_await writing(pipe.there.get(), "pipe"), 4);
        EXPECT_EQ(co_await waiting, 4);
    }
    pipe.there.close();
    EXPECT_EQ(co_await reading(pipe.here.get(), buffer), 0);
}

/// Writes more than a pipe holds, while a reader empties it.
async<> pass_much_through(int flags) {
    connection pipe = make_pipe(flags);
    constexpr std::size_t size = 1024 * 1024;
    task<> writer = create_task([&]() -> async<> {
        const std::string bytes(size, 'p');
        for (std::string_view rest = bytes; !rest.empty();) {
            const std::int32_t written = co_await writing(pipe.there.get(), rest);
            if (written <= 0) throw std::runtime_error("nothing written");
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        pipe.there.close();
    });
    std::string into(65536, '\0');
    std::size_t received = 0;
    for (std::int32_t count = 1; count > 0;) {
        count = co_await reading(pipe.here.get(), into);
        EXPECT_GE(count, 0);
        received += static_cast<std::size_t>(count);
    }
    EXPECT_EQ(received, size);
    co_await writer;
}

TORUS_IO_TEST(backend_pipes, pass_bytes_without_blocking) {
    if (without_kernel()) co_return;
    co_await pass_bytes_through(O_NONBLOCK);
    co_await pass_much_through(O_NONBLOCK);
}

TORUS_IO_TEST(backend_pipes, whose_descriptors_would_block_do_not_block_the_loop) {
    if (without_kernel()) co_return;
    co_await pass_bytes_through(0);
    co_await pass_much_through(0);
}

TORUS_IO_TEST(backend_pipes, that_lost_their_reader_say_epipe) {
    if (without_kernel()) co_return;
    const auto former = ::signal(SIGPIPE, SIG_IGN);
    connection pipe = make_pipe(O_NONBLOCK);
    pipe.here.close();
    EXPECT_EQ(co_await writing(pipe.there.get(), "x"), -EPIPE);
    ::signal(SIGPIPE, former);
}

TORUS_IO_TEST(backend_pipes, are_polled) {
    if (without_kernel()) co_return;
    connection pipe = make_pipe(O_NONBLOCK);
    task<std::int32_t> waiting = create_task(poll_for(pipe.here.get(), POLLIN));
    co_await let_kernel_run();
    EXPECT_FALSE(waiting.done());
    pipe.there.close();
    EXPECT_EQ(co_await waiting, POLLHUP);
}

}  // namespace
}  // namespace torus::testing
