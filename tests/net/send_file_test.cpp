// tests/net/send_file_test.cpp: files into sockets, and into streams that are none.
#include "net/names.hpp"
#include "net/sockets.hpp"
#include "noise.hpp"
#include "scratch_folder.hpp"

#include <torus/io/memory_stream.hpp>
#include <torus/io/send_file.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace torus::testing {
namespace {

descriptor open_file(const std::string& path) { return descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); }

struct ends {
    ends(stream a, stream b) : sending(std::move(a)), receiving(std::move(b)) {}
    stream sending;
    stream receiving;
};

ends by_socket() {
    auto both = torus::socketpair();
    return {std::move(both.first).into_stream(), std::move(both.second).into_stream()};
}

ends by_memory() {
    auto both = memory_stream_pair();
    return {std::move(both.first), std::move(both.second)};
}

async<> send_between(stream& to, int file, std::uint64_t& sent) {
    co_await to.write("before");
    sent = co_await send_file(to, file);
    co_await to.write("after");
    co_await to.write_eof();
}

TORUS_TEST(send_file, S450_sends_all_of_it_in_order_with_what_is_written) {
    const scratch_folder folder;
    const std::string content = noise(3'000'001);
    const descriptor file = open_file(folder.write("file", content));
    for (const bool is_socket : {true, false}) {
        ends both = is_socket ? by_socket() : by_memory();
        std::uint64_t sent = 0;
        task<> sending = create_task(send_between(both.sending, file.number(), sent));
        const std::string got = co_await both.receiving.read();
        co_await sending;
        EXPECT_EQ(sent, content.size());
        EXPECT_TRUE(got == "before" + content + "after");
        EXPECT_EQ(::lseek(file.number(), 0, SEEK_CUR), 0);
    }
}

TORUS_TEST(send_file, S451_sends_a_part_and_no_more_than_there_is) {
    const scratch_folder folder;
    const descriptor file = open_file(folder.write("file", "0123456789"));
    for (const bool is_socket : {true, false}) {
        ends both = is_socket ? by_socket() : by_memory();
        EXPECT_EQ(co_await send_file(both.sending, file.number(), 2, 3), 3u);
        EXPECT_EQ(co_await send_file(both.sending, file.number(), 8, 100), 2u);
        EXPECT_EQ(co_await send_file(both.sending, file.number(), 10), 0u);
        EXPECT_EQ(co_await send_file(both.sending, file.number(), 100, 5), 0u);
        EXPECT_EQ(co_await send_file(both.sending, file.number(), 0, 0), 0u);
        co_await both.sending.close();
        EXPECT_EQ(co_await both.receiving.read(), "23489");
    }
}

TORUS_TEST(send_file, S452_waits_for_a_peer_that_does_not_read_and_can_be_cancelled) {
    const scratch_folder folder;
    const std::string content = noise(3'000'000);
    const descriptor file = open_file(folder.write("file", content));
    ends both = by_socket();
    task<std::uint64_t> sending = create_task(send_file(both.sending, file.number()));
    co_await let_others_run(100);
    EXPECT_FALSE(sending.done());
    sending.cancel();
    co_await expect_throws<cancelled_error>(sending);
    both.sending.abort();
    const std::string got = co_await both.receiving.read();
    EXPECT_LT(got.size(), content.size());
    EXPECT_TRUE(got == content.substr(0, got.size()));
}

TORUS_TEST(send_file, S453_tells_what_is_wrong) {
    const scratch_folder folder;
    const descriptor file = open_file(folder.write("file", noise(3'000'000)));
    const descriptor directory = open_file(folder.path());
    ends both = by_socket();
    const auto no_file = co_await expect_throws<std::system_error>(send_file(both.sending, directory.number()));
    EXPECT_EQ(no_file.code(), std::errc::is_a_directory);
    const auto closed_file = co_await expect_throws<std::system_error>(send_file(both.sending, -1));
    EXPECT_EQ(closed_file.code(), std::errc::bad_file_descriptor);
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    const descriptor reading(pipe[0]);
    const descriptor writing(pipe[1]);
    const auto no_place = co_await expect_throws<std::system_error>(send_file(both.sending, reading.number()));
    EXPECT_EQ(no_place.code(), std::errc::invalid_seek);
    task<std::uint64_t> sending = create_task(send_file(both.sending, file.number()));
    co_await let_others_run(100);
    both.receiving.abort();
    co_await expect_throws<connection_closed>(sending);
    both.sending.abort();
    co_await expect_throws<connection_closed>(send_file(both.sending, file.number()));
}

}  // namespace
}  // namespace torus::testing
