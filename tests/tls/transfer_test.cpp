// tests/tls/transfer_test.cpp: bytes through an established connection, and how it ends.
#include "pair.hpp"
#include "raw_peer.hpp"

#include <array>
#include <vector>

#include <openssl/pem.h>

namespace torus::tls::testing {
namespace {

std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
    return text;
}

pair connected(version only = version::tls_1_3, const engine_limits& limits = {}) {
    return {test_client_context({.max_version = only}),
            test_server_context({.min_version = only}),
            {.host = "a.example", .port = 443},
            limits};
}

class tls_transfer : public ::testing::TestWithParam<version> {
protected:
    void SetUp() override {
        both.shake();
        ASSERT_TRUE(both.established());
    }
    pair both = connected(GetParam());
};

INSTANTIATE_TEST_SUITE_P(, tls_transfer, ::testing::Values(version::tls_1_2, version::tls_1_3),
                         [](const auto& each) { return each.param == version::tls_1_2 ? "tls_1_2" : "tls_1_3"; });

TEST_P(tls_transfer, carries_megabytes_in_both_directions) {
    const std::string text = pattern(3'000'000);
    EXPECT_TRUE(transfer(both.client, both.server, text) == text);
    EXPECT_TRUE(transfer(both.server, both.client, text) == text);
    EXPECT_TRUE(transfer(both.client, both.server, text, 1000) == text);
}

TEST_P(tls_transfer, carries_both_directions_at_the_same_time) {
    const std::string text = pattern(500'000);
    std::string_view to_server = text, to_client = text;
    std::string at_server, at_client;
    while (at_server.size() < text.size() || at_client.size() < text.size()) {
        const moved a = both.client.write(bytes(to_server));
        const moved b = both.server.write(bytes(to_client));
        to_server.remove_prefix(a.bytes);
        to_client.remove_prefix(b.bytes);
        const bool moving = carry(both.client, both.server, 7000) + carry(both.server, both.client, 9000) != 0;
        at_server += listen(both.server).text;
        at_client += listen(both.client).text;
        ASSERT_TRUE(moving || at_client.size() == text.size());
    }
    EXPECT_TRUE(at_server == text);
    EXPECT_TRUE(at_client == text);
}

TEST_P(tls_transfer, survives_a_full_record_that_comes_byte_by_byte) {
    const std::string text = pattern(16384);
    EXPECT_EQ(both.client.write(bytes(text)).bytes, text.size());
    const auto record = both.client.to_send();
    EXPECT_GT(record.size(), text.size());
    EXPECT_LT(record.size(), text.size() + 100);
    std::byte buffer[1];
    while (both.client.waiting_to_be_sent() > 1) {
        carry(both.client, both.server, 1);
        ASSERT_EQ(both.server.read(buffer).step, step::want_input);
    }
    carry(both.client, both.server, 1);
    EXPECT_TRUE(listen(both.server).text == text);
}

TEST_P(tls_transfer, splits_a_large_write_into_records_and_stops_at_the_mark) {
    const std::string text = pattern(1'000'000);
    const moved first = both.client.write(bytes(text));
    EXPECT_EQ(first.step, step::done);
    EXPECT_EQ(first.bytes, 4u * 16384);  // the fourth record reaches the mark of 64 KiB
    EXPECT_EQ(both.client.to_send().size(), both.client.waiting_to_be_sent());  // in one piece: one send(2)
    EXPECT_EQ(both.client.write(bytes(text)).step, step::want_output);
    EXPECT_EQ(both.client.write(bytes(text)).bytes, 0u);
    both.client.sent(20'000);
    EXPECT_EQ(both.client.write(bytes(text)).step, step::done);
}

TEST_P(tls_transfer, moves_nothing_where_nothing_is_asked) {
    EXPECT_EQ(both.client.write({}).step, step::done);
    EXPECT_EQ(both.client.read({}).step, step::done);
    EXPECT_EQ(both.client.waiting_to_be_sent(), 0u);
}

TEST_P(tls_transfer, ends_cleanly_on_both_sides) {
    both.client.write(bytes("last words"));
    EXPECT_EQ(both.client.close(), step::done);
    EXPECT_EQ(both.client.close(), step::done);
    EXPECT_EQ(both.client.write(bytes("more")).step, step::closed);
    carry(both.client, both.server);
    both.server.received_end();
    const heard got = listen(both.server);
    EXPECT_EQ(got.text, "last words");
    EXPECT_EQ(got.last, step::closed);
    EXPECT_EQ(listen(both.server).last, step::closed);
    EXPECT_EQ(both.server.close(), step::done);
    carry(both.server, both.client);
    both.client.received_end();
    EXPECT_EQ(listen(both.client).last, step::closed);
    expect_clean_error_queue();
}

TEST_P(tls_transfer, goes_on_in_one_direction_after_the_other_was_closed) {
    EXPECT_EQ(both.client.close(), step::done);
    carry(both.client, both.server);
    EXPECT_EQ(listen(both.server).last, step::closed);
    const std::string text = pattern(100'000);
    EXPECT_TRUE(transfer(both.server, both.client, text) == text);
    EXPECT_EQ(both.server.close(), step::done);
    carry(both.server, both.client);
    EXPECT_EQ(listen(both.client).last, step::closed);
}

TEST_P(tls_transfer, that_ends_without_a_goodbye_is_truncated) {
    both.server.write(bytes("half a senten"));
    carry(both.server, both.client);
    both.client.received_end();
    const heard got = listen(both.client);
    EXPECT_EQ(got.text, "half a senten");
    EXPECT_EQ(got.last, step::failed);
    EXPECT_EQ(both.client.failure().reason(), reason::truncated);
    EXPECT_STREQ(both.client.failure().what(), "truncated: the peer closed the connection without close_notify");
    expect_clean_error_queue();
}

TEST_P(tls_transfer, that_ends_in_the_middle_of_a_record_is_truncated) {
    both.server.write(bytes(pattern(5000)));
    carry(both.server, both.client, 3000);
    both.client.received_end();
    const heard got = listen(both.client);
    EXPECT_EQ(got.text, "");
    EXPECT_EQ(got.last, step::failed);
    EXPECT_EQ(both.client.failure().reason(), reason::truncated);
}

TEST_P(tls_transfer, holds_no_buffers_while_idle) {
    EXPECT_EQ(listen(both.client).last, step::want_input);  // the tickets of TLS 1.3
    EXPECT_FALSE(both.client.holds_buffers());
    EXPECT_FALSE(both.server.holds_buffers());
    transfer(both.client, both.server, pattern(200'000));
    EXPECT_FALSE(both.client.holds_buffers());
    EXPECT_FALSE(both.server.holds_buffers());
}

TEST_P(tls_transfer, refuses_a_forged_record) {
    both.client.write(bytes("pay 10 to me"));
    std::vector<std::byte> forged(both.client.to_send().begin(), both.client.to_send().end());
    forged.back() ^= std::byte{1};
    both.server.feed(forged);
    EXPECT_EQ(listen(both.server).last, step::failed);
    EXPECT_EQ(both.server.failure().reason(), reason::protocol);
    carry(both.server, both.client);  // the alert
    EXPECT_EQ(listen(both.client).last, step::failed);
    EXPECT_EQ(both.client.failure().reason(), reason::refused);
    EXPECT_STREQ(both.client.failure().what(), "the peer ended the connection: bad record mac (alert 20)");
}

TEST(tls_transfer_keys, are_replaced_before_they_wear_out) {
    pair both = connected(version::tls_1_3, {.records_per_key = 3});
    both.shake();
    const std::string text = pattern(400'000);
    EXPECT_TRUE(transfer(both.client, both.server, text) == text);
    EXPECT_TRUE(transfer(both.server, both.client, text, 100) == text);
    pair old = connected(version::tls_1_2, {.records_per_key = 3});
    old.shake();
    EXPECT_TRUE(transfer(old.client, old.server, text) == text);
}

/// A server whose ticket is a message of several records, because the client's certificate is in it.
struct long_winded_server : raw_peer {
    long_winded_server() : raw_peer(raw_peer::server, TLS1_3_VERSION) {
        const std::string& certificate = test_server().certificate;
        const std::string& key = test_server().key;
        const bio_pointer first(BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size())));
        const bio_pointer second(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
        const certificate_pointer shown(PEM_read_bio_X509(first.get(), nullptr, nullptr, nullptr));
        const key_pointer its_key(PEM_read_bio_PrivateKey(second.get(), nullptr, nullptr, nullptr));
        SSL_CTX_use_cert_and_key(context(), shown.get(), its_key.get(), nullptr, 1);
        SSL_CTX_set_max_send_fragment(context(), record);
        SSL_CTX_set_session_id_context(context(), reinterpret_cast<const unsigned char*>("x"), 1);
        SSL_CTX_set_verify(context(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
    }

    static constexpr std::size_t record = 512;  // the least that TLS allows for
};

class tls_transfer_in_pieces : public ::testing::Test {
protected:
    tls_transfer_in_pieces() {
        server.shake(client);
        server.send(client, 2 * long_winded_server::record);  // a part of the first ticket
    }

    static const issued& talkative() {
        static const issued only = [] {
            wish named{.common_name = "a client with many names"};
            for (int i = 0; i < 50; ++i) named.names.push_back("DNS:name-number-" + std::to_string(i) + ".example");
            return test_authority().issue(named);
        }();
        return only;
    }

    engine client{test_client_context({.identity = talkative().identity()}), {.host = "a.example"}};
    long_winded_server server;
};

TEST_F(tls_transfer_in_pieces, a_message_holds_up_writes_and_a_goodbye) {
    ASSERT_TRUE(client.is_established());
    EXPECT_EQ(listen(client).last, step::want_input);
    EXPECT_EQ(client.write(bytes("hello")).step, step::want_input);
    EXPECT_EQ(client.close(), step::want_input);
    server.send(client);
    EXPECT_EQ(client.write(bytes("hello")).bytes, 5u);
    EXPECT_EQ(client.close(), step::done);
    server.receive(client);
    char buffer[10];
    EXPECT_EQ(SSL_read(server.ssl(), buffer, sizeof buffer), 5);
    EXPECT_EQ(SSL_get_error(server.ssl(), SSL_read(server.ssl(), buffer, sizeof buffer)), SSL_ERROR_ZERO_RETURN);
    expect_clean_error_queue();
}

TEST_F(tls_transfer_in_pieces, a_message_that_never_comes_whole_is_truncated) {
    ASSERT_TRUE(client.is_established());
    EXPECT_EQ(listen(client).last, step::want_input);
    client.received_end();
    EXPECT_EQ(client.close(), step::failed);
    EXPECT_EQ(client.failure().reason(), reason::truncated);
}

}  // namespace
}  // namespace torus::tls::testing
