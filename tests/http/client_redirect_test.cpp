// tests/http/client_redirect_test.cpp: redirects, codings, interim answers and proxies.
#include "peers.hpp"

#include <zlib.h>

#include <cstdlib>

namespace torus::http::testing {
namespace {

std::string redirect(int status, const std::string& to) {
    return "HTTP/1.1 " + std::to_string(status) + " Elsewhere\r\nlocation: " + to + "\r\ncontent-length: 0\r\n\r\n";
}

bool has(const std::string& head, std::string_view text) { return head.find(text) != std::string::npos; }

TORUS_IO_TEST(client_redirect, is_followed_and_remembered) {
    raw_server srv = co_await answering(redirect(302, "/b?x"), redirect(301, "c"), answer("here"));
    client c;
    response r = co_await c.get(srv.url("/a#fragment"));
    EXPECT_EQ(co_await r.text(), "here");
    EXPECT_EQ(r.url.to_string(), srv.url("/c"));
    EXPECT_EQ(r.history.size(), 2u);
    EXPECT_EQ(srv.log->connections, 1u);
}

TORUS_IO_TEST(client_redirect, ends_after_so_many) {
    raw_server srv = co_await answering_always(redirect(302, "/again"));
    client c;
    exchange_options how;
    how.max_redirects = 3;
    EXPECT_EQ(co_await fault_of(c.get(srv.url(), how)), fault::redirects);
    EXPECT_EQ(srv.heads().size(), 4u);
    how.max_redirects = 0;
    response r = co_await c.get(srv.url(), how);
    EXPECT_EQ(r.status, 302);
}

TORUS_IO_TEST(client_redirect, turns_post_into_get_where_that_is_meant) {
    for (const int status : {301, 302, 303, 307, 308}) {
        raw_server srv = co_await answering(redirect(status, "/there"), answer("ok"));
        client c;
        response r = co_await c.post(srv.url("/here"), "", "text/plain");
        EXPECT_EQ(co_await r.text(), "ok");
        const std::string expected = status < 307 ? "GET /there " : "POST /there ";
        EXPECT_EQ(srv.heads().back().substr(0, expected.size()), expected) << status;
        EXPECT_EQ(has(srv.heads().back(), "content-type"), status >= 307);
    }
}

TORUS_IO_TEST(client_redirect, takes_no_secrets_to_another_origin) {
    raw_server target = co_await answering(answer("ok"));
    raw_server same = co_await answering(redirect(302, "/same"), redirect(302, target.url()));
    client c;
    request what(method::get, same.url());
    what.headers.set("authorization", "Basic secret");
    what.headers.set("cookie", "secret=1");
    what.headers.set("x-other", "goes along");
    response r = co_await c.send(std::move(what));
    EXPECT_EQ(co_await r.text(), "ok");
    EXPECT_TRUE(has(same.heads().at(1), "secret"));
    EXPECT_FALSE(has(target.heads().at(0), "secret"));
    EXPECT_TRUE(has(target.heads().at(0), "goes along"));
}

TORUS_IO_TEST(client_redirect, goes_nowhere_but_to_http) {
    client c;
    for (const char* to : {"ftp://127.0.0.1/", "file:///etc/passwd", "http://"}) {
        raw_server srv = co_await answering(redirect(302, to));
        EXPECT_EQ(co_await fault_of(c.get(srv.url())), fault::redirects) << to;
    }
}

std::string gzipped(const std::string& text) {
    std::string out(text.size() + 100, '\0');
    z_stream z{};
    deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    z.avail_in = static_cast<uInt>(text.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    deflate(&z, Z_FINISH);
    out.resize(z.total_out);
    deflateEnd(&z);
    return out;
}

TORUS_IO_TEST(client_coding, decodes_a_body_or_leaves_it_as_it_was_sent) {
    const std::string text(100'000, 'x');
    raw_server srv = co_await answering_always(answer(gzipped(text), "content-encoding: gzip\r\n"));
    client c;
    response r = co_await c.get(srv.url());
    EXPECT_EQ(co_await r.text(), text);
    EXPECT_TRUE(has(srv.heads().at(0), "accept-encoding: "));
    exchange_options how;
    how.body_coding = exchange_options::coding::as_sent;
    response raw = co_await c.get(srv.url(), how);
    EXPECT_EQ(co_await raw.text(), gzipped(text));
    how.body_coding = exchange_options::coding::decoded;
    how.max_body = 99'999;
    response bomb = co_await c.get(srv.url(), how);
    EXPECT_EQ(co_await fault_of(bomb.text()), fault::too_large);
}

TORUS_IO_TEST(client_coding, says_that_a_coded_body_was_cut_off) {
    const std::string whole = gzipped(std::string(1000, 'x'));
    raw_server srv = co_await answering(answer(whole.substr(0, whole.size() - 4), "content-encoding: gzip\r\n"));
    client c;
    response r = co_await c.get(srv.url());
    const fault f = co_await fault_of(r.text());
    EXPECT_EQ(f, fault::protocol);
}

TORUS_IO_TEST(client_interim, passes_over_answers_that_are_not_the_last) {
    const std::string hints = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
    raw_server srv = co_await answering_always(hints + answer("ok"));
    client c;
    for (int i = 0; i < 2; ++i) {
        response r = co_await c.get(srv.url());
        EXPECT_EQ(r.status, 200);
        EXPECT_EQ(co_await r.text(), "ok");
    }
    EXPECT_EQ(srv.log->connections, 1u);
}

TORUS_IO_TEST(client_proxy, is_asked_with_the_whole_url) {
    raw_server proxy = co_await answering_always(answer("from the proxy"));
    raw_server direct = co_await answering_always(answer("directly"));
    client_options options;
    options.http_proxy = "http://user:pw@127.0.0.1:" + std::to_string(proxy.port());
    client c(options);
    response r = co_await c.get("http://nowhere.invalid/path?x#y");
    EXPECT_EQ(co_await r.text(), "from the proxy");
    const std::string& head = proxy.heads().at(0);
    EXPECT_TRUE(has(head, "GET http://nowhere.invalid/path?x HTTP/1.1\r\n")) << head;
    EXPECT_TRUE(has(head, "host: nowhere.invalid\r\n")) << head;
    EXPECT_TRUE(has(head, "proxy-authorization: Basic dXNlcjpwdw==\r\n")) << head;
    options.no_proxy = "127.0.0.1, .example.com";
    client excepting(options);
    response d = co_await excepting.get(direct.url());
    EXPECT_EQ(co_await d.text(), "directly");
}

TORUS_IO_TEST(client_proxy, refuses_a_tunnel) {
    raw_server proxy = co_await answering("HTTP/1.1 407 Who are you\r\ncontent-length: 0\r\n\r\n");
    client_options options;
    options.https_proxy = "http://me:too@127.0.0.1:" + std::to_string(proxy.port());
    client c(options);
    EXPECT_EQ(co_await fault_of(c.get("https://nowhere.invalid/")), fault::proxy);
    EXPECT_TRUE(has(proxy.heads().at(0), "CONNECT nowhere.invalid:443 HTTP/1.1\r\n")) << proxy.heads().at(0);
    EXPECT_TRUE(has(proxy.heads().at(0), "proxy-authorization: Basic bWU6dG9v\r\n"));
}

TORUS_IO_TEST(client_proxy, is_named_by_what_it_refuses) {
    raw_server proxy = co_await answering("HTTP/1.1 407 Who are you\r\ncontent-length: 0\r\n\r\n");
    client_options options;
    options.https_proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
    client c(options);
    const auto e = co_await expect_throws<request_error>(c.get("https://nowhere.invalid/"));
    const std::string expected = "the proxy 127.0.0.1:" + std::to_string(proxy.port()) + " answered 407";
    EXPECT_TRUE(has(e.what(), expected)) << e.what();
}

// A tunnel begins right behind the head (RFC 9110, section 9.3.6): nothing of it can have come before we have spoken.
TORUS_IO_TEST(client_proxy, that_speaks_within_its_tunnel_has_opened_none) {
    for (const char* said : {"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", "HTTP/1.1 204 No\r\n\r\nx"}) {
        raw_server proxy = co_await answering(said);
        client_options options;
        options.https_proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
        client c(options);
        const auto e = co_await expect_throws<request_error>(c.get("https://nowhere.invalid/"));
        EXPECT_EQ(e.fault(), fault::proxy);
        EXPECT_TRUE(has(e.what(), "the proxy 127.0.0.1:" + std::to_string(proxy.port()))) << e.what();
        EXPECT_EQ(c.connections(), 0u);
    }
}

TEST(client_proxy, comes_from_the_environment) {
    ::setenv("http_proxy", "http://one:1", 1);
    ::setenv("HTTP_PROXY", "http://evil:1", 1);
    ::setenv("HTTPS_PROXY", "http://two:2", 1);
    ::setenv("no_proxy", "here", 1);
    const client_options options = with_environment_proxies({});
    EXPECT_EQ(options.http_proxy, "http://one:1");
    EXPECT_EQ(options.https_proxy, "http://two:2");
    EXPECT_EQ(options.no_proxy, "here");
    ::unsetenv("http_proxy");
    EXPECT_EQ(with_environment_proxies({}).http_proxy, "");
    for (const char* name : {"HTTP_PROXY", "HTTPS_PROXY", "no_proxy"}) ::unsetenv(name);
}

}  // namespace
}  // namespace torus::http::testing
