// tests/net/cancel_everywhere_test.cpp: connections, cancelled at every moment.
#include <torus/testing/cancel_everywhere.hpp>

#include <span>
#include <stdexcept>
#include <string>

#include <torus/core/core.hpp>
#include <torus/net/net.hpp>
#include <torus/testing/test.hpp>

namespace torus::testing {
namespace {

using namespace std::literals;

bool has_no_kernel() { return event_loop().backend_name() == "sim"; }

/// A client that was cancelled is gone.
async<> echo(stream client) {
    try {
        while (auto line = co_await client.next()) co_await client.write(*line);
    } catch (const connection_closed&) {}
}

TEST(net_everywhere, S565_open_connection_read_write_and_close) {
    if (has_no_kernel()) GTEST_SKIP() << "there are no sockets in a simulation";
    auto talk = []() -> async<> {
        auto listening = co_await start_server(echo, "127.0.0.1", 0);
        auto client = co_await open_connection("127.0.0.1", listening.port());
        co_await client.write("one\ntwo\n");
        EXPECT_EQ(co_await client.readline(), "one\n");
        EXPECT_EQ(co_await client.readexactly(4), "two\n");
        co_await client.close();
    };
    const auto tried = cancel_everywhere(talk, nothing_more{}, clock_kind::steady);
    EXPECT_EQ(tried.text(), "");
    EXPECT_GT(tried.cancelled, 4U);
}

/// Reads on where it was cancelled, and ends as cancelled nevertheless.
async<> count_to_the_end(socket& from, std::size_t& received) {
    bool cancelled = false;
    for (bool more = true; more;) {
        try {
            char room[1000];
            const std::size_t count = co_await from.recv_into(std::as_writable_bytes(std::span(room)));
            received += count;
            more = count > 0;
        } catch (const cancelled_error&) {
            cancelled = true;
        }
    }
    if (cancelled) throw cancelled_error();
}

TEST(net_everywhere, S568_what_was_sent_is_received_whenever_the_reader_is_cancelled) {
    if (has_no_kernel()) GTEST_SKIP() << "there are no sockets in a simulation";
    constexpr std::size_t sent = 20'000;
    std::size_t received = 0;
    auto transfer = [&]() -> async<> {
        received = 0;
        auto [here, there] = socketpair();
        auto send = [](socket given) -> async<> {
            socket to = std::move(given);  // goes with the body: the task's handle keeps arguments
            for (std::size_t done = 0; done < sent; done += 1000) {
                co_await to.send_all(std::string(1000, 'x'));
                co_await yield_now();
            }
        };
        const task<> sending = create_task(send(std::move(there)));
        co_await count_to_the_end(here, received);
        co_await sending;
    };
    std::size_t runs = 0;
    const auto tried = cancel_everywhere(
        transfer,
        [&] {
            const bool never_began = received == 0;
            if (received != sent && !never_began) throw std::logic_error(std::to_string(received) + " bytes came");
            ++runs;
        },
        clock_kind::steady);
    EXPECT_EQ(tried.text(), "");
    EXPECT_GT(runs, 10U);
}

}  // namespace
}  // namespace torus::testing
