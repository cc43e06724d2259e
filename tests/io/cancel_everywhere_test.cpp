// tests/io/cancel_everywhere_test.cpp: streams in memory, cancelled at every moment.
#include <torus/testing/cancel_everywhere.hpp>

#include <string>

#include <torus/core/core.hpp>
#include <torus/io/io.hpp>
#include <torus/io/memory_stream.hpp>

#include "cancelled_everywhere.hpp"

namespace torus::testing {
namespace {

CANCELLED_EVERYWHERE(io_everywhere, write_readline_readexactly_readuntil_read_and_close) {
    constexpr std::size_t capacity = 4;  // bytes: both sides have to wait
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

}  // namespace
}  // namespace torus::testing
