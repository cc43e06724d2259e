// tests/tls/verification_test.cpp: a client knows whom it talks to, or refuses and says why.
#include "pair.hpp"
#include "scratch_folder.hpp"

#include <cstdlib>
#include <optional>

namespace torus::tls::testing {
namespace {

using torus::testing::scratch_folder;

/// A client that trusts the test authority meets a server with `shown`, and fails.
error refusal(const issued& shown, const peer& whom = {.host = "a.example"}, const client_options& options = {}) {
    pair both(test_client_context(options), context::server(shown.identity()), whom);
    both.shake();
    EXPECT_FALSE(both.client.is_established());
    const error told = why(both.server);  // the alert arrived
    EXPECT_EQ(told.reason(), reason::refused) << told.what();
    return why(both.client);
}

void expect_accepted(const issued& shown, const peer& whom, const client_options& options = {}) {
    pair both(test_client_context(options), context::server(shown.identity()), whom);
    both.shake();
    EXPECT_TRUE(both.established()) << whom.host << ": " << (both.established() ? "" : why(both.client).what());
}

TEST(tls_verification, accepts_the_names_and_addresses_of_the_certificate) {
    for (const char* host : {"a.example", "A.EXAMPLE", "a.example.", "x.wild.example", "127.0.0.1", "::1", "[::1]"})
        expect_accepted(test_server(), {.host = host});
}

TEST(tls_verification, names_both_sides_of_a_host_name_mismatch) {
    const error wrong = refusal(test_server(), {.host = "c.example"});
    EXPECT_EQ(wrong.reason(), reason::host_mismatch);
    EXPECT_STREQ(wrong.what(),
                 "host name mismatch: certificate is for a.example, b.example, *.wild.example, 127.0.0.1, ::1; "
                 "asked for c.example");
    EXPECT_EQ(refusal(test_server(), {.host = "127.0.0.2"}).reason(), reason::host_mismatch);
    EXPECT_EQ(refusal(test_server(), {.host = "::2"}).reason(), reason::host_mismatch);
    EXPECT_EQ(refusal(test_server(), {.host = "wild.example"}).reason(), reason::host_mismatch);
    EXPECT_EQ(refusal(test_server(), {.host = "x.y.wild.example"}).reason(), reason::host_mismatch);
}

TEST(tls_verification, verifies_the_name_given_instead_of_the_host) {
    expect_accepted(test_server(), {.host = "10.1.2.3", .server_name = "b.example"});
    EXPECT_EQ(refusal(test_server(), {.host = "a.example", .server_name = "c.example"}).reason(),
              reason::host_mismatch);
}

TEST(tls_verification, does_not_take_a_common_name_for_a_host_name) {
    const issued old_style = test_authority().issue({.common_name = "a.example"});
    const error wrong = refusal(old_style);
    EXPECT_EQ(wrong.reason(), reason::host_mismatch);
    EXPECT_STREQ(wrong.what(), "host name mismatch: certificate is for no host at all (it is CN=a.example, without a "
                               "subject alternative name); asked for a.example");
}

TEST(tls_verification, lets_a_wildcard_stand_for_a_whole_label_only) {
    const issued partial = test_authority().issue({.common_name = "x", .names = {"DNS:f*.example.org"}});
    EXPECT_EQ(refusal(partial, {.host = "foo.example.org"}).reason(), reason::host_mismatch);
}

TEST(tls_verification, lists_a_few_of_many_names) {
    wish many{.common_name = "many"};
    for (int i = 0; i < 100; ++i) many.names.push_back("DNS:n" + std::to_string(i) + ".example");
    const error wrong = refusal(test_authority().issue(many));
    EXPECT_NE(std::string_view(wrong.what()).find("n7.example and 92 more; asked for a.example"),
              std::string_view::npos)
        << wrong.what();
}

TEST(tls_verification, refuses_what_has_expired) {
    const error wrong = refusal(
        test_authority().issue({.common_name = "old", .names = {"DNS:a.example"}, .from_days = -9, .until_days = -2}));
    EXPECT_EQ(wrong.reason(), reason::certificate_expired);
    EXPECT_TRUE(std::string_view(wrong.what()).starts_with("certificate has expired: CN=old was valid until 2"))
        << wrong.what();
    EXPECT_TRUE(std::string_view(wrong.what()).ends_with(" UTC")) << wrong.what();
}

TEST(tls_verification, refuses_what_is_not_yet_valid) {
    const error wrong = refusal(
        test_authority().issue({.common_name = "new", .names = {"DNS:a.example"}, .from_days = 2, .until_days = 9}));
    EXPECT_EQ(wrong.reason(), reason::certificate_not_yet_valid);
    EXPECT_TRUE(std::string_view(wrong.what()).starts_with("certificate is not yet valid: CN=new is valid from 2"))
        << wrong.what();
}

TEST(tls_verification, refuses_an_unknown_authority) {
    authority stranger("stranger");
    const error wrong = refusal(stranger.issue({.common_name = "x", .names = {"DNS:a.example"}}));
    EXPECT_EQ(wrong.reason(), reason::unknown_authority);
    EXPECT_TRUE(std::string_view(wrong.what())
                    .starts_with("unable to get local issuer certificate: CN=x was issued by CN=stranger, which is not "
                                 "among the trusted authorities"))
        << wrong.what();
}

TEST(tls_verification, refuses_a_self_signed_certificate_unless_it_is_trusted_itself) {
    const issued own = self_signed({.common_name = "me", .names = {"DNS:a.example"}});
    const error wrong = refusal(own);
    EXPECT_EQ(wrong.reason(), reason::self_signed);
    EXPECT_STREQ(wrong.what(), "self-signed certificate: CN=me is not among the trusted authorities");
    expect_accepted(own, {.host = "a.example"}, {.trust = pem(own.certificate)});
}

TEST(tls_verification, refuses_a_chain_up_to_a_foreign_root) {
    authority stranger("stranger");
    issued shown = stranger.issue({.common_name = "x", .names = {"DNS:a.example"}});
    shown.certificate += stranger.certificate();
    const error wrong = refusal(shown);
    EXPECT_EQ(wrong.reason(), reason::self_signed);
    EXPECT_STREQ(wrong.what(),
                 "self-signed certificate in the chain: CN=stranger is not among the trusted authorities");
}

TEST(tls_verification, follows_a_chain_through_intermediate_authorities) {
    authority between("between", test_authority());
    issued shown = between.issue({.common_name = "x", .names = {"DNS:a.example"}});
    EXPECT_EQ(refusal(shown).reason(), reason::unknown_authority);  // the server forgot to show the intermediate one
    expect_accepted(shown, {.host = "a.example"}, {.trust = pem(between.certificate())});  // it can be trusted itself
    shown.certificate += between.certificate();
    expect_accepted(shown, {.host = "a.example"});
}

TEST(tls_verification, refuses_a_client_certificate_as_a_servers) {
    const error wrong =
        refusal(test_authority().issue({.common_name = "x", .names = {"DNS:a.example"}, .usage = usage::client}));
    EXPECT_EQ(wrong.reason(), reason::invalid_certificate);
    EXPECT_NE(std::string_view(wrong.what()).find("purpose"), std::string_view::npos) << wrong.what();
}

TEST(tls_verification, refuses_what_was_revoked_and_what_has_no_list) {
    authority careful("careful");
    const issued good = careful.issue({.common_name = "good", .names = {"DNS:a.example"}});
    const issued bad = careful.issue({.common_name = "bad", .names = {"DNS:a.example"}});
    const std::string list = careful.revoke({bad.certificate});
    const client_options options{.trust = pem(careful.certificate()), .revoked = pem(list)};
    const error wrong = refusal(bad, {.host = "a.example"}, options);
    EXPECT_EQ(wrong.reason(), reason::revoked);
    EXPECT_STREQ(wrong.what(), "certificate is revoked: CN=bad");
    expect_accepted(good, {.host = "a.example"}, options);
    const std::string of_another = test_authority().revoke({});
    const client_options without_list{.also_trust = pem(careful.certificate()), .revoked = pem(of_another)};
    EXPECT_EQ(refusal(good, {.host = "a.example"}, without_list).reason(), reason::invalid_certificate);
}

TEST(tls_verification, trusts_others_besides_the_systems_authorities) {
    const auto client = context::client({.also_trust = pem(test_authority().certificate())});
    pair both(client, test_server_context());
    both.shake();
    EXPECT_TRUE(both.established());
}

/// Sets a variable of the environment, and puts back what it was.
class environment {
public:
    environment(const char* name, const std::string& value) : name_(name) {
        if (const char* before = std::getenv(name)) before_ = before;
        setenv(name, value.c_str(), 1);
    }
    ~environment() {
        if (before_) setenv(name_, before_->c_str(), 1);
        else unsetenv(name_);
    }
    environment(const environment&) = delete;
    environment& operator=(const environment&) = delete;

private:
    const char* name_;
    std::optional<std::string> before_;
};

TEST(tls_verification, takes_the_systems_authorities_from_where_the_environment_says) {
    scratch_folder scratch;
    const auto file = scratch.write("authorities.pem", test_authority().certificate());
    const environment no_directory("SSL_CERT_DIR", scratch.path() + "/none");
    authority another("another");
    const client_options options{.also_trust = pem(another.certificate())};  // a store of its own, read now
    {
        const environment named("SSL_CERT_FILE", file);
        pair both(context::client(options), test_server_context());
        both.shake();
        EXPECT_TRUE(both.established());
    }
    const environment none("SSL_CERT_FILE", scratch.path() + "/none.pem");
    pair both(context::client(options), test_server_context());
    both.shake();
    EXPECT_EQ(why(both.client).reason(), reason::unknown_authority);
}

TEST(tls_verification, does_not_trust_the_test_authority_by_default) {
    pair both(context::client(), test_server_context());
    both.shake();
    EXPECT_EQ(why(both.client).reason(), reason::unknown_authority);
}

TEST(tls_verification, needs_a_name_to_verify) {
    EXPECT_THROW(engine(test_client_context(), {.host = ""}), error);
    EXPECT_THROW(engine(test_client_context(), {.host = std::string_view("a\0b", 3)}), error);
    EXPECT_THROW(engine(test_client_context(), {.host = std::string(300, 'a')}), error);
    EXPECT_THROW(engine(test_client_context(), {.host = "."}), error);
    expect_clean_error_queue();
}

TEST(tls_verification, is_skipped_by_an_insecure_context_only) {
    const issued worthless = self_signed({.common_name = "x", .from_days = -9, .until_days = -2});
    pair both(context::insecure(), context::server(worthless.identity()));
    both.shake();
    EXPECT_TRUE(both.established());
    EXPECT_EQ(both.client.result().peer.value().subject, "CN=x");
}

TEST(tls_verification, prints_a_hostile_certificate_harmlessly) {
    const issued hostile =
        test_authority().issue({.common_name = "\x1b[31mred\n", .names = {"DNS:\x1b]0;x\x07.example"}});
    const std::string told = refusal(hostile).what();
    for (const char c : told) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << told;
}

}  // namespace
}  // namespace torus::tls::testing
