// tests/http/server_life_test.cpp: time limits of a server, its end, and clients that leave.
#include "../net/sockets.hpp"
#include "peers.hpp"

#include <sys/socket.h>

namespace torus::http::testing {
namespace {

/// Says when its handler has begun and when it was cancelled; answers when it may.
class waiting_handler {
public:
    async<reply> operator()(incoming& request) {
        begun->set();
        try {
            co_await open->wait();
        } catch (const cancelled_error&) {
            cancelled->set();
            throw;
        }
        co_return reply(200, std::string(request.target()));
    }
    std::shared_ptr<event> begun = std::make_shared<event>();
    std::shared_ptr<event> open = std::make_shared<event>();
    std::shared_ptr<event> cancelled = std::make_shared<event>();
};

async<reply> hello(incoming&) { co_return reply(200, "hello"); }

const std::string plain_get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

TORUS_IO_TEST(server_life, gives_a_head_only_so_much_time) {
    server_options options;
    options.header_timeout = 20ms;
    server srv = co_await serve(hello, "127.0.0.1", 0, options);
    const std::string said = co_await talk(srv, "GET / HTTP/1.1\r\nho");
    EXPECT_TRUE(said.starts_with("HTTP/1.1 408 Request Timeout\r\n")) << said;
}

TORUS_IO_TEST(server_life, gives_a_body_only_so_much_time) {
    const auto reading = [](incoming& request) -> async<reply> {
        const std::string body = co_await request.text();
        co_return reply(200, body);
    };
    server_options options;
    options.body_timeout = 20ms;
    server srv = co_await serve(reading, "127.0.0.1", 0, options);
    const std::string said = co_await talk(srv, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc");
    EXPECT_TRUE(said.starts_with("HTTP/1.1 408 Request Timeout\r\n")) << said;
    EXPECT_NE(said.find("connection: close\r\n"), std::string::npos) << said;
    const std::string chunks =
        co_await talk(srv, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
    EXPECT_TRUE(chunks.starts_with("HTTP/1.1 408 Request Timeout\r\n")) << chunks;
    const std::string wrong =
        co_await talk(srv, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nno chunk\r\n");
    EXPECT_TRUE(wrong.starts_with("HTTP/1.1 400 Bad Request\r\n")) << wrong;
}

TORUS_IO_TEST(server_life, does_not_blame_the_client_where_a_handler_would_not_wait_for_the_body) {
    const auto impatient = [](incoming& request) -> async<reply> {
        bool is_late = false;
        try {
            static_cast<void>(co_await timeout(5ms, request.text()));
        } catch (const timeout_error&) {
            is_late = true;
        }
        if (is_late) throw std::runtime_error("the handler's own mistake");
        co_return reply(200);
    };
    server srv = co_await serve(impatient, "127.0.0.1", 0);
    const std::string said = co_await talk(srv, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc");
    EXPECT_TRUE(said.starts_with("HTTP/1.1 500 Internal Server Error\r\n")) << said;
    EXPECT_NE(said.find("connection: close\r\n"), std::string::npos) << said;
    EXPECT_EQ(take_reports().size(), 1u);
}

TORUS_IO_TEST(server_life, lets_idle_connections_go) {
    server_options options;
    options.idle_timeout = 20ms;
    server srv = co_await serve(hello, "127.0.0.1", 0, options);
    EXPECT_EQ(co_await talk(srv, ""), "");
    const std::string said = co_await talk(srv, plain_get);
    EXPECT_TRUE(said.ends_with("hello"));
    EXPECT_EQ(said.find("connection: close"), std::string::npos);
}

TORUS_IO_TEST(server_life, gives_up_on_who_does_not_read) {
    server_options options;
    options.write_timeout = 30ms;
    server srv =
        co_await serve([](incoming&) -> async<reply> { co_return reply(200, std::string(32 * 1024 * 1024, 'x')); },
                       "127.0.0.1", 0, options);
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    co_await conn.write(plain_get);
    while (srv.connections() == 0) co_await sleep(1ms);
    while (srv.connections() > 0) co_await sleep(1ms);
}

TORUS_IO_TEST(server_life, has_nothing_to_report_of_clients_that_leave_amid_a_reply) {
    server srv = co_await serve(endless, "127.0.0.1", 0);
    for (int i = 0; i < 50; ++i) {
        stream conn = co_await open_connection("127.0.0.1", srv.port());
        co_await conn.write(plain_get);
        static_cast<void>(co_await conn.readexactly(static_cast<std::size_t>(100'000 + 1'000 * i)));
        conn.abort();
    }
    while (srv.connections() > 0) co_await sleep(1ms);
}

TORUS_IO_TEST(server_life, ends_idle_connections_and_waits_for_requests_under_way) {
    waiting_handler handler;
    server srv = co_await serve(handler, "127.0.0.1", 0);
    stream idle = co_await open_connection("127.0.0.1", srv.port());
    stream busy = co_await open_connection("127.0.0.1", srv.port());
    co_await busy.write("GET /last HTTP/1.1\r\nhost: a\r\n\r\n");
    co_await handler.begun->wait();
    while (srv.connections() < 2) co_await sleep(1ms);
    task<> end = create_task(srv.shutdown(10s));
    EXPECT_EQ(co_await idle.read(), "");
    EXPECT_FALSE(end.done());
    handler.open->set();
    const std::string said = co_await busy.read();
    EXPECT_TRUE(said.ends_with("/last")) << said;
    EXPECT_NE(said.find("connection: close\r\n"), std::string::npos);
    co_await end;
    EXPECT_EQ(srv.connections(), 0u);
    EXPECT_FALSE(handler.cancelled->is_set());
}

TORUS_IO_TEST(server_life, waits_no_longer_than_it_was_told) {
    waiting_handler handler;
    server srv = co_await serve(handler, "127.0.0.1", 0);
    stream busy = co_await open_connection("127.0.0.1", srv.port());
    co_await busy.write(plain_get);
    co_await handler.begun->wait();
    co_await srv.shutdown(10ms);
    EXPECT_TRUE(handler.cancelled->is_set());
    EXPECT_EQ(srv.connections(), 0u);
}

TORUS_IO_TEST(server_life, breaks_off_an_answer_that_nobody_reads_to_its_end) {
    server srv = co_await serve(
        [](incoming&) -> async<reply> { co_return reply(200, std::string(32 * 1024 * 1024, 'x')); }, "127.0.0.1", 0);
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    co_await conn.write(plain_get);
    co_await conn.readuntil("\r\n\r\n");
    task<> end = create_task(srv.shutdown(20ms));
    while (srv.connections() > 0) co_await sleep(1ms);
    // Were the connection closed in an orderly way, what is unsent would keep the server from ending.
    co_await expect_throws<std::system_error>(conn.readexactly(32 * 1024 * 1024));
    co_await end;
}

TORUS_IO_TEST(server_life, serves_until_cancelled_then_drains) {
    waiting_handler handler;
    server srv = co_await serve(handler, "127.0.0.1", 0);
    task<> serving = create_task(srv.serve_forever());
    stream busy = co_await open_connection("127.0.0.1", srv.port());
    co_await busy.write(plain_get);
    co_await handler.begun->wait();
    serving.cancel();
    co_await let_others_run();
    EXPECT_FALSE(serving.done());
    handler.open->set();
    EXPECT_TRUE((co_await busy.read()).ends_with("/"));
    co_await expect_throws<cancelled_error>(std::move(serving));
}

TORUS_IO_TEST(server_life, cancels_the_handler_of_a_client_that_resets_its_connection) {
    waiting_handler handler;
    server srv = co_await serve(handler, "127.0.0.1", 0);
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    co_await conn.write(plain_get);
    co_await handler.begun->wait();
    conn.abort();
    co_await handler.cancelled->wait();
    while (srv.connections() > 0) co_await sleep(1ms);
}

// Whether the client has closed its connection or just has no more to send cannot be told apart (RFC 9112, section 9.6).
TORUS_IO_TEST(server_life, answers_a_client_that_has_ended_its_side_of_the_connection) {
    waiting_handler handler;
    server srv = co_await serve(handler, "127.0.0.1", 0);
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    co_await conn.write("GET /slow HTTP/1.1\r\nhost: a\r\n\r\n");
    co_await conn.write_eof();
    co_await handler.begun->wait();
    co_await sleep(50ms);  // longer than a handler is left unwatched: only an answer that is wrong needs less
    EXPECT_FALSE(handler.cancelled->is_set());
    handler.open->set();
    const std::string said = co_await conn.read();
    EXPECT_TRUE(said.starts_with("HTTP/1.1 200 ")) << said;
    EXPECT_TRUE(said.ends_with("/slow")) << said;
    while (srv.connections() > 0) co_await sleep(1ms);
}

TORUS_IO_TEST(server_life, cancels_the_handler_of_a_client_that_ends_its_side_and_resets_then) {
    waiting_handler handler;
    server srv = co_await serve(handler, "127.0.0.1", 0);
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    co_await conn.write(plain_get);
    co_await conn.write_eof();
    co_await handler.begun->wait();
    co_await sleep(50ms);  // so that the end is seen before the reset, mostly
    conn.abort();
    co_await handler.cancelled->wait();
    while (srv.connections() > 0) co_await sleep(1ms);
}

TORUS_IO_TEST(server_life, tells_why_it_cannot_accept_any_more) {
    server srv = co_await serve(hello, "127.0.0.1", 0);
    task<> serving = create_task(srv.serve_forever());
    co_await let_others_run();
    const int listening =
        torus::testing::listening_descriptor(address::loopback(address_family::ipv4, srv.port())).value();
    ::shutdown(listening, SHUT_RDWR);
    const auto e = co_await expect_throws<std::system_error>(serving);
    EXPECT_EQ(e.code(), std::errc::invalid_argument);
    EXPECT_EQ(take_reports().size(), 1u);
}

TORUS_IO_TEST(server_life, goes_on_for_others_when_its_object_has_gone) {
    waiting_handler handler;
    std::optional<server> srv = co_await serve(handler, "127.0.0.1", 0);
    stream conn = co_await open_connection("127.0.0.1", srv->port());
    co_await conn.write(plain_get);
    co_await handler.begun->wait();
    srv.reset();
    handler.open->set();
    EXPECT_TRUE((co_await conn.read()).ends_with("/"));
}

}  // namespace
}  // namespace torus::http::testing
