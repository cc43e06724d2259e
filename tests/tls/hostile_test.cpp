// tests/tls/hostile_test.cpp: peers that lie, attack or talk nonsense.
#include "pair.hpp"
#include "raw_peer.hpp"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

namespace torus::tls::testing {
namespace {

TEST(tls_hostile, renegotiation_is_refused) {
    engine server(test_server_context());
    raw_peer client(raw_peer::client, TLS1_2_VERSION);
    client.shake(server);
    ASSERT_TRUE(server.is_established());
    ASSERT_EQ(SSL_renegotiate(client.ssl()), 1);
    SSL_do_handshake(client.ssl());
    ERR_clear_error();
    client.exchange(server);
    EXPECT_EQ(listen(server).last, step::want_input);  // the warning no_renegotiation, and life goes on
    client.exchange(server);
    EXPECT_LE(SSL_do_handshake(client.ssl()), 0);
    EXPECT_EQ(ERR_GET_REASON(ERR_peek_last_error()), SSL_R_NO_RENEGOTIATION);
    ERR_clear_error();
}

TEST(tls_hostile, compression_is_not_offered) {
    engine server(test_server_context());
    raw_peer client(raw_peer::client, TLS1_2_VERSION);
    SSL_clear_options(client.ssl(), SSL_OP_NO_COMPRESSION);
    client.shake(server);
    ASSERT_TRUE(server.is_established());
    EXPECT_EQ(SSL_get_current_compression(client.ssl()), nullptr);
}

TEST(tls_hostile, older_versions_are_refused) {
    engine server(test_server_context());
    raw_peer client(raw_peer::client, TLS1_1_VERSION);
    SSL_set_security_level(client.ssl(), 0);
    SSL_set_min_proto_version(client.ssl(), TLS1_VERSION);
    client.shake(server);
    EXPECT_EQ(why(server).reason(), reason::handshake_failure);
    EXPECT_STREQ(why(server).what(), "no TLS version in common with the peer");
}

TEST(tls_hostile, weak_ciphers_are_refused) {
    engine server(test_server_context({.max_version = version::tls_1_2}));
    raw_peer client(raw_peer::client, TLS1_2_VERSION);
    SSL_set_cipher_list(client.ssl(), "ECDHE-ECDSA-AES128-SHA");
    client.shake(server);
    EXPECT_STREQ(why(server).what(), "no cipher or kind of key in common with the peer");
}

TEST(tls_hostile, key_updates_without_end_are_cut_off) {
    engine server(test_server_context(), {.output = 1000, .unasked_output = 1000});
    raw_peer client(raw_peer::client, TLS1_3_VERSION);
    client.shake(server);
    ASSERT_TRUE(server.is_established());
    step last = step::want_input;
    for (int i = 0; i < 20'000 && last == step::want_input; ++i) {
        ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
        ASSERT_EQ(SSL_do_handshake(client.ssl()), 1);
        client.send(server);
        last = listen(server).last;
    }
    EXPECT_EQ(last, step::failed);
    EXPECT_EQ(server.failure().reason(), reason::protocol);
    EXPECT_STREQ(server.failure().what(), "the peer asks for answers, but does not receive them");
    EXPECT_LT(server.waiting_to_be_sent(), 64u * 1024);
}

TEST(tls_hostile, nonsense_never_does_more_than_fail) {
    const auto server_context = test_server_context({.alpn = "h2"});
    const auto client_context = test_client_context();
    std::mt19937 random(20260131);
    for (int round = 0; round < 500; ++round) {
        std::vector<std::byte> noise(random() % 2000);
        for (auto& byte : noise) byte = static_cast<std::byte>(random());
        if (noise.size() > 5 && round % 2 == 0) {  // a plausible record header gets further
            const unsigned char header[] = {static_cast<unsigned char>(20 + random() % 5), 3, 3, 0, 200};
            std::copy_n(reinterpret_cast<const std::byte*>(header), 5, noise.begin());
        }
        engine server(server_context);
        server.feed(noise);
        server.handshake();
        engine client(client_context, {.host = "a.example"});
        client.handshake();
        client.feed(noise);
        client.handshake();
        client.received_end();
        EXPECT_EQ(client.handshake(), step::failed);
        expect_clean_error_queue();
    }
}

TEST(tls_hostile, a_flipped_bit_anywhere_never_does_more_than_fail) {
    const auto server_context = test_server_context();
    const auto client_context = test_client_context();
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        pair both(client_context, server_context);
        std::size_t until = random() % 3000;
        for (int turn = 0; turn < 8; ++turn) {
            both.client.handshake();
            both.server.handshake();
            for (auto [from, to] : {std::pair(&both.client, &both.server), std::pair(&both.server, &both.client)}) {
                std::vector<std::byte> flight(from->to_send().begin(), from->to_send().end());
                from->sent(flight.size());
                if (until < flight.size()) flight[until] ^= static_cast<std::byte>(1u << random() % 8);
                until -= std::min(until, flight.size());
                to->feed(flight);
            }
            expect_clean_error_queue();
        }
        listen(both.client);
        listen(both.server);
    }
}

}  // namespace
}  // namespace torus::tls::testing
