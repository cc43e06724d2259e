// tests/tls/cancel_everywhere_test.cpp: secure streams, cancelled at every moment.
#include <string>
#include <utility>

#include <torus/core/core.hpp>
#include <torus/net/net.hpp>
#include <torus/tls/tls.hpp>

#include "cancelled_everywhere.hpp"
#include "secured.hpp"

namespace torus::tls::testing {
namespace {

using torus::testing::expect_cancellable_everywhere;
using torus::testing::expect_kernel_use_cancellable_everywhere;

TEST(tls_everywhere, S565_connect_accept_read_write_and_close) {
    auto talk = []() -> async<> {
        auto [here, there] = memory_stream_pair(1000);  // bytes: the handshake's messages have to wait for room
        auto ask = [](stream plain) -> async<> {
            stream client = co_await connect(std::move(plain), trusting(), "a.example");
            co_await client.write(std::string(3000, 'x'));
            co_await client.close();
        };
        auto hear = [](stream plain) -> async<> {
            stream server = co_await accept(std::move(plain), serving());
            const std::string all = co_await server.read();
            EXPECT_EQ(all.size(), 3000U);
            co_await server.close();
        };
        co_await gather(ask(std::move(here)), hear(std::move(there)));
    };
    expect_cancellable_everywhere(talk);
}

TEST(tls_everywhere, S565_start_tls) {
    auto talk = []() -> async<> {
        auto [here, there] = memory_stream_pair();
        auto both = co_await gather(start_tls(std::move(here), trusting(), "a.example"),
                                    start_tls(std::move(there), serving()));
        stream& client = std::get<0>(both);
        stream& server = std::get<1>(both);
        co_await client.write("hello\n");
        EXPECT_EQ(co_await server.readline(), "hello\n");
    };
    expect_cancellable_everywhere(talk);
}

TEST(tls_everywhere, S565_open_connection) {
    auto greet = [](stream plain) -> async<> {
        try {
            stream client = co_await accept(std::move(plain), serving());
            co_await client.write("hello\n");
            co_await client.close();
        } catch (const std::exception&) {
            co_return;  // the client was cancelled
        }
    };
    auto talk = [&]() -> async<> {
        server listening = co_await start_server(greet, "127.0.0.1", 0);
        stream conn = co_await tls::open_connection("127.0.0.1", listening.port(), trusting());
        EXPECT_EQ(co_await conn.read(), "hello\n");
        co_await conn.close();
    };
    expect_kernel_use_cancellable_everywhere(talk);
}

}  // namespace
}  // namespace torus::tls::testing
