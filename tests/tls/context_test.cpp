// tests/tls/context_test.cpp: configurations that work, and what is said about those that don't.
#include "pair.hpp"
#include "scratch_folder.hpp"

#include <array>
#include <thread>
#include <type_traits>

namespace torus::tls::testing {
namespace {

using torus::testing::scratch_folder;

static_assert(std::is_trivially_destructible_v<client_options> && std::is_trivially_destructible_v<server_options> &&
              std::is_trivially_destructible_v<identity>);

/// What `make` is told to be wrong.
template <typename Make>
std::string complaint(Make make) {
    try {
        make();
    } catch (const error& wrong) {
        EXPECT_EQ(wrong.reason(), reason::configuration);
        expect_clean_error_queue();
        return wrong.what();
    }
    return "nothing";
}

TEST(tls_context, reads_files_texts_and_directories) {
    scratch_folder scratch;
    const auto chain = scratch.write("chain.pem", test_server().certificate);
    const auto key = scratch.write("key.pem", test_server().key);
    const auto together = scratch.write("together.pem", test_server().key + test_server().certificate);
    scratch_folder authorities;
    authorities.write("ca.crt", test_authority().certificate());
    authorities.write("readme.txt", "not a certificate");
    const auto trust = authorities.write("again.pem", test_authority().certificate());

    const auto two_files = context::server({file(chain), file(key)});
    const auto one_file = context::server({file(together)});
    for (const auto& server : {two_files, one_file}) {
        for (const source from : {file(trust), directory(authorities.path()), pem(test_authority().certificate())}) {
            pair both(context::client({.trust = from}), server);
            both.shake();
            EXPECT_TRUE(both.established());
        }
    }
    EXPECT_TRUE(two_files.is_server());
    EXPECT_FALSE(context::insecure().is_server());
}

TEST(tls_context, opens_an_encrypted_key_with_its_passphrase) {
    const std::string locked = encrypted(test_server().key, "open sesame");
    pair both(test_client_context(), context::server({pem(test_server().certificate), pem(locked), "open sesame"}));
    both.shake();
    EXPECT_TRUE(both.established());
    EXPECT_EQ(complaint([&] { context::server({pem(test_server().certificate), pem(locked), "open barley"}); }),
              "the passphrase does not fit the private key in the PEM text");
    EXPECT_EQ(complaint([&] { context::server({pem(test_server().certificate), pem(locked)}); }),
              "the private key in the PEM text needs a passphrase");
}

TEST(tls_context, names_the_file_that_cannot_be_read) {
    EXPECT_EQ(complaint([] { context::client({.trust = file("/nowhere/ca.pem")}); }),
              "cannot read \"/nowhere/ca.pem\": No such file or directory");
    EXPECT_EQ(complaint([] { context::client({.trust = directory("/nowhere")}); }),
              "cannot read directory \"/nowhere\": No such file or directory");
    EXPECT_EQ(complaint([] { context::client({.trust = file("/tmp")}); }), "cannot read \"/tmp\": Is a directory");
    EXPECT_EQ(complaint([] { context::client({.trust = file("/dev/zero")}); }),
              "cannot read \"/dev/zero\": it is too large for a PEM file");
    EXPECT_EQ(complaint([] { context::server({directory("/tmp")}); }),
              "\"/tmp\" is a directory, but one certificate or key is wanted");
}

TEST(tls_context, says_what_is_wrong_with_a_file) {
    scratch_folder scratch;
    scratch_folder nothing;
    EXPECT_EQ(complaint([&] { context::client({.trust = directory(nothing.path())}); }),
              "\"" + nothing.path() + "\" holds no certificate in PEM form");
    const auto empty = scratch.write("empty.pem", "");
    const auto broken = scratch.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    const auto key_only = scratch.write("key.pem", test_server().key);
    const auto certificate = scratch.write("certificate.pem", test_server().certificate);
    EXPECT_EQ(complaint([&] { context::client({.trust = file(empty)}); }),
              "\"" + empty + "\" holds no certificate in PEM form");
    EXPECT_TRUE(complaint([&] {
                    context::client({.trust = file(broken)});
                }).starts_with("\"" + broken + "\" holds a broken certificate: "));
    EXPECT_EQ(complaint([&] { context::client({.revoked = file(certificate)}); }),
              "\"" + certificate + "\" holds no revocation list in PEM form");
    EXPECT_EQ(complaint([&] { context::server({file(key_only), file(key_only)}); }),
              "\"" + key_only + "\" holds no certificate in PEM form");
    EXPECT_EQ(complaint([&] { context::server({file(certificate)}); }),
              "\"" + certificate + "\" holds no private key in PEM form");
    EXPECT_TRUE(complaint([&] {
                    context::server(
                        {file(certificate), pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")});
                }).starts_with("the private key in the PEM text is broken: "));
}

TEST(tls_context, says_that_a_key_belongs_to_another_certificate) {
    const issued other = test_authority().issue({.common_name = "other"});
    EXPECT_EQ(
        complaint([&] { context::server({pem(test_server().certificate), pem(other.key)}); }),
        "the private key in the PEM text does not belong to the certificate CN=torus test server in the PEM text");
    const issued other_kind = test_authority().issue({.common_name = "other", .key = key_kind::ed25519});
    EXPECT_TRUE(complaint([&] {
                    context::client({.identity = {pem(test_server().certificate), pem(other_kind.key)}});
                }).starts_with("the private key in the PEM text does not belong to the certificate"));
}

TEST(tls_context, refuses_a_weak_key) {
    const issued weak = test_authority().issue({.common_name = "weak", .key = key_kind::weak_rsa});
    EXPECT_EQ(complaint([&] { context::server(weak.identity()); }),
              "the certificate CN=weak cannot be used: ee key too small");
}

TEST(tls_context, refuses_options_that_make_no_sense) {
    EXPECT_EQ(complaint([] { context::client({.min_version = version::tls_1_3, .max_version = version::tls_1_2}); }),
              "min_version is TLS 1.3, but max_version only TLS 1.2");
    EXPECT_EQ(complaint([] { context::client({.identity = {.certificate = {}, .key = pem("x")}}); }),
              "a key was given without the certificate it belongs to");
    EXPECT_EQ(complaint([] { context::server(std::span<const identity>()); }), "a server needs a certificate");
    EXPECT_EQ(complaint([] { context::server(identity()); }), "an identity needs a certificate");
    EXPECT_EQ(complaint([] { test_server_context({.client_certificate = client_certificate::required}); }),
              "client certificates are asked for, but trust names no authority to verify them");
    for (const char* alpn : {",h2", "h2,", "h2,,http/1.1", ","})
        EXPECT_NE(complaint([&] { context::client({.alpn = alpn}); }), "nothing") << alpn;
    EXPECT_NE(complaint([] { context::client({.alpn = std::string(256, 'x')}); }), "nothing");
    const context server = test_server_context();
    EXPECT_EQ(complaint([&] { engine(server, {.host = "a.example"}); }), "a server's context was used to connect");
    EXPECT_EQ(complaint([&] { engine{context::client()}; }), "a client's context was used to accept a connection");
}

TEST(tls_context, names_the_identity_that_is_wrong_among_several) {
    const issued weak = test_authority().issue({.common_name = "weak", .key = key_kind::weak_rsa});
    const std::array who{test_server().identity(), weak.identity()};
    EXPECT_EQ(complaint([&] { context::server(who); }), "the certificate CN=weak cannot be used: ee key too small");
}

TEST(tls_context, needs_nothing_but_its_copies_to_stay_alive) {
    auto server = std::make_unique<context>(test_server_context());
    auto client = std::make_unique<context>(test_client_context());
    pair both(*client, *server);
    client.reset();
    server.reset();
    both.shake();
    EXPECT_TRUE(both.established());
}

TEST(tls_context, is_shared_by_threads) {
    const auto client = test_client_context();
    const auto server = test_server_context();
    std::array<std::thread, 4> threads;
    for (auto& thread : threads) {
        thread = std::thread([&] {
            for (int i = 0; i < 20; ++i) {
                pair both(client, server);
                both.shake();
                EXPECT_TRUE(both.established());
                EXPECT_EQ(transfer(both.server, both.client, "hello"), "hello");
            }
        });
    }
    for (auto& thread : threads) thread.join();
}

TEST(tls_error, has_a_name_for_each_reason) {
    EXPECT_EQ(to_string(reason::certificate_expired), "certificate_expired");
    EXPECT_EQ(to_string(reason::configuration), "configuration");
    for (int i = 0; i <= static_cast<int>(reason::configuration); ++i)
        EXPECT_NE(to_string(static_cast<reason>(i)), "unknown") << i;
    EXPECT_EQ(to_string(version::tls_1_2), "TLS 1.2");
    EXPECT_EQ(to_string(version::tls_1_3), "TLS 1.3");
}

}  // namespace
}  // namespace torus::tls::testing
