// tests/tls/handshake_test.cpp: two sides agree, or say why they don't.
#include "pair.hpp"

namespace torus::tls::testing {
namespace {

TEST(tls_handshake, agrees_on_the_newest_version_and_names_what_was_agreed_on) {
    pair both(test_client_context({.alpn = "h2,http/1.1"}), test_server_context({.alpn = "http/1.1,h2"}));
    both.shake();
    ASSERT_TRUE(both.established());
    const auto seen = both.client.result();
    EXPECT_EQ(seen.version, version::tls_1_3);
    EXPECT_EQ(seen.cipher, "TLS_AES_256_GCM_SHA384");
    EXPECT_EQ(seen.alpn, "http/1.1");  // the server chooses
    EXPECT_EQ(seen.server_name, "a.example");
    EXPECT_FALSE(seen.resumed);
    ASSERT_TRUE(seen.peer);
    EXPECT_EQ(seen.peer->subject, "CN=torus test server");
    EXPECT_EQ(seen.peer->issuer, "CN=torus test authority");
    const std::vector<std::string> names{"a.example", "b.example", "*.wild.example", "127.0.0.1", "::1"};
    EXPECT_EQ(seen.peer->names, names);
    EXPECT_EQ(seen.peer->not_after - seen.peer->not_before, std::chrono::days(31));
    EXPECT_EQ(seen.peer->sha256.size(), 64u);

    const auto served = both.server.result();
    EXPECT_EQ(served.alpn, "http/1.1");
    EXPECT_EQ(served.server_name, "a.example");
    EXPECT_FALSE(served.peer);
    EXPECT_EQ(both.client.alpn(), both.server.alpn());
}

TEST(tls_handshake, works_byte_by_byte_in_both_versions) {
    for (const version only : {version::tls_1_2, version::tls_1_3}) {
        pair both(test_client_context({.max_version = only}), test_server_context({.min_version = only}));
        both.shake(1);
        ASSERT_TRUE(both.established()) << to_string(only);
        EXPECT_EQ(both.client.result().version, only);
        EXPECT_EQ(transfer(both.client, both.server, "ping", 1), "ping");
        EXPECT_EQ(transfer(both.server, both.client, "pong", 1), "pong");
    }
}

TEST(tls_handshake, is_done_by_the_first_read_or_write_if_nobody_asked_for_it) {
    pair both(test_client_context(), test_server_context());
    EXPECT_EQ(both.client.write(bytes("hello")).step, step::want_input);
    carry(both.client, both.server);
    std::byte buffer[16];
    EXPECT_EQ(both.server.read(buffer).step, step::want_input);
    carry(both.server, both.client);
    EXPECT_EQ(both.client.write(bytes("hello")).bytes, 5u);
    carry(both.client, both.server);
    EXPECT_EQ(both.server.read(buffer).bytes, 5u);
}

TEST(tls_handshake, agrees_on_no_protocol_if_one_side_names_none) {
    pair offered(test_client_context({.alpn = "h2"}), test_server_context());
    offered.shake();
    EXPECT_TRUE(offered.established());
    EXPECT_EQ(offered.client.alpn(), "");
    pair wanted(test_client_context(), test_server_context({.alpn = "h2"}));
    wanted.shake();
    EXPECT_TRUE(wanted.established());
    EXPECT_EQ(wanted.server.alpn(), "");
}

TEST(tls_handshake, fails_on_both_sides_if_the_offered_protocols_are_not_spoken) {
    pair both(test_client_context({.alpn = "h2"}), test_server_context({.alpn = "http/1.1"}));
    both.shake();
    EXPECT_EQ(why(both.server).reason(), reason::handshake_failure);
    EXPECT_STREQ(why(both.server).what(), "the client offers none of the protocols spoken here (ALPN)");
    EXPECT_EQ(why(both.client).reason(), reason::refused);
    EXPECT_STREQ(why(both.client).what(), "the peer speaks none of the protocols offered (ALPN) (alert 120)");
}

TEST(tls_handshake, fails_on_both_sides_without_a_version_in_common) {
    pair both(test_client_context({.max_version = version::tls_1_2}),
              test_server_context({.min_version = version::tls_1_3}));
    both.shake();
    EXPECT_EQ(why(both.server).reason(), reason::handshake_failure);
    EXPECT_STREQ(why(both.server).what(), "no TLS version in common with the peer");
    EXPECT_EQ(why(both.client).reason(), reason::refused);
    EXPECT_STREQ(why(both.client).what(), "the peer speaks no TLS version that is allowed here (alert 70)");
}

TEST(tls_handshake, names_a_peer_that_speaks_plain_http) {
    engine client(test_client_context(), {.host = "a.example"});
    client.handshake();
    client.feed(bytes("HTTP/1.1 400 Bad Request\r\n\r\n"));
    EXPECT_EQ(client.handshake(), step::failed);
    EXPECT_EQ(client.failure().reason(), reason::handshake_failure);
    EXPECT_STREQ(client.failure().what(), "the peer does not speak TLS (plain HTTP perhaps?)");

    engine server(test_server_context());
    server.feed(bytes("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"));
    EXPECT_EQ(server.handshake(), step::failed);
    EXPECT_STREQ(server.failure().what(), "the peer does not speak TLS (plain HTTP perhaps?)");
    expect_clean_error_queue();
}

TEST(tls_handshake, that_the_transport_cuts_off_is_truncated) {
    pair both(test_client_context(), test_server_context());
    both.client.handshake();
    carry(both.client, both.server, 50);
    EXPECT_EQ(both.server.handshake(), step::want_input);
    both.server.received_end();
    EXPECT_EQ(both.server.handshake(), step::failed);
    EXPECT_EQ(both.server.failure().reason(), reason::truncated);
    EXPECT_STREQ(both.server.failure().what(), "the peer closed the connection during the TLS handshake");
    expect_clean_error_queue();
}

TEST(tls_handshake, stays_failed_whatever_is_tried_next) {
    engine client(test_client_context(), {.host = "a.example"});
    client.feed(bytes("nonsense nonsense nonsense"));
    EXPECT_EQ(client.handshake(), step::failed);
    const std::string text = client.failure().what();
    std::byte buffer[1];
    EXPECT_EQ(client.read(buffer).step, step::failed);
    EXPECT_EQ(client.write(bytes("x")).step, step::failed);
    EXPECT_EQ(client.close(), step::failed);
    EXPECT_EQ(client.failure().what(), text);
}

TEST(tls_handshake, gives_each_name_its_certificate) {
    auto& authority = test_authority();
    const issued first = authority.issue({.common_name = "first", .names = {"DNS:first.example"}});
    const issued wild = authority.issue({.common_name = "wild", .names = {"DNS:*.Wild.example", "DNS:both.example"}});
    const issued other = authority.issue(
        {.common_name = "other", .names = {"DNS:other.example", "DNS:both.example"}, .key = key_kind::ed25519});
    const identity who[] = {first.identity(), wild.identity(), other.identity()};
    const auto server = context::server(who);
    const auto client = test_client_context();
    const auto subject = [&](std::string_view name) {
        pair both(client, server, {.host = name});
        both.shake();
        const auto seen = both.client.result().peer;
        return seen ? seen->subject : std::string("none");
    };
    EXPECT_EQ(subject("first.example"), "CN=first");
    EXPECT_EQ(subject("x.wild.example"), "CN=wild");
    EXPECT_EQ(subject("X.WILD.example"), "CN=wild");
    EXPECT_EQ(subject("other.example"), "CN=other");

    pair unknown(context::insecure(), server, {.host = "unknown.example"});
    unknown.shake();
    EXPECT_EQ(unknown.client.result().peer.value().subject, "CN=first");
    pair nameless(context::insecure(), server, {.host = ""});
    nameless.shake();
    EXPECT_EQ(nameless.client.result().peer.value().subject, "CN=first");
    EXPECT_EQ(nameless.server.result().server_name, "");
    pair both_kinds(client, server, {.host = "both.example"});
    both_kinds.shake();
    EXPECT_TRUE(both_kinds.established());
}

}  // namespace
}  // namespace torus::tls::testing
