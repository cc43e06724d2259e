// tests/http/secure_test.cpp: HTTPS with an authority of our own, directly and through a proxy.
#include "peers.hpp"
#include "tls/certificates.hpp"

#include <torus/core/gather.hpp>
#include <torus/core/socket_calls.hpp>
#include <torus/tls/stream.hpp>

#include <sys/socket.h>

namespace torus::http::testing {
namespace {

using tls::testing::test_authority;
using tls::testing::test_server;

tls::context trusting() {
    tls::client_options options;
    options.trust = tls::pem(test_authority().certificate());
    return tls::context::client(options);
}

async<reply> mirror(incoming& request) {
    const std::string body = co_await request.text();
    co_return reply(200, std::string(request.is_secure() ? "secure " : "plain ") + body);
}

async<server> serve_securely() {
    server_options options;
    options.tls = tls::context::server(test_server().identity());
    co_return co_await serve(mirror, "127.0.0.1", 0, options);
}

std::string secure_url(const server& s, std::string_view host = "127.0.0.1") {
    return "https://" + std::string(host) + ":" + std::to_string(s.port()) + "/";
}

TORUS_IO_TEST(https, works_with_an_authority_of_ones_own) {
    server srv = co_await serve_securely();
    client_options options;
    options.tls = trusting();
    client c(options);
    for (int i = 0; i < 3; ++i) {
        response r = co_await c.post(secure_url(srv), "body", "text/plain");
        EXPECT_EQ(co_await r.text(), "secure body");
        EXPECT_EQ(r.timings().tls.has_value(), i == 0);
    }
    EXPECT_EQ(srv.connections(), 1u);
    c.close();
    co_await srv.shutdown(10s);
}

TORUS_IO_TEST(https, carries_large_bodies_both_ways) {
    server srv = co_await serve_securely();
    client_options options;
    options.tls = trusting();
    client c(options);
    const std::string large(3'000'000, 'x');
    response r = co_await c.post(secure_url(srv), large, "text/plain");
    EXPECT_EQ(co_await r.text(), "secure " + large);
}

TORUS_IO_TEST(https, refuses_another_name_and_an_unknown_authority) {
    server srv = co_await serve_securely();
    client_options options;
    options.tls = trusting();
    client c(options);
    const request_error e = co_await expect_throws<request_error>(c.get(secure_url(srv, "localhost")));
    EXPECT_EQ(e.fault(), fault::tls);
    EXPECT_EQ(e.phase(), phase::handshaking);
    client strict;
    EXPECT_EQ(co_await fault_of(strict.get(secure_url(srv))), fault::tls);
    EXPECT_EQ(c.connections(), 0u);
}

TORUS_IO_TEST(https, is_not_what_a_plain_server_speaks) {
    server plain = co_await serve(mirror, "127.0.0.1", 0);
    client_options options;
    options.tls = trusting();
    client c(options);
    EXPECT_EQ(co_await fault_of(c.get(secure_url(plain))), fault::tls);
}

TORUS_IO_TEST(https, says_that_a_body_without_length_was_cut_off) {
    const tls::context with = tls::context::server(test_server().identity());
    const auto cutting = [with](stream plain) -> async<> {
        stream conn = co_await tls::accept(std::move(plain), with);
        static_cast<void>(co_await conn.readuntil("\r\n\r\n"));
        co_await conn.write("HTTP/1.1 200 OK\r\n\r\nsome");
        static_cast<void>(sockets().shut_down(conn.below().descriptor(), SHUT_WR));  // no goodbye
        try {
            static_cast<void>(co_await conn.read());
        } catch (const tls::error&) {
            conn.abort();  // the client has none for us either
        }
    };
    torus::server srv = co_await start_server(cutting, "127.0.0.1", 0);
    client_options options;
    options.tls = trusting();
    client c(options);
    {
        response r = co_await c.get("https://127.0.0.1:" + std::to_string(srv.port()) + "/");
        EXPECT_EQ(co_await fault_of(r.text()), fault::reset);
    }
    srv.close();
    co_await srv.wait_closed();
}

TORUS_IO_TEST(https, goes_through_a_proxys_tunnel) {
    server srv = co_await serve_securely();
    auto asked = std::make_shared<std::string>();
    const auto tunnelling = [asked](stream from) -> async<> {
        *asked = co_await from.readuntil("\r\n\r\n");
        const std::size_t colon = asked->find(':');
        const auto port = static_cast<std::uint16_t>(std::stoi(asked->substr(colon + 1)));
        stream to = co_await open_connection("127.0.0.1", port);
        co_await from.write("HTTP/1.1 200 Connection established\r\n\r\n");
        const auto pass = [](stream& in, stream& out) -> async<> {
            for (;;) {
                const std::string some = co_await in.read(16'384);
                if (some.empty()) break;
                co_await out.write(some);
            }
            try {
                co_await out.write_eof();
            } catch (const std::system_error&) {
                co_return;  // that side has closed already
            }
        };
        co_await gather(pass(from, to), pass(to, from));
    };
    torus::server proxy = co_await start_server(tunnelling, "127.0.0.1", 0);
    client_options options;
    options.tls = trusting();
    options.https_proxy = "http://me:too@127.0.0.1:" + std::to_string(proxy.port());
    client c(options);
    for (int i = 0; i < 2; ++i) {
        response r = co_await c.post(secure_url(srv), "tunnel", "text/plain");
        EXPECT_EQ(co_await r.text(), "secure tunnel");
    }
    EXPECT_TRUE(asked->starts_with("CONNECT 127.0.0.1:" + std::to_string(srv.port()) + " HTTP/1.1\r\n")) << *asked;
    EXPECT_NE(asked->find("proxy-authorization: Basic bWU6dG9v\r\n"), std::string::npos);
    EXPECT_EQ(c.connections(), 1u);
    c.close();
    co_await srv.shutdown(10s);
    co_await proxy.shutdown(10s);
}

TORUS_IO_TEST(https, takes_no_notice_of_clients_that_break_off) {
    server srv = co_await serve_securely();
    {
        stream conn = co_await open_connection("127.0.0.1", srv.port());
        co_await conn.write("GET / HTTP/1.1\r\n\r\n");
        static_cast<void>(co_await conn.read());
    }
    stream plain = co_await open_connection("127.0.0.1", srv.port());
    stream conn = co_await tls::connect(std::move(plain), trusting(), "127.0.0.1");
    while (srv.connections() == 0) co_await sleep(1ms);
    conn.abort();
    while (srv.connections() > 0) co_await sleep(1ms);
}

}  // namespace
}  // namespace torus::http::testing
