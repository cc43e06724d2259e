// tests/http/codings_test.cpp: bodies that our server sends in brotli or zstandard, and our client takes apart.
#include "coded.hpp"
#include "peers.hpp"

namespace torus::http::testing {
namespace {

/// Long enough for many pieces, and with something new in each.
std::string page() {
    std::string text;
    for (int line = 0; line < 20'000; ++line) text += "line " + std::to_string(line * 7919) + "\n";
    return text;
}

std::string coded(std::string_view coding) {
    if (coding == "br") return brotli_coded(page());
    if (coding == "zstd") return zstd_coded(page());
    return zstd_coded(brotli_coded(page()));
}

std::string field_for(std::string_view coding) { return coding == "both" ? "br, zstd" : std::string(coding); }

/// Sends the page in the coding that the path names; behind /short/ the last bytes are missing.
async<reply> encoding(incoming& request) {
    const std::string_view path = request.path();
    const std::string_view coding = path.substr(path.rfind('/') + 1);
    std::string body = coded(coding);
    if (path.starts_with("/short/")) body.resize(body.size() - 3);
    reply r(200, std::move(body));
    if (path.starts_with("/pieces/")) {
        const std::string all = coded(coding);
        std::vector<std::string> some;
        for (std::size_t at = 0; at < all.size(); at += 1000) some.push_back(all.substr(at, 1000));
        r.body = std::unique_ptr<body_source>(std::make_unique<pieces>(std::move(some)));
    }
    r.headers.set("content-encoding", field_for(coding));
    r.headers.set("x-accepted", request.headers().get("accept-encoding", ""));
    co_return r;
}

const std::vector<std::string> modern{"br", "zstd", "both"};

TORUS_IO_TEST(codings, of_our_server_are_decoded_by_our_client) {
    server srv = co_await serve(encoding, "127.0.0.1", 0);
    client c;
    for (const std::string& coding : modern) {
        for (const char* way : {"/whole/", "/pieces/"}) {
            response r = co_await c.get(url_of(srv, way + coding));
            const std::string body = co_await r.text();
            EXPECT_TRUE(body == page()) << way << coding << ": " << body.size() << " bytes";
        }
    }
    EXPECT_EQ(c.connections(), 1u);
}

TORUS_IO_TEST(codings, are_those_that_our_client_asks_for) {
    server srv = co_await serve(encoding, "127.0.0.1", 0);
    client c;
    const response r = co_await c.get(url_of(srv, "/whole/br"));
    const std::string_view accepted = r.headers.get("x-accepted", "");
    EXPECT_NE(accepted.find("br"), std::string_view::npos) << accepted;
    EXPECT_NE(accepted.find("zstd"), std::string_view::npos) << accepted;
}

TORUS_IO_TEST(codings, are_left_as_they_are_if_asked_to) {
    server srv = co_await serve(encoding, "127.0.0.1", 0);
    client c;
    exchange_options how;
    how.body_coding = exchange_options::coding::as_sent;
    for (const std::string& coding : modern) {
        response r = co_await c.get(url_of(srv, "/whole/" + coding), how);
        const std::string body = co_await r.text();
        EXPECT_TRUE(body == coded(coding)) << coding << ": " << body.size() << " bytes";
    }
}

TORUS_IO_TEST(codings, that_end_too_early_are_an_error) {
    server srv = co_await serve(encoding, "127.0.0.1", 0);
    client c;
    for (const std::string& coding : modern) {
        response r = co_await c.get(url_of(srv, "/short/" + coding));
        const fault f = co_await fault_of(r.text());
        EXPECT_EQ(f, fault::protocol) << coding;
    }
}

TORUS_IO_TEST(codings, that_are_not_known_are_an_error_of_the_body_alone) {
    for (const char* coding : {"foo", "gzip, br, zstd"}) {
        raw_server srv =
            co_await answering_always(answer("12345", "content-encoding: " + std::string(coding) + "\r\n"));
        client c;
        response r = co_await c.get(srv.url());
        EXPECT_EQ(r.status, 200);
        EXPECT_EQ(r.headers.get("content-encoding", ""), coding);
        for (int i = 0; i < 2; ++i) {
            const fault f = co_await fault_of(r.text());
            EXPECT_EQ(f, fault::protocol);
        }
        EXPECT_EQ(c.connections(), 0u);
        const response unread = co_await c.get(srv.url());
        EXPECT_EQ(unread.status, 200);
    }
}

TORUS_IO_TEST(codings, that_are_not_known_do_not_matter_where_a_redirect_leads_on) {
    raw_server srv = co_await answering(
        "HTTP/1.1 302 Elsewhere\r\nlocation: /b\r\ncontent-encoding: foo\r\ncontent-length: 1\r\n\r\nx",
        answer("here"));
    client c;
    response r = co_await c.get(srv.url("/a"));
    EXPECT_EQ(co_await r.text(), "here");
}

TORUS_IO_TEST(codings, count_with_what_they_decode_to) {
    server srv = co_await serve(encoding, "127.0.0.1", 0);
    client c;
    exchange_options how;
    how.max_body = page().size() - 1;
    for (const std::string& coding : modern) {
        response r = co_await c.get(url_of(srv, "/whole/" + coding), how);
        const fault f = co_await fault_of(r.text());
        EXPECT_EQ(f, fault::too_large) << coding;
    }
}

}  // namespace
}  // namespace torus::http::testing
