// tests/io/pipe_test.cpp: streams over pipes, terminals, files, and the process's own input and output.
#include <torus/io/pipe.hpp>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <torus/testing/test.hpp>

#include "scratch_folder.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

int checked(int result, const char* call) {
    if (result < 0) throw std::system_error(errno, std::system_category(), call);
    return result;
}

struct pipe_ends {
    descriptor out;  // read from it
    descriptor in;   // written to
};

pipe_ends make_pipe(int flags = 0) {
    std::array<int, 2> ends{};
    checked(::pipe2(ends.data(), O_CLOEXEC | flags), "pipe2");
    return {descriptor(ends[0]), descriptor(ends[1])};
}

descriptor duplicate(const descriptor& of) { return descriptor(checked(::dup(of.number()), "dup")); }

descriptor opened(const std::string& path, int flags) {
    return descriptor(checked(::open(path.c_str(), flags | O_CLOEXEC, 0600), "open"));
}

bool is_nonblocking(const descriptor& of) { return ::fcntl(of.number(), F_GETFL) & O_NONBLOCK; }

/// Puts another file in the place of a standard descriptor.
class in_place_of {
public:
    in_place_of(int standard, const descriptor& by)
        : standard_(standard), former_(checked(::fcntl(standard, F_DUPFD_CLOEXEC, 3), "dup")) {
        checked(::dup2(by.number(), standard), "dup2");
    }
    in_place_of(const in_place_of&) = delete;
    in_place_of& operator=(const in_place_of&) = delete;
    ~in_place_of() { ::dup2(former_.number(), standard_); }

private:
    int standard_;
    descriptor former_;
};

/// What standard input gives when it is this.
async<std::string> read_as_stdin(descriptor what) {
    const in_place_of standard(STDIN_FILENO, what);
    what.close();
    stream_reader in = stdin_reader();
    co_return co_await in.read();
}

async<std::string> read_all(stream_reader& from) { co_return co_await from.read(); }

async<> write_line(stream_writer& to, std::string line) { co_await to.write(line); }

TORUS_IO_TEST(pipes, S400_what_is_written_to_a_pipe_is_read_and_the_end_after_the_last_writer) {
    pipe_ends pipe = make_pipe();
    stream_reader reader = open_pipe_reader(std::move(pipe.out));
    {
        stream_writer writer = open_pipe_writer(std::move(pipe.in));
        co_await writer.write("one\ntwo\n");
        EXPECT_EQ(co_await reader.readline(), "one\n");
    }
    EXPECT_EQ(co_await reader.read(), "two\n");
    EXPECT_TRUE(reader.at_eof());
}

TORUS_IO_TEST(pipes, S400_an_idle_pipe_waits_without_blocking_the_loop) {
    for (const int flags : {0, O_NONBLOCK}) {
        pipe_ends pipe = make_pipe(flags);
        stream_reader reader = open_pipe_reader(std::move(pipe.out));
        stream_writer writer = open_pipe_writer(std::move(pipe.in));
        auto reading = create_task(read_all(reader));
        for (int i = 0; i < 10; ++i) co_await sleep(1ms);
        EXPECT_FALSE(reading.done());
        co_await writer.write("late");
        co_await writer.write_eof();
        EXPECT_EQ(co_await reading, "late");
    }
}

TORUS_IO_TEST(pipes, S400_a_fifo_is_read_and_written) {
    const scratch_folder folder;
    const std::string path = folder / "fifo";
    checked(::mkfifo(path.c_str(), 0600), "mkfifo");
    stream_reader reader = open_pipe_reader(opened(path, O_RDONLY | O_NONBLOCK));
    {
        stream_writer writer = open_pipe_writer(opened(path, O_WRONLY));
        co_await writer.write("through a name");
    }
    EXPECT_EQ(co_await reader.read(), "through a name");
}

TORUS_IO_TEST(pipes, S400_a_file_is_read_from_where_it_stands_and_written) {
    const scratch_folder folder;
    const descriptor file = opened(folder.write("file", "read and left"), O_RDONLY);
    checked(static_cast<int>(::lseek(file.number(), 9, SEEK_SET)), "lseek");
    stream_reader reader = open_pipe_reader(duplicate(file));
    EXPECT_EQ(co_await reader.read(), "left");
    {
        stream_writer writer = open_pipe_writer(opened(folder / "new", O_WRONLY | O_CREAT));
        co_await writer.write("a", "b");
        co_await writer.close();
    }
    stream_reader again = open_pipe_reader(opened(folder / "new", O_RDONLY));
    EXPECT_EQ(co_await again.read(), "ab");
}

