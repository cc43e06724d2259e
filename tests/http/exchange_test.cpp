// tests/http/exchange_test.cpp: our client and our server, talking to each other.
#include "peers.hpp"

#include <torus/core/gather.hpp>

namespace torus::http::testing {
namespace {

/// Answers with what it was asked.
async<reply> mirror(incoming& request) {
    const std::string body = co_await request.text();
    co_return reply(200, std::string(request.method().name()) + " " + std::string(request.target()) + "\n" + body);
}

TORUS_IO_TEST(exchange, gets_a_page) {
    server srv = co_await serve(mirror, "127.0.0.1", 0);
    client c;
    response r = co_await c.get(url_of(srv, "/page?x=1"));
    EXPECT_EQ(r.status, 200);
    EXPECT_TRUE(r.ok());
    EXPECT_EQ(r.headers.get("content-type", ""), "text/plain; charset=utf-8");
    EXPECT_TRUE(r.headers.contains("date"));
    EXPECT_EQ(co_await r.text(), "GET /page?x=1\n");
    EXPECT_TRUE(r.timings().connect && r.timings().first_byte && r.timings().total);
    EXPECT_FALSE(r.timings().tls);
    co_await srv.shutdown(0s);
}

TORUS_IO_TEST(exchange, keeps_its_connection) {
    server srv = co_await serve(mirror, "127.0.0.1", 0);
    client c;
    for (int i = 0; i < 10; ++i) {
        response r = co_await c.get(url_of(srv));
        EXPECT_EQ(co_await r.text(), "GET /\n");
        EXPECT_EQ(r.timings().connect.has_value(), i == 0);
        EXPECT_EQ(c.connections(), 1u);
        EXPECT_EQ(c.idle_connections(), 1u);
    }
    EXPECT_EQ(srv.connections(), 1u);
    c.close();
    EXPECT_EQ(c.connections(), 0u);
    co_await srv.shutdown(1s);
}

TORUS_IO_TEST(exchange, posts_a_body) {
    server srv = co_await serve(mirror, "127.0.0.1", 0);
    client c;
    response r = co_await c.post(url_of(srv), "hello", "text/plain");
    EXPECT_EQ(co_await r.text(), "POST /\nhello");
    response empty = co_await c.post(url_of(srv), "", "text/plain");
    EXPECT_EQ(co_await empty.text(), "POST /\n");
    EXPECT_EQ(c.connections(), 1u);
}

TORUS_IO_TEST(exchange, streams_bodies_both_ways_in_chunks_and_with_a_length) {
    const auto back = [](incoming& request) -> async<reply> {
        std::vector<std::string> all;
        const std::string how(request.headers().get("transfer-encoding", "length"));
        while (auto piece = co_await request.next()) all.emplace_back(*piece);
        const auto length = request.path() == "/chunked" ? pieces::length::unknown : pieces::length::known;
        reply r(200, std::unique_ptr<body_source>(std::make_unique<pieces>(std::move(all), length)));
        r.headers.set("x-how", how);
        co_return r;
    };
    server srv = co_await serve(back, "127.0.0.1", 0);
    client c;
    for (const bool chunked : {false, true}) {
        const std::vector<std::string> parts{"one ", std::string(100'000, 'x'), " three"};
        request what(method::put, url_of(srv, chunked ? "/chunked" : "/length"));
        const auto length = chunked ? pieces::length::unknown : pieces::length::known;
        what.body = std::unique_ptr<body_source>(std::make_unique<pieces>(parts, length));
        response r = co_await c.send(std::move(what));
        EXPECT_EQ(r.headers.get("x-how", ""), chunked ? "chunked" : "length");
        EXPECT_EQ(r.headers.contains("transfer-encoding"), chunked);
        EXPECT_EQ(co_await r.text(), parts[0] + parts[1] + parts[2]);
    }
    EXPECT_EQ(c.connections(), 1u);
}

TORUS_IO_TEST(exchange, has_no_body_in_answers_to_head_and_in_204_and_304) {
    const auto handler = [](incoming& request) -> async<reply> {
        if (request.path() == "/204") co_return reply(204);
        if (request.path() == "/304") co_return reply(304);
        co_return reply(200, "twelve bytes");
    };
    server srv = co_await serve(handler, "127.0.0.1", 0);
    client c;
    response head = co_await c.head(url_of(srv));
    EXPECT_EQ(head.headers.get("content-length", ""), "12");
    EXPECT_EQ(co_await head.text(), "");
    for (const int code : {204, 304}) {
        response r = co_await c.get(url_of(srv, "/" + std::to_string(code)));
        EXPECT_EQ(r.status, code);
        EXPECT_EQ(co_await r.text(), "");
    }
    response body = co_await c.get(url_of(srv));
    EXPECT_EQ(co_await body.text(), "twelve bytes");
    EXPECT_EQ(c.connections(), 1u);
}

TORUS_IO_TEST(exchange, works_for_many_at_once) {
    const auto slowly = [](incoming& request) -> async<reply> {
        co_await sleep(5ms);
        co_return reply(200, std::string(request.target()));
    };
    server srv = co_await serve(slowly, "127.0.0.1", 0);
    client_options options;
    options.max_connections = 50;
    client c(options);
    std::vector<async<std::string>> all;
    for (int i = 0; i < 500; ++i) {
        all.push_back([](client& with, std::string url) -> async<std::string> {
            response r = co_await with.get(url);
            co_return co_await r.text();
        }(c, url_of(srv, "/" + std::to_string(i))));
    }
    const std::vector<std::string> texts = co_await gather(std::move(all));
    for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(texts[i], "/" + std::to_string(i));
    EXPECT_EQ(c.connections(), 50u);
    EXPECT_EQ(srv.connections(), 50u);
}

TORUS_IO_TEST(exchange, outlives_its_client_object_within_a_response) {
    server srv = co_await serve(mirror, "127.0.0.1", 0);
    response r = co_await get(url_of(srv, "/once"));
    EXPECT_EQ(co_await r.text(), "GET /once\n");
}

}  // namespace
}  // namespace torus::http::testing
