// tests/tls/client_certificate_test.cpp: servers that want to know who their clients are.
#include "pair.hpp"

namespace torus::tls::testing {
namespace {

const issued& client_identity() {
    static const issued only = test_authority().issue({.common_name = "the client", .usage = usage::client});
    return only;
}

context asking_server(client_certificate how, version newest = version::tls_1_3) {
    return test_server_context(
        {.client_certificate = how, .trust = pem(test_authority().certificate()), .max_version = newest});
}

/// Shakes hands, then lets the client hear what the server thinks: in TLS 1.3 it is done before the server is.
void meet(pair& both) {
    both.shake();
    listen(both.client);
}

TEST(tls_client_certificate, is_shown_and_verified) {
    for (const version only : {version::tls_1_2, version::tls_1_3}) {
        pair both(test_client_context({.identity = client_identity().identity()}),
                  asking_server(client_certificate::required, only));
        meet(both);
        ASSERT_TRUE(both.established());
        EXPECT_EQ(both.server.result().peer.value().subject, "CN=the client");
        EXPECT_EQ(transfer(both.client, both.server, "hello"), "hello");
    }
}

TEST(tls_client_certificate, that_is_required_and_missing_ends_the_connection_with_words_on_both_sides) {
    pair both(test_client_context(), asking_server(client_certificate::required));
    meet(both);
    EXPECT_EQ(why(both.server).reason(), reason::certificate_required);
    EXPECT_STREQ(why(both.server).what(), "the client showed no certificate, and one is required");
    EXPECT_EQ(why(both.client).reason(), reason::certificate_required);
    EXPECT_STREQ(why(both.client).what(), "the peer requires a client certificate (alert 116)");
}

TEST(tls_client_certificate, that_is_missing_under_tls_1_2_ends_the_handshake) {
    pair both(test_client_context(), asking_server(client_certificate::required, version::tls_1_2));
    meet(both);
    EXPECT_EQ(why(both.server).reason(), reason::certificate_required);
    EXPECT_EQ(why(both.client).reason(), reason::refused);
    EXPECT_FALSE(both.established());
}

TEST(tls_client_certificate, may_be_missing_if_it_is_only_requested) {
    pair without(test_client_context(), asking_server(client_certificate::requested));
    meet(without);
    ASSERT_TRUE(without.established());
    EXPECT_FALSE(without.server.result().peer);
    pair with(test_client_context({.identity = client_identity().identity()}),
              asking_server(client_certificate::requested));
    meet(with);
    EXPECT_EQ(with.server.result().peer.value().subject, "CN=the client");
}

TEST(tls_client_certificate, of_a_stranger_is_refused_even_if_only_requested) {
    authority stranger("stranger");
    const issued unknown = stranger.issue({.common_name = "nobody"});
    for (const auto how : {client_certificate::requested, client_certificate::required}) {
        pair both(test_client_context({.identity = unknown.identity()}), asking_server(how));
        meet(both);
        EXPECT_EQ(why(both.server).reason(), reason::unknown_authority);
        EXPECT_EQ(why(both.client).reason(), reason::refused);
        EXPECT_STREQ(why(both.client).what(), "the peer does not trust the authority of our certificate (alert 48)");
    }
}

TEST(tls_client_certificate, that_has_expired_is_refused) {
    const issued old = test_authority().issue({.common_name = "old", .from_days = -9, .until_days = -2});
    pair both(test_client_context({.identity = old.identity()}), asking_server(client_certificate::required));
    meet(both);
    EXPECT_EQ(why(both.server).reason(), reason::certificate_expired);
    EXPECT_STREQ(why(both.client).what(), "the peer says that our certificate has expired (alert 45)");
}

TEST(tls_client_certificate, that_was_revoked_is_refused) {
    const std::string list = test_authority().revoke({client_identity().certificate});
    const auto server = test_server_context({.client_certificate = client_certificate::required,
                                             .trust = pem(test_authority().certificate()),
                                             .revoked = pem(list)});
    pair both(test_client_context({.identity = client_identity().identity()}), server);
    meet(both);
    EXPECT_EQ(why(both.server).reason(), reason::revoked);
    EXPECT_EQ(why(both.client).reason(), reason::refused);
}

TEST(tls_client_certificate, is_not_shown_to_a_server_that_ignores_it) {
    pair both(test_client_context({.identity = client_identity().identity()}), test_server_context());
    meet(both);
    EXPECT_TRUE(both.established());
    EXPECT_FALSE(both.server.result().peer);
}

TEST(tls_client_certificate, stays_known_in_a_resumed_session) {
    const auto client = test_client_context({.identity = client_identity().identity()});
    const auto server = asking_server(client_certificate::required);
    {
        pair first(client, server);
        meet(first);
        ASSERT_TRUE(first.established());
    }
    pair again(client, server);
    meet(again);
    ASSERT_TRUE(again.established());
    EXPECT_TRUE(again.server.result().resumed);
    EXPECT_EQ(again.server.result().peer.value().subject, "CN=the client");
}

}  // namespace
}  // namespace torus::tls::testing