TORUS_IO_TEST(pipes, S400_a_terminal_gives_lines_and_its_end) {
    descriptor master(checked(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "posix_openpt"));
    checked(::grantpt(master.number()), "grantpt");
    checked(::unlockpt(master.number()), "unlockpt");
    std::array<char, 64> name{};
    checked(-::ptsname_r(master.number(), name.data(), name.size()), "ptsname_r");
    const descriptor terminal = opened(name.data(), O_RDWR | O_NOCTTY);
    stream_reader in = open_pipe_reader(duplicate(terminal));
    stream_writer keyboard = open_pipe_writer(std::move(master));
    co_await keyboard.write("typed\n");
    EXPECT_EQ(co_await in.readline(), "typed\n");
    co_await keyboard.write("\x04");  // Control-D
    EXPECT_EQ(co_await in.readline(), "");
    EXPECT_FALSE(is_nonblocking(terminal));
}

TORUS_IO_TEST(pipes, S401_what_others_share_stays_blocking) {
    const pipe_ends pipe = make_pipe();
    stream_reader reader = open_pipe_reader(duplicate(pipe.out));
    stream_writer writer = open_pipe_writer(duplicate(pipe.in));
    co_await writer.write("x");
    EXPECT_EQ(co_await reader.read(1), "x");
    EXPECT_FALSE(is_nonblocking(pipe.out));
    EXPECT_FALSE(is_nonblocking(pipe.in));
}

TORUS_IO_TEST(pipes, S402_standard_input_may_be_anything) {
    const scratch_folder folder;
    EXPECT_EQ(co_await read_as_stdin(opened(folder.write("in", "a file"), O_RDONLY)), "a file");
    EXPECT_EQ(co_await read_as_stdin(opened("/dev/null", O_RDONLY)), "");
    pipe_ends pipe = make_pipe();
    checked(static_cast<int>(::write(pipe.in.number(), "a pipe", 6)), "write");
    pipe.in.close();
    EXPECT_EQ(co_await read_as_stdin(std::move(pipe.out)), "a pipe");
    std::array<int, 2> ends{};
    checked(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
    descriptor socket(ends[0]);
    checked(static_cast<int>(::write(ends[1], "a socket", 8)), "write");
    ::close(ends[1]);
    EXPECT_EQ(co_await read_as_stdin(std::move(socket)), "a socket");
}

TORUS_IO_TEST(pipes, S402_closing_the_stream_leaves_standard_output_open) {
    pipe_ends pipe = make_pipe();
    stream_reader reader = open_pipe_reader(std::move(pipe.out));
    {
        const in_place_of standard(STDOUT_FILENO, pipe.in);
        pipe.in.close();
        {
            stream_writer out = stdout_writer();
            co_await out.write("by a stream, ");
        }
        checked(static_cast<int>(::write(STDOUT_FILENO, "by a call", 9)), "write");
    }
    EXPECT_EQ(co_await reader.read(), "by a stream, by a call");
}

TORUS_IO_TEST(pipes, S403_a_write_without_a_reader_throws) {
    pipe_ends pipe = make_pipe();
    stream_writer writer = open_pipe_writer(std::move(pipe.in));
    pipe.out.close();
    const auto error = co_await expect_throws<connection_closed>(write_line(writer, "to nobody"));
    EXPECT_EQ(error.code().value(), EPIPE);
}

TORUS_IO_TEST(pipes, S403_a_reader_that_goes_ends_a_write_that_waits) {
    pipe_ends pipe = make_pipe();
    stream_writer writer = open_pipe_writer(std::move(pipe.in));
    auto writing = create_task(write_line(writer, std::string(1'000'000, 'x')));
    co_await let_others_run();
    EXPECT_FALSE(writing.done());
    pipe.out.close();
    co_await expect_throws<connection_closed>(writing);
}

TORUS_IO_TEST(pipes, S404_what_is_not_open_is_refused) {
    EXPECT_THROW(open_pipe_reader(descriptor()), std::system_error);
    EXPECT_THROW(open_pipe_writer(descriptor()), std::system_error);
    pipe_ends pipe = make_pipe();
    EXPECT_THROW(open_pipes(std::move(pipe.out), descriptor()), std::system_error);
    descriptor closed(checked(::fcntl(pipe.in.number(), F_DUPFD_CLOEXEC, 1000), "dup"));
    ::close(closed.number());
    EXPECT_THROW(open_pipe_writer(std::move(closed)), std::system_error);
    co_return;
}

TORUS_IO_TEST(pipes, S404_one_direction_of_a_transport_may_be_missing) {
    pipe_ends pipe = make_pipe();
    stream only_in(pipe_transport(std::move(pipe.out), descriptor()));
    co_await expect_throws<connection_closed>(write_line(only_in, "no way"));
    stream only_out(pipe_transport(descriptor(), std::move(pipe.in)));
    EXPECT_EQ(co_await only_out.read(), "");
    co_await only_out.write("there");
    co_await only_out.close();
    EXPECT_EQ(co_await only_in.read(), "there");
}

}  // namespace
