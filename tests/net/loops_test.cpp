// tests/net/loops_test.cpp: one server on several loops.
#include <atomic>
#include <set>
#include <string>

#include <torus/core/loops.hpp>
#include <torus/net/connect.hpp>
#include <torus/net/serve.hpp>
#include <torus/testing/test.hpp>

namespace {

using namespace torus;
using namespace std::literals;

constexpr unsigned count = 3;

/// Tells a client which of the loops serves it.
async<> tell_where(stream client) {
    const auto all = loops();
    std::size_t index = 0;
    while (all[index] != &get_running_loop()) ++index;
    co_await client.write(std::to_string(index) + "\n");
}

async<> serve_on_all() {
    server first = co_await start_server(tell_where, "127.0.0.1", 0, {.reuse_port = true});
    std::atomic<unsigned> listening{0};
    promise<> all_listen;
    event_loop& here = get_running_loop();
    auto serve = [&](std::uint16_t port) -> async<> {
        server mine = co_await start_server(tell_where, "127.0.0.1", port, {.reuse_port = true});
        if (++listening == count) here.call_soon_threadsafe([&] { all_listen.set_value(); });
        co_await mine.serve_forever();
    };
    task<> serving = create_task(on_every_loop(serve, first.port()));
    co_await all_listen.future();

    std::set<std::string> seen;
    for (int i = 0; i < 64; ++i) {
        stream client = co_await open_connection("127.0.0.1", first.port());
        seen.insert(co_await client.readuntil("\n"));
    }
    EXPECT_GT(seen.size(), 1U);

    serving.cancel();
    EXPECT_THROW(co_await serving, cancelled_error);
    EXPECT_TRUE(co_await first.shutdown(10s));
}

TEST(loops, S536_servers_on_all_of_them_share_a_port_and_its_clients) {
    if (event_loop().backend_name() == "sim") GTEST_SKIP() << "one thread, and no sockets";
    run(serve_on_all(), {.threads = count});
}

}  // namespace
