// tests/http/client_limits_test.cpp: what a client refuses, and how long it waits.
#include "peers.hpp"

#include <torus/core/gather.hpp>

namespace torus::http::testing {
namespace {

/// Says something, then nothing until the client goes.
async<torus::server> falling_silent(std::string after) {
    const auto handler = [after](stream conn) -> async<> {
        co_await conn.write(after);
        static_cast<void>(co_await conn.read());
    };
    co_return co_await start_server(handler, "127.0.0.1", 0);
}

std::string url_of(const torus::server& s, std::string_view path = "/") {
    return "http://127.0.0.1:" + std::to_string(s.port()) + std::string(path);
}

TORUS_IO_TEST(client_limits, waits_only_so_long_for_the_head) {
    torus::server srv = co_await falling_silent("HTTP/1.1 200");
    client c;
    exchange_options how;
    how.first_byte_timeout = 20ms;
    const request_error e = co_await expect_throws<request_error>(c.get(url_of(srv), how));
    EXPECT_EQ(e.fault(), fault::timeout);
    EXPECT_EQ(e.phase(), phase::waiting_for_response);
    EXPECT_EQ(c.connections(), 0u);
}

TORUS_IO_TEST(client_limits, waits_no_longer_for_a_head_that_comes_byte_by_byte) {
    const auto dripping = [](stream conn) -> async<> {
        co_await conn.write("HTTP/1.1 200 OK\r\nx: ");
        try {
            for (;;) {
                co_await conn.write("x");
                co_await sleep(2ms);
            }
        } catch (const connection_closed&) {
            co_return;
        }
    };
    torus::server srv = co_await start_server(dripping, "127.0.0.1", 0);
    client c;
    exchange_options how;
    how.first_byte_timeout = 30ms;
    EXPECT_EQ(co_await fault_of(c.get(url_of(srv), how)), fault::timeout);
}

TORUS_IO_TEST(client_limits, changes_to_no_protocol_that_it_has_not_asked_for) {
    torus::server srv = co_await falling_silent("HTTP/1.1 101 Go\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nhello");
    client c;
    EXPECT_EQ(co_await fault_of(c.get(url_of(srv))), fault::protocol);
    EXPECT_EQ(c.connections(), 0u);
}

/// A body whose source has a fault of its own.
template <class Error> class failing final : public body_source {
    async<std::span<const std::byte>> next() override {
        co_await yield_now();
        throw Error();
    }
};

struct wrong_file : std::logic_error {
    wrong_file() : std::logic_error("no such page") {}
};

TORUS_IO_TEST(client_limits, says_with_which_request_a_body_could_not_be_made) {
    raw_server srv = co_await answering(answer("ok"));
    client c;
    request what(method::post, srv.url("/upload"));
    what.body = std::unique_ptr<body_source>(std::make_unique<failing<wrong_file>>());
    const auto e = co_await expect_throws<request_error>(c.send(std::move(what)));
    EXPECT_EQ(e.fault(), fault::invalid_request);
    EXPECT_EQ(e.phase(), phase::sending);
    const std::string text = e.what();
    EXPECT_TRUE(text.starts_with("POST " + srv.url("/upload"))) << text;
    EXPECT_TRUE(text.ends_with("no such page")) << text;
    EXPECT_EQ(c.connections(), 0u);
}

TORUS_IO_TEST(client_limits, lets_through_that_there_is_no_memory) {
    raw_server srv = co_await answering(answer("ok"));
    client c;
    request what(method::post, srv.url());
    what.body = std::unique_ptr<body_source>(std::make_unique<failing<std::bad_alloc>>());
    co_await expect_throws<std::bad_alloc>(c.send(std::move(what)));
}

TORUS_IO_TEST(client_limits, takes_what_does_not_begin_like_http_for_something_else) {
    for (const char* text : {"<html>not http at all</html>", "SSH", "HTTQ"}) {
        raw_server srv = co_await answering(text);
        client c;
        EXPECT_EQ(co_await fault_of(c.get(srv.url())), fault::protocol) << text;
    }
    for (const char* text : {"", "HT", "HTTP/1.1 200 O"}) {
        raw_server srv = co_await answering(text);
        client c;
        EXPECT_EQ(co_await fault_of(c.get(srv.url())), fault::reset) << text;
    }
}

TORUS_IO_TEST(client_limits, waits_only_so_long_for_the_next_piece) {
    torus::server srv = co_await falling_silent("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    client c;
    exchange_options how;
    how.read_timeout = 20ms;
    response r = co_await c.get(url_of(srv), how);
    EXPECT_EQ(co_await r.next(), "abc");
    const request_error e = co_await expect_throws<request_error>(r.next());
    EXPECT_EQ(e.fault(), fault::timeout);
    EXPECT_EQ(e.phase(), phase::receiving);
    EXPECT_EQ(c.connections(), 0u);
    EXPECT_EQ(co_await fault_of(r.next()), fault::timeout);
}

TORUS_IO_TEST(client_limits, bounds_the_whole_of_an_exchange_with_its_body) {
    const auto endless = [](incoming&) -> async<reply> {
        class dripping final : public body_source {
            async<std::span<const std::byte>> next() override {
                co_await sleep(2ms);
                co_return std::as_bytes(std::span("drip", 4));
            }
        };
        co_return reply(200, std::unique_ptr<body_source>(std::make_unique<dripping>()));
    };
    server srv = co_await serve(endless, "127.0.0.1", 0);
    client c;
    exchange_options how;
    how.total_timeout = 50ms;
    response r = co_await c.get(testing::url_of(srv), how);
    EXPECT_EQ(co_await fault_of(r.text()), fault::timeout);
}

TORUS_IO_TEST(client_limits, counts_waiting_for_a_connection_as_part_of_the_whole) {
    torus::server srv = co_await falling_silent("");
    client_options options;
    options.max_connections = 1;
    client c(options);
    auto first = create_task(c.get(url_of(srv)));
    co_await let_others_run();
    exchange_options how;
    how.total_timeout = 20ms;
    const request_error e = co_await expect_throws<request_error>(c.get(url_of(srv), how));
    EXPECT_EQ(e.fault(), fault::timeout);
    EXPECT_EQ(e.phase(), phase::waiting_for_connection);
    first.cancel();
    co_await expect_throws<cancelled_error>(std::move(first));
}

TORUS_IO_TEST(client_limits, delivers_a_body_up_to_its_limit) {
    server srv =
        co_await serve([](incoming&) -> async<reply> { co_return reply(200, std::string(1000, 'x')); }, "127.0.0.1", 0);
    client c;
    exchange_options how;
    how.max_body = 1000;
    response fits = co_await c.get(testing::url_of(srv), how);
    EXPECT_EQ((co_await fits.text()).size(), 1000u);
    how.max_body = 999;
    response r = co_await c.get(testing::url_of(srv), how);
    std::string all;
    std::exception_ptr failure;
    try {
        for (;;) {
            const auto piece = co_await r.next();
            if (!piece) break;
            all += *piece;
        }
    } catch (const request_error& e) {
        EXPECT_EQ(e.fault(), fault::too_large);
        failure = std::current_exception();
    }
    EXPECT_TRUE(failure);
    EXPECT_EQ(all, std::string(999, 'x'));
    EXPECT_EQ(c.connections(), 0u);
}

TORUS_IO_TEST(client_limits, ends_a_body_that_never_ends) {
    server srv = co_await serve(endless, "127.0.0.1", 0);
    client c;
    exchange_options how;
    how.max_body = 1'000'000;
    response r = co_await c.get(testing::url_of(srv), how);
    EXPECT_EQ(co_await fault_of(r.text()), fault::too_large);
}

TORUS_IO_TEST(client_limits, bounds_a_head) {
    client c;
    const std::string exactly(64 * 1024 - 60, 'x');
    raw_server fits = co_await answering(answer("ok", "x: " + exactly + "\r\n"));
    response r = co_await c.get(fits.url());
    EXPECT_EQ(co_await r.text(), "ok");
    raw_server more = co_await answering(answer("ok", "x: " + exactly + std::string(100, 'x') + "\r\n"));
    EXPECT_EQ(co_await fault_of(c.get(more.url())), fault::too_large);
    std::string fields;
    for (int i = 0; i < 101; ++i) fields += "a: b\r\n";
    raw_server many = co_await answering(answer("ok", fields));
    EXPECT_EQ(co_await fault_of(c.get(many.url())), fault::too_large);
}

TORUS_IO_TEST(client_limits, says_that_a_body_was_cut_off) {
    client c;
    for (const char* text : {"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc",
                             "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
                             "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc"}) {
        raw_server srv = co_await answering(text);
        response r = co_await c.get(srv.url());
        EXPECT_EQ(co_await r.next(), "abc");
        EXPECT_EQ(co_await fault_of(r.text()), fault::reset);
    }
    raw_server head = co_await answering("HTTP/1.1 200 OK\r\nconte");
    EXPECT_EQ(co_await fault_of(c.get(head.url())), fault::reset);
    EXPECT_EQ(c.connections(), 0u);
}

TORUS_IO_TEST(client_limits, takes_the_end_of_the_connection_for_the_end_of_a_body_without_length) {
    raw_server srv = co_await answering("HTTP/1.1 200 OK\r\n\r\nall of it");
    client c;
    response r = co_await c.get(srv.url());
    EXPECT_EQ(co_await r.text(), "all of it");
    EXPECT_EQ(c.connections(), 0u);
}

TORUS_IO_TEST(client_limits, refuses_what_is_no_http) {
    client c;
    for (const char* text :
         {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
          "HTTP/1.1 OK\r\n\r\n"}) {
        raw_server srv = co_await answering(text);
        EXPECT_EQ(co_await fault_of(c.get(srv.url())), fault::protocol) << text;
    }
    raw_server chunks = co_await answering("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n");
    response r = co_await c.get(chunks.url());
    EXPECT_EQ(co_await fault_of(r.text()), fault::protocol);
    raw_server coded = co_await answering(answer("no gzip", "content-encoding: gzip\r\n"));
    response garbled = co_await c.get(coded.url());
    EXPECT_EQ(co_await fault_of(garbled.text()), fault::protocol);
    EXPECT_EQ(c.connections(), 0u);
}

TORUS_IO_TEST(client_limits, explains_a_connection_that_does_not_come_about) {
    torus::server gone = co_await falling_silent("");
    const std::string url = url_of(gone);
    gone.close();
    co_await gone.wait_closed();
    client c;
    const request_error refused = co_await expect_throws<request_error>(c.get(url));
    EXPECT_EQ(refused.fault(), fault::refused);
    EXPECT_EQ(refused.phase(), phase::connecting);
    EXPECT_NE(std::string(refused.what()).find("GET " + url), std::string::npos) << refused.what();
    resolver::current().set_servers("127.0.0.1:1");  // where nobody answers
    EXPECT_EQ(co_await fault_of(c.get("http://nowhere.invalid/")), fault::dns);
    EXPECT_EQ(co_await fault_of(c.get("ftp://127.0.0.1/")), fault::invalid_request);
    EXPECT_EQ(c.connections(), 0u);
}

TORUS_IO_TEST(client_limits, gives_up_connecting) {
    torus::server silent = co_await falling_silent("");  // accepts, but shakes no hands
    client c;
    exchange_options how;
    const std::string url = "https://127.0.0.1:" + std::to_string(silent.port());
    phase reached = phase::connecting;  // a machine with much to do may need longer to get beyond it
    for (how.connect_timeout = 20ms; reached == phase::connecting; how.connect_timeout *= 2) {
        const request_error e = co_await expect_throws<request_error>(c.get(url, how));
        EXPECT_EQ(e.fault(), fault::timeout);
        reached = e.phase();
    }
    EXPECT_EQ(reached, phase::handshaking);
}

TORUS_IO_TEST(client_limits, reads_an_answer_that_comes_before_the_body_was_sent) {
    const auto refusing = [](stream conn) -> async<> {
        static_cast<void>(co_await conn.readuntil("\r\n\r\n"));
        co_await conn.write("HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        co_await conn.write_eof();
        static_cast<void>(co_await conn.read());
    };
    torus::server srv = co_await start_server(refusing, "127.0.0.1", 0);
    client c;
    response r = co_await c.post(url_of(srv), std::string(3'000'000, 'x'), "text/plain");
    EXPECT_EQ(r.status, 413);
}

}  // namespace
}  // namespace torus::http::testing
