// tests/io/cancel_everywhere_test.cpp: streams in memory, cancelled at every moment.
#include <torus/testing/cancel_everywhere.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <torus/core/core.hpp>
#include <torus/io/io.hpp>
#include <torus/io/memory_stream.hpp>

#include "cancelled_everywhere.hpp"
#include "scratch_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace torus::testing {
namespace {

constexpr std::size_t capacity = 4;  // bytes: both sides have to wait

CANCELLED_EVERYWHERE(io_everywhere, write_readline_readexactly_readuntil_read_and_close) {
    auto [here, there] = memory_stream_pair(capacity);
    auto send = [](stream& to) -> async<> {
        co_await to.write("one\ntwo\nthree\nfour\n");
        co_await to.close();
    };
    auto receive = [](stream& from) -> async<> {
        EXPECT_EQ(co_await from.readline(), "one\n");
        EXPECT_EQ(co_await from.readexactly(4), "two\n");
        EXPECT_EQ(co_await from.readuntil("\n"), "three\n");
        EXPECT_EQ(co_await from.read(), "four\n");
    };
    co_await gather(send(here), receive(there));
}

CANCELLED_EVERYWHERE(io_everywhere, fill_next_read_into_readexactly_into_and_the_writer_s_end) {
    auto [here, there] = memory_stream_pair(capacity);
    auto send = [](stream whole) -> async<> {
        auto [reader, to] = std::move(whole).split();
        to.write_nowait("0123456789");
        co_await to.flush();
        co_await to.write("line\n");
        co_await to.write_eof();
        co_await to.close();
        co_await to.wait_closed();
    };
    auto receive = [](stream whole) -> async<> {
        auto [from, writer] = std::move(whole).split();
        stream_reader& reader = from;
        std::array<char, 4> room{};
        EXPECT_TRUE(co_await reader.fill());
        co_await reader.readexactly_into(room);
        for (std::size_t left = 6; left > 0;)
            left -= co_await reader.read_into(std::span(room).first(std::min<std::size_t>(left, 4)));
        EXPECT_EQ(co_await reader.next(), "line\n");
        EXPECT_EQ(co_await reader.next(), std::nullopt);
    };
    co_await gather(send(std::move(here)), receive(std::move(there)));
}

CANCELLED_EVERYWHERE(io_everywhere, take_transport_and_shut_down) {
    auto [here, there] = memory_stream_pair(capacity);
    auto send = [](stream from) -> async<> {
        from.write_nowait("0123456789");
        const std::unique_ptr<transport> below = co_await std::move(from).take_transport();
        co_await below->shut_down();
    };
    auto receive = [](stream from) -> async<> { EXPECT_EQ(co_await from.read(), "0123456789"); };
    co_await gather(send(std::move(here)), receive(std::move(there)));
}

TEST(io_everywhere, S565_readable_and_writable) {
    auto use = []() -> async<> {
        int ends[2];
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
        const descriptor from(ends[0]);
        const descriptor to(ends[1]);
        auto write = [&]() -> async<> {
            co_await writable(to.number());
            co_await yield_now();
            EXPECT_EQ(::write(to.number(), "x", 1), 1);
        };
        auto read = [&]() -> async<> { co_await readable(from.number()); };
        co_await gather(read(), write());
    };
    expect_kernel_use_cancellable_everywhere(use);
}

TEST(io_everywhere, S565_send_file) {
    const scratch_folder folder;
    const std::string path = folder.write("file", std::string(10'000, 'x'));
    auto use = [&]() -> async<> {
        const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        auto [here, there] = memory_stream_pair(1000);
        auto send = [](stream to, int from) -> async<> {
            EXPECT_EQ(co_await send_file(to, from), 10'000U);
            co_await to.close();
        };
        auto receive = [](stream from) -> async<> {
            const std::string all = co_await from.read();
            EXPECT_EQ(all.size(), 10'000U);
        };
        co_await gather(send(std::move(here), file.number()), receive(std::move(there)));
    };
    expect_kernel_use_cancellable_everywhere(use);
}

}  // namespace
}  // namespace torus::testing
