// tests/net/serve_test.cpp: servers: their clients, their errors, and their ends.
#include <torus/net/net.hpp>
#include <torus/testing/test.hpp>

namespace torus::testing {
namespace {

async<> echo(stream conn) {
    while (auto line = co_await conn.next()) co_await conn.write(*line);
}

TORUS_IO_TEST(server, echoes) {
    server srv = co_await start_server(echo, "127.0.0.1", 0);
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    co_await conn.write("hello\n");
    EXPECT_EQ(co_await conn.readline(), "hello\n");
    EXPECT_EQ(srv.handlers(), 1u);
    co_await conn.close();
    srv.close();
    co_await srv.wait_closed();
    EXPECT_EQ(srv.handlers(), 0u);
}

}  // namespace
}  // namespace torus::testing
