// tests/http/client_pool_test.cpp: the connections of a client: how many, whose turn, which are kept.
#include "peers.hpp"

#include <torus/core/gather.hpp>

namespace torus::http::testing {
namespace {

/// A handler that says that it has been called, and answers when it may.
class gate {
public:
    async<reply> operator()(incoming& request) {
        order->emplace_back(request.target());
        co_await open->wait();
        co_return reply(200, std::string(request.target()));
    }
    std::shared_ptr<std::vector<std::string>> order = std::make_shared<std::vector<std::string>>();
    std::shared_ptr<event> open = std::make_shared<event>();
};

async<> wait_for(const std::vector<std::string>& order, std::size_t count) {
    while (order.size() < count) co_await sleep(1ms);
}

TORUS_IO_TEST(client_pool, bounds_its_connections_and_serves_who_came_first) {
    gate handler;
    server srv = co_await serve(handler, "127.0.0.1", 0);
    client_options options;
    options.max_connections = 1;
    client c(options);
    std::vector<task<std::string>> all;
    for (int i = 0; i < 5; ++i) all.push_back(create_task(text_of(c, url_of(srv, "/" + std::to_string(i)))));
    co_await wait_for(*handler.order, 1);
    EXPECT_EQ(c.connections(), 1u);
    EXPECT_EQ(handler.order->size(), 1u);
    handler.open->set();
    for (auto& each : all) static_cast<void>(co_await each);
    EXPECT_EQ(*handler.order, (std::vector<std::string>{"/0", "/1", "/2", "/3", "/4"}));
    EXPECT_EQ(srv.connections(), 1u);
}

TORUS_IO_TEST(client_pool, bounds_the_connections_to_each_host) {
    gate one;
    gate other;
    server first = co_await serve(one, "127.0.0.1", 0);
    server second = co_await serve(other, "127.0.0.1", 0);
    client_options options;
    options.max_connections_per_host = 1;
    client c(options);
    auto a = create_task(text_of(c, url_of(first, "/a")));
    auto b = create_task(text_of(c, url_of(first, "/b")));
    auto x = create_task(text_of(c, url_of(second, "/x")));  // passes b, which waits for its host
    co_await wait_for(*other.order, 1);
    co_await wait_for(*one.order, 1);
    EXPECT_EQ(one.order->size(), 1u);
    EXPECT_EQ(c.connections(), 2u);
    one.open->set();
    other.open->set();
    EXPECT_EQ(co_await a, "/a");
    EXPECT_EQ(co_await b, "/b");
    EXPECT_EQ(co_await x, "/x");
    EXPECT_EQ(first.connections(), 1u);
}

TORUS_IO_TEST(client_pool, closes_an_idle_connection_to_elsewhere_to_make_room) {
    raw_server first = co_await answering_always(answer("1"));
    raw_server second = co_await answering_always(answer("2"));
    client_options options;
    options.max_connections = 1;
    client c(options);
    EXPECT_EQ(co_await text_of(c, first.url()), "1");
    EXPECT_EQ(co_await text_of(c, second.url()), "2");
    EXPECT_EQ(c.connections(), 1u);
    co_await first.log->closed.wait();
}

TORUS_IO_TEST(client_pool, closes_what_nobody_has_used_for_a_while) {
    raw_server srv = co_await answering_always(answer("x"));
    client_options options;
    options.keep_idle = 20ms;
    client c(options);
    EXPECT_EQ(co_await text_of(c, srv.url()), "x");
    EXPECT_EQ(c.idle_connections(), 1u);
    co_await srv.log->closed.wait();
    EXPECT_EQ(c.connections(), 0u);
}

TORUS_IO_TEST(client_pool, keeps_nothing_where_it_is_told_so) {
    raw_server srv = co_await answering_always(answer("x"));
    client_options options;
    options.keep_idle = 0s;
    client c(options);
    EXPECT_EQ(co_await text_of(c, srv.url()), "x");
    EXPECT_EQ(c.connections(), 0u);
    raw_server closing = co_await answering_always(answer("x", "connection: close\r\n"));
    client keeping;
    EXPECT_EQ(co_await text_of(keeping, closing.url()), "x");
    EXPECT_EQ(keeping.connections(), 0u);
}

TORUS_IO_TEST(client_pool, notices_that_a_kept_connection_has_been_closed) {
    raw_server srv = co_await answering(answer("x"));
    client c;
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(co_await text_of(c, srv.url()), "x");
        co_await srv.log->closed.wait();
        srv.log->closed.clear();
    }
    EXPECT_EQ(srv.log->connections, 3u);
}

/// Answers the first request of its first connection, and closes that when the second comes; later ones as usual.
async<torus::server> dying_at_the_second(std::shared_ptr<seen> log) {
    const auto handler = [log](stream conn) -> async<> {
        const bool dies = ++log->connections == 1;
        for (;;) {
            std::string head;
            try {
                head = co_await conn.readuntil("\r\n\r\n");
            } catch (const incomplete_read_error&) {
                break;
            }
            log->heads.push_back(head);
            if (dies && log->heads.size() == 2) break;
            co_await conn.write(answer("x"));
        }
        co_await conn.close();
    };
    co_return co_await start_server(handler, "127.0.0.1", 0);
}

TORUS_IO_TEST(client_pool, replaces_a_dead_connection_once_for_requests_that_may_be_repeated) {
    auto log = std::make_shared<seen>();
    torus::server srv = co_await dying_at_the_second(log);
    const std::string url = "http://127.0.0.1:" + std::to_string(srv.port());
    client c;
    EXPECT_EQ(co_await text_of(c, url), "x");
    EXPECT_EQ(co_await text_of(c, url), "x");
    EXPECT_EQ(log->heads.size(), 3u);
    EXPECT_EQ(log->connections, 2u);
}

TORUS_IO_TEST(client_pool, does_not_repeat_a_post) {
    auto log = std::make_shared<seen>();
    torus::server srv = co_await dying_at_the_second(log);
    const std::string url = "http://127.0.0.1:" + std::to_string(srv.port());
    client c;
    EXPECT_EQ(co_await text_of(c, url), "x");
    EXPECT_EQ(co_await fault_of(c.post(url, "", "text/plain")), fault::reset);
    EXPECT_EQ(log->heads.size(), 2u);
    EXPECT_EQ(c.connections(), 0u);
}

TORUS_IO_TEST(client_pool, does_not_repeat_what_a_new_connection_breaks_off) {
    raw_server srv = co_await answering("");
    client c;
    EXPECT_EQ(co_await fault_of(c.get(srv.url())), fault::reset);
    EXPECT_EQ(srv.log->connections, 1u);
}

TORUS_IO_TEST(client_pool, never_takes_back_the_connection_of_a_cancelled_exchange) {
    gate handler;
    server srv = co_await serve(handler, "127.0.0.1", 0);
    client_options options;
    options.max_connections = 1;
    client c(options);
    auto first = create_task(text_of(c, url_of(srv, "/first")));
    co_await wait_for(*handler.order, 1);
    auto in_line = create_task(text_of(c, url_of(srv, "/in_line")));
    auto second = create_task(text_of(c, url_of(srv, "/second")));
    co_await let_others_run();
    in_line.cancel();
    first.cancel();
    co_await expect_throws<cancelled_error>(first);
    co_await expect_throws<cancelled_error>(in_line);
    handler.open->set();
    EXPECT_EQ(co_await second, "/second");
    EXPECT_EQ(*handler.order, (std::vector<std::string>{"/first", "/second"}));
    EXPECT_EQ(c.connections(), 1u);
}

TORUS_IO_TEST(client_pool, closes_the_connection_of_a_response_that_is_left_in_the_middle) {
    raw_server srv = co_await answering("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf", answer("never"));
    client c;
    {
        response r = co_await c.get(srv.url());
        EXPECT_EQ(c.connections(), 1u);
    }
    EXPECT_EQ(c.connections(), 0u);
    co_await srv.log->closed.wait();
}

TORUS_IO_TEST(client_pool, keeps_the_connection_of_a_response_whose_short_body_is_there) {
    raw_server srv = co_await answering_always(answer("short"));
    client c;
    for (int i = 0; i < 3; ++i) {
        const response r = co_await c.get(srv.url());
        EXPECT_EQ(r.status, 200);
    }
    EXPECT_EQ(c.idle_connections(), 1u);
    EXPECT_EQ(srv.log->connections, 1u);
}

TORUS_IO_TEST(client_pool, closes_with_its_client_and_lets_a_response_finish) {
    raw_server srv = co_await answering_always("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
    auto c = std::make_unique<client>();
    response r = co_await c->get(srv.url());
    c.reset();
    EXPECT_EQ(co_await r.text(), "hello");
    co_await srv.log->closed.wait();
}

}  // namespace
}  // namespace torus::http::testing
