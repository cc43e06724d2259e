// tests/tls/resumption_test.cpp: a client that comes back is spared the long handshake.
#include "pair.hpp"

namespace torus::tls::testing {
namespace {

bool resumes(const context& client, const context& server, const peer& whom = {.host = "a.example", .port = 443}) {
    pair both(client, server, whom);
    both.shake();
    EXPECT_TRUE(both.established());
    EXPECT_EQ(transfer(both.client, both.server, "ping"), "ping");
    EXPECT_EQ(transfer(both.server, both.client, "pong"), "pong");  // TLS 1.3 sends its tickets after the handshake
    EXPECT_EQ(both.client.result().resumed, both.server.result().resumed);
    EXPECT_EQ(both.client.result().peer.value().subject, "CN=torus test server");
    return both.client.result().resumed;
}

TEST(tls_resumption, happens_every_time_but_the_first_in_both_versions) {
    for (const version only : {version::tls_1_2, version::tls_1_3}) {
        const auto client = test_client_context({.max_version = only});
        const auto server = test_server_context({.min_version = only});
        EXPECT_FALSE(resumes(client, server)) << to_string(only);
        // Each visit brings a new ticket, or else the two of the first one would soon be used up.
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(resumes(client, server)) << to_string(only) << ", " << i;
    }
}

TEST(tls_resumption, is_per_name_and_port_and_context) {
    const auto client = test_client_context();
    const auto server = test_server_context();
    EXPECT_FALSE(resumes(client, server));
    EXPECT_FALSE(resumes(client, server, {.host = "b.example", .port = 443}));
    EXPECT_FALSE(resumes(client, server, {.host = "a.example", .port = 444}));
    EXPECT_FALSE(resumes(test_client_context(), server));
    EXPECT_TRUE(resumes(client, server));
}

TEST(tls_resumption, survives_a_connection_that_was_cut_off) {
    const auto client = test_client_context();
    const auto server = test_server_context();
    {
        pair both(client, server);
        both.shake();
        both.client.received_end();
        EXPECT_EQ(listen(both.client).last, step::failed);
        EXPECT_EQ(both.client.failure().reason(), reason::truncated);
    }
    EXPECT_TRUE(resumes(client, server));
}

TEST(tls_resumption, is_not_tried_with_a_server_that_forgot) {
    const auto client = test_client_context();
    EXPECT_FALSE(resumes(client, test_server_context()));
    EXPECT_FALSE(resumes(client, test_server_context()));  // other ticket keys: a full handshake, not a failure
}

TEST(tls_resumption, works_for_addresses_too) {
    const auto client = test_client_context();
    const auto server = test_server_context();
    EXPECT_FALSE(resumes(client, server, {.host = "127.0.0.1", .port = 1}));
    EXPECT_TRUE(resumes(client, server, {.host = "127.0.0.1", .port = 1}));
}

TEST(tls_resumption, does_not_carry_a_session_past_a_check_it_would_fail) {
    // The insecure context's session is its own: the careful one still refuses the same server.
    const issued own = self_signed({.common_name = "x", .names = {"DNS:a.example"}});
    const auto server = context::server(own.identity());
    const auto careless = context::insecure();
    for (int i = 0; i < 2; ++i) {
        pair both(careless, server);
        both.shake();
        EXPECT_TRUE(both.established());
    }
    pair both(test_client_context(), server);
    both.shake();
    EXPECT_EQ(why(both.client).reason(), reason::self_signed);
}

TEST(tls_resumption, works_with_many_connections_at_once) {
    const auto client = test_client_context();
    const auto server = test_server_context();
    EXPECT_FALSE(resumes(client, server));
    pair one(client, server), two(client, server), three(client, server);  // the server gave two tickets
    for (pair* each : {&one, &two, &three}) each->shake();
    EXPECT_TRUE(one.client.result().resumed);
    EXPECT_TRUE(two.client.result().resumed);
    EXPECT_FALSE(three.client.result().resumed);
}

}  // namespace
}  // namespace torus::tls::testing
