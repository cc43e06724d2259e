// tests/net/serve_limit_test.cpp: servers that serve no more than so many clients at once.
#include "net/names.hpp"
#include "net/sockets.hpp"

namespace torus::testing {
namespace {

async<> echo(stream conn) {
    while (auto line = co_await conn.next()) co_await conn.write(*line);
}

async<std::string> answer_to(stream& conn) {
    co_await conn.write("hello\n");
    co_return co_await conn.readline();
}

/// A server with that limit, on both of this machine's loopback addresses.
async<server> limited(std::size_t most) {
    dns_server names;
    ask_only(names.where());
    names.answer("both.example", {"127.0.0.1", "::1"});
    serve_options options;
    options.max_connections = most;
    co_return co_await start_server(echo, "both.example", 0, options);
}

TORUS_TEST(server_limit, S442_others_wait_until_a_client_has_gone) {
    const server srv = co_await limited(2);
    stream one = co_await open_connection("127.0.0.1", srv.port());
    stream two = co_await open_connection("::1", srv.port());
    EXPECT_EQ(co_await answer_to(one), "hello\n");
    EXPECT_EQ(co_await answer_to(two), "hello\n");
    stream three = co_await open_connection("127.0.0.1", srv.port());
    stream four = co_await open_connection("::1", srv.port());
    task<std::string> third = create_task(answer_to(three));
    task<std::string> fourth = create_task(answer_to(four));
    co_await let_others_run(50);
    EXPECT_EQ(srv.handlers(), 2u);
    EXPECT_FALSE(third.done() || fourth.done());
    co_await one.close();
    while (!third.done() && !fourth.done()) co_await yield_now();
    co_await let_others_run(50);
    EXPECT_EQ(srv.handlers(), 2u);
    EXPECT_FALSE(third.done() && fourth.done());
    co_await two.close();
    EXPECT_EQ(co_await third, "hello\n");
    co_await three.close();
    EXPECT_EQ(co_await fourth, "hello\n");
}

TORUS_TEST(server_limit, S442_a_server_that_is_full_closes_and_leaves_nothing) {
    const std::size_t before = open_descriptors();
    {
        server srv = co_await limited(1);
        stream served = co_await open_connection("127.0.0.1", srv.port());
        EXPECT_EQ(co_await answer_to(served), "hello\n");
        stream waits = co_await open_connection("::1", srv.port());
        co_await let_others_run(50);
        srv.close();
        bool has_ended = false;  // with or without a reset: the kernel may have accepted it, or not
        try {
            has_ended = (co_await waits.read(1)).empty();
        } catch (const connection_closed&) {
            has_ended = true;
        }
        EXPECT_TRUE(has_ended);
        EXPECT_EQ(co_await answer_to(served), "hello\n");
        co_await served.close();
        co_await srv.wait_closed();
    }
    resolver::current().clear_cache();
    co_await let_others_run(50);
    EXPECT_LE(open_descriptors(), before + 1);  // the resolver's own
}

TORUS_TEST(server_limit, S442_no_client_at_all_is_refused) {
    serve_options options;
    options.max_connections = 0;
    co_await expect_throws<std::invalid_argument>(start_server(echo, "127.0.0.1", 0, options));
}

}  // namespace
}  // namespace torus::testing
