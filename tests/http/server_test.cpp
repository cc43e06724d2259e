// tests/http/server_test.cpp: a server against clients that speak by hand.
#include "peers.hpp"

#include <array>

namespace torus::http::testing {
namespace {

async<reply> mirror(incoming& request) {
    const std::string body = co_await request.text();
    co_return reply(200, std::string(request.target()) + body);
}

bool has(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t n = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
    return n;
}

TORUS_IO_TEST(http_server, answers_pipelined_requests_in_their_order) {
    const auto handler = [](incoming& request) -> async<reply> {
        if (request.target() == "/1") co_await sleep(5ms);
        co_return reply(200, "<" + std::string(request.target()) + ">");
    };
    server srv = co_await serve(handler, "127.0.0.1", 0);
    const std::string said = co_await talk(srv, "GET /1 HTTP/1.1\r\nhost: a\r\n\r\nPOST /2 HTTP/1.1\r\nhost: a\r\n"
                                                "content-length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\nhost: a\r\n"
                                                "connection: close\r\n\r\n");
    EXPECT_LT(said.find("</1>"), said.find("</2>"));
    EXPECT_LT(said.find("</2>"), said.find("</3>"));
    EXPECT_EQ(count(said, "HTTP/1.1 200 OK\r\n"), 3u);
    EXPECT_EQ(count(said, "connection: close"), 1u);
}

TORUS_IO_TEST(http_server, sends_the_replies_to_requests_that_came_together_at_once) {
    server srv = co_await serve(mirror, "127.0.0.1", 0);
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    const std::string request = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    const std::string requests = request + request + request;
    co_await conn.write(requests);
    std::array<char, 4096> received;
    const std::size_t size = co_await conn.read_into(received);
    EXPECT_EQ(count(std::string_view(received.data(), size), "HTTP/1.1 200 OK\r\n"), 3u);
}

TORUS_IO_TEST(http_server, reads_chunked_bodies) {
    server srv = co_await serve(mirror, "127.0.0.1", 0);
    const std::string said =
        co_await talk(srv, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n"
                           "connection: close\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nz: 1\r\n\r\n");
    EXPECT_TRUE(said.ends_with("\r\n\r\n/abcde")) << said;
}

TORUS_IO_TEST(http_server, says_continue_when_its_handler_wants_the_body) {
    server srv = co_await serve(mirror, "127.0.0.1", 0);
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    co_await conn.write("PUT / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
    EXPECT_EQ(co_await conn.readuntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    co_await conn.write("hi");
    const std::string head = co_await conn.readuntil("\r\n\r\n");
    EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(co_await conn.readexactly(3), "/hi");
}

TORUS_IO_TEST(http_server, does_not_say_continue_to_a_body_nobody_wants) {
    server srv = co_await serve([](incoming&) -> async<reply> { co_return reply(403, "no\n"); }, "127.0.0.1", 0);
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    co_await conn.write("PUT / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
    const std::string said = co_await conn.read();
    EXPECT_TRUE(said.starts_with("HTTP/1.1 403 Forbidden\r\n")) << said;
    EXPECT_TRUE(has(said, "connection: close\r\n"));
}

TORUS_IO_TEST(http_server, goes_on_after_a_body_that_its_handler_left) {
    server srv = co_await serve([](incoming&) -> async<reply> { co_return reply(200, "ok"); }, "127.0.0.1", 0);
    const std::string said =
        co_await talk(srv, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 200000\r\n\r\n" + std::string(200'000, 'x') +
                               "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    EXPECT_EQ(count(said, "HTTP/1.1 200 OK\r\n"), 2u);
    const std::string large =
        co_await talk(srv, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 300000\r\n\r\n" + std::string(300'000, 'x'));
    EXPECT_TRUE(has(large, "connection: close\r\n")) << large;
}

TORUS_IO_TEST(http_server, refuses_a_body_beyond_its_limit) {
    server_options options;
    options.max_body = 1000;
    server srv = co_await serve(mirror, "127.0.0.1", 0, options);
    client c;
    response fits = co_await c.post(url_of(srv), std::string(1000, 'x'), "text/plain");
    EXPECT_EQ(fits.status, 200);
    response r = co_await c.post(url_of(srv), std::string(1001, 'x'), "text/plain");
    EXPECT_EQ(r.status, 413);
    request what(method::post, url_of(srv));
    what.body = std::unique_ptr<body_source>(std::make_unique<pieces>(std::vector<std::string>(100, "0123456789x")));
    response chunked = co_await c.send(std::move(what));
    EXPECT_EQ(chunked.status, 413);
}

TORUS_IO_TEST(http_server, refuses_a_body_that_is_announced_as_too_large_before_it_comes) {
    server_options options;
    options.max_body = 1000;
    server srv = co_await serve(mirror, "127.0.0.1", 0, options);
    const std::string announced = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1001\r\n";
    const std::string said = co_await talk(srv, announced + "\r\n");
    EXPECT_TRUE(said.starts_with("HTTP/1.1 413")) << said;
    const std::string asked = co_await talk(srv, announced + "expect: 100-continue\r\n\r\n");
    EXPECT_TRUE(asked.starts_with("HTTP/1.1 413")) << asked;
}

TORUS_IO_TEST(http_server, gives_the_path_of_an_absolute_target) {
    const auto parts = [](incoming& request) -> async<reply> {
        const std::string query(request.query().value_or("none"));
        co_return reply(200, std::string(request.path()) + " " + query);
    };
    server srv = co_await serve(parts, "127.0.0.1", 0);
    for (const auto& [target, expected] :
         std::initializer_list<std::pair<std::string, std::string>>{{"http://x.org/a/b?c=/d", "/a/b c=/d"},
                                                                    {"http://x.org?c", "/ c"},
                                                                    {"http://x.org", "/ none"},
                                                                    {"/a://b?c", "/a://b c"},
                                                                    {"/?u=http://x.org/", "/ u=http://x.org/"}}) {
        const std::string said =
            co_await talk(srv, "GET " + target + " HTTP/1.1\r\nhost: x.org\r\nconnection: close\r\n\r\n");
        EXPECT_TRUE(said.ends_with("\r\n\r\n" + expected)) << said;
    }
    const std::string all = co_await talk(srv, "OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    EXPECT_TRUE(all.ends_with("\r\n\r\n* none")) << all;
}

TORUS_IO_TEST(http_server, takes_16_MiB_by_default_and_not_a_byte_more) {
    const auto counting = [](incoming& request) -> async<reply> {
        std::size_t size = 0;
        while (auto piece = co_await request.next()) size += piece->size();
        co_return reply(200, std::to_string(size));
    };
    server srv = co_await serve(counting, "127.0.0.1", 0);
    client c;
    response fits = co_await c.post(url_of(srv), std::string(16 * 1024 * 1024, 'x'), "text/plain");
    EXPECT_EQ(co_await fits.text(), "16777216");
    response r = co_await c.post(url_of(srv), std::string(16 * 1024 * 1024 + 1, 'x'), "text/plain");
    EXPECT_EQ(r.status, 413);
}

TORUS_IO_TEST(http_server, refuses_heads_beyond_its_limits) {
    server srv = co_await serve(mirror, "127.0.0.1", 0);
    std::string fields;
    for (int i = 0; i < 98; ++i) fields += "a: b\r\n";
    const std::string end = "host: a\r\nconnection: close\r\n\r\n";
    EXPECT_TRUE((co_await talk(srv, "GET / HTTP/1.1\r\n" + fields + end)).starts_with("HTTP/1.1 200"));
    const std::string many = co_await talk(srv, "GET / HTTP/1.1\r\na: b\r\n" + fields + end);
    EXPECT_TRUE(many.starts_with("HTTP/1.1 431")) << many;
    const std::size_t rest = 64 * 1024 - std::string("GET / HTTP/1.1\r\nx: \r\n" + end).size();
    const std::string fits = co_await talk(srv, "GET / HTTP/1.1\r\nx: " + std::string(rest, 'x') + "\r\n" + end);
    EXPECT_TRUE(fits.starts_with("HTTP/1.1 200")) << fits;
    const std::string large = co_await talk(srv, "GET / HTTP/1.1\r\nx: " + std::string(rest + 1, 'x') + "\r\n" + end);
    EXPECT_TRUE(large.starts_with("HTTP/1.1 431")) << large;
    const std::string target = co_await talk(srv, "GET /" + std::string(9000, 'x') + " HTTP/1.1\r\n" + end);
    EXPECT_TRUE(target.starts_with("HTTP/1.1 414")) << target;
}

TORUS_IO_TEST(http_server, refuses_bad_requests) {
    server srv = co_await serve(mirror, "127.0.0.1", 0);
    for (const char* text : {"GET / HTTP/1.1\r\n\r\n", "GET  / HTTP/1.1\r\nhost: a\r\n\r\n",
                             "GET / HTTP/1.1\r\nhost: a\r\nbad field\r\n\r\n",
                             "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n"}) {
        const std::string said = co_await talk(srv, text);
        EXPECT_TRUE(said.starts_with("HTTP/1.1 400 Bad Request\r\n")) << said;
        EXPECT_TRUE(has(said, "connection: close\r\n"));
    }
    const std::string chunk =
        co_await talk(srv, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n");
    EXPECT_TRUE(chunk.starts_with("HTTP/1.1 400")) << chunk;
}

TORUS_IO_TEST(http_server, lets_a_refused_client_finish_and_read_why) {
    server srv = co_await serve(mirror, "127.0.0.1", 0);
    const std::string said = co_await talk(srv, "nonsense\r\n\r\n" + std::string(500'000, 'x'));
    EXPECT_TRUE(said.starts_with("HTTP/1.1 400")) << said;
    EXPECT_FALSE(has(said, "(reset)"));
}

TORUS_IO_TEST(http_server, closes_after_an_answer_to_http_1_0) {
    server srv = co_await serve(mirror, "127.0.0.1", 0);
    const std::string said = co_await talk(srv, "GET /x HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(said.ends_with("\r\n\r\n/x")) << said;
    const std::string kept =
        co_await talk(srv, "GET /x HTTP/1.0\r\nconnection: keep-alive\r\n\r\nGET /y HTTP/1.0\r\n\r\n");
    EXPECT_EQ(count(kept, "HTTP/1.1 200 OK"), 2u) << kept;
    const auto streaming = [](incoming&) -> async<reply> {
        co_return reply(200,
                        std::unique_ptr<body_source>(std::make_unique<pieces>(std::vector<std::string>{"a", "b"})));
    };
    server flowing = co_await serve(streaming, "127.0.0.1", 0);
    const std::string unframed = co_await talk(flowing, "GET /x HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(unframed.ends_with("\r\n\r\nab")) << unframed;
}

TORUS_IO_TEST(http_server, answers_a_client_that_has_said_all_it_has_to_say) {
    server srv = co_await serve(mirror, "127.0.0.1", 0);
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    co_await conn.write("GET /half HTTP/1.1\r\nhost: a\r\n\r\n");
    co_await conn.write_eof();
    EXPECT_TRUE((co_await conn.read()).ends_with("/half"));
}

TORUS_IO_TEST(http_server, answers_500_for_a_handler_that_fails_and_goes_on) {
    const auto failing = [](incoming& request) -> async<reply> {
        if (request.target() == "/bad") throw std::runtime_error("no luck");
        co_return reply(200, "fine");
    };
    server srv = co_await serve(failing, "127.0.0.1", 0);
    client c;
    response bad = co_await c.get(url_of(srv, "/bad"));
    EXPECT_EQ(bad.status, 500);
    EXPECT_EQ((co_await bad.text()).find("no luck"), std::string::npos);
    response fine = co_await c.get(url_of(srv));
    EXPECT_EQ(co_await fine.text(), "fine");
    EXPECT_EQ(srv.connections(), 1u);
    EXPECT_EQ(take_reports().size(), 1u);
}

TORUS_IO_TEST(http_server, serves_http_for_a_handler_whose_reply_cannot_be_sent) {
    const auto odd = [](incoming&) -> async<reply> {
        reply r(200, "x");
        r.headers.set("content-length", "17");
        co_return r;
    };
    server srv = co_await serve(odd, "127.0.0.1", 0);
    client c;
    response r = co_await c.get(url_of(srv));
    EXPECT_EQ(r.status, 500);
    EXPECT_EQ(take_reports().size(), 1u);
}

TORUS_IO_TEST(http_server, breaks_off_where_a_body_fails) {
    const auto failing = [](incoming&) -> async<reply> {
        class short_lived final : public body_source {
            async<std::span<const std::byte>> next() override {
                co_await yield_now();
                if (std::exchange(failing_, true)) throw std::runtime_error("the disk is gone");
                co_return std::as_bytes(std::span("abc", 3));
            }
            bool failing_ = false;
        };
        co_return reply(200, std::unique_ptr<body_source>(std::make_unique<short_lived>()));
    };
    server srv = co_await serve(failing, "127.0.0.1", 0);
    client c;
    response r = co_await c.get(url_of(srv));
    EXPECT_EQ(co_await fault_of(r.text()), fault::reset);
    EXPECT_EQ(take_reports().size(), 1u);
}

TORUS_IO_TEST(http_server, resets_a_connection_for_a_handler) {
    const auto resetting = [](incoming& request) -> async<reply> {
        request.reset();
        co_return reply(200);
    };
    server srv = co_await serve(resetting, "127.0.0.1", 0);
    client c;
    EXPECT_EQ(co_await fault_of(c.get(url_of(srv))), fault::reset);
}

}  // namespace
}  // namespace torus::http::testing
