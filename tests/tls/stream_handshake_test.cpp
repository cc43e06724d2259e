// tests/tls/stream_handshake_test.cpp: streams become secure, or say why not.
#include "secured.hpp"

namespace torus::tls::testing {
namespace {

using namespace std::chrono_literals;

TORUS_TEST(tls_connect, makes_a_stream_over_a_stream) {
    auto [client, server] = co_await secured();
    co_await client.write("ping\n");
    EXPECT_EQ(co_await server.readline(), "ping\n");
    co_await server.write("pong\n");
    EXPECT_EQ(co_await client.readline(), "pong\n");
}

TORUS_TEST(tls_connect, tells_what_was_agreed_on) {
    auto plain = memory_stream_pair();
    EXPECT_FALSE(negotiated(plain.first));
    auto [client, server] = co_await secure(std::move(plain.first), std::move(plain.second),
                                            trusting({.alpn = "h2,http/1.1"}), serving({.alpn = "http/1.1"}));
    const handshake_result agreed = negotiated(client).value();
    EXPECT_EQ(agreed.version, version::tls_1_3);
    EXPECT_EQ(agreed.alpn, "http/1.1");
    EXPECT_EQ(agreed.peer.value().subject, "CN=torus test server");
    EXPECT_EQ(negotiated(server).value().alpn, "http/1.1");
    EXPECT_EQ(negotiated(server).value().server_name, "a.example");
}

TORUS_TEST(tls_connect, verifies_by_default) {
    const refusals said = co_await refused(context::client(), serving());
    EXPECT_EQ(said.client, "unknown_authority");
    EXPECT_EQ(said.server, "refused");
}

TORUS_TEST(tls_connect, refuses_a_wrong_host_name) {
    const refusals said = co_await refused(trusting(), serving(), "c.example");
    EXPECT_EQ(said.client, "host_mismatch");
    EXPECT_EQ(said.server, "refused");
    EXPECT_TRUE(said.words.ends_with("; asked for c.example")) << said.words;
}

TORUS_TEST(tls_connect, refuses_an_expired_certificate) {
    const issued old =
        test_authority().issue({.common_name = "old", .names = {"DNS:a.example"}, .from_days = -9, .until_days = -2});
    const refusals said = co_await refused(trusting(), context::server(old.identity()));
    EXPECT_EQ(said.client, "certificate_expired");
    EXPECT_EQ(said.server, "refused");
}

TORUS_TEST(tls_connect, refuses_the_authority_of_somebody_else) {
    authority other("another authority");
    const refusals said = co_await refused(trusting({.trust = pem(other.certificate())}), serving());
    EXPECT_EQ(said.client, "unknown_authority");
}

TORUS_TEST(tls_connect, verifies_the_name_that_is_given_instead_of_the_host) {
    auto plain = memory_stream_pair();
    handshake_options options;
    options.server_name = "b.example";
    auto [client, server] = co_await gather(connect(std::move(plain.first), trusting(), "10.1.2.3", options),
                                            accept(std::move(plain.second), serving()));
    EXPECT_EQ(negotiated(server).value().server_name, "b.example");
}

TORUS_TEST(tls_connect, keeps_the_name_that_it_was_given) {
    auto plain = memory_stream_pair();
    auto begin = [](stream end) {
        const std::string short_lived = "b.example, which is longer than a small string";
        handshake_options options;
        options.server_name = std::string_view(short_lived).substr(0, 9);
        return connect(std::move(end), trusting(), "10.1.2.3", options);
    };
    async<stream> connecting = begin(std::move(plain.first));
    auto [client, server] = co_await gather(std::move(connecting), accept(std::move(plain.second), serving()));
    EXPECT_EQ(negotiated(server).value().server_name, "b.example");
}

TORUS_TEST(tls_connect, gets_the_certificate_for_the_name_it_asks_for) {
    const issued first = test_authority().issue({.common_name = "first", .names = {"DNS:first.example"}});
    const issued second = test_authority().issue({.common_name = "second", .names = {"DNS:second.example"}});
    const std::array<identity, 2> known{first.identity(), second.identity()};
    const context server = context::server(known);
    for (const char* name : {"first", "second"}) {
        auto plain = memory_stream_pair();
        auto both = co_await secure(std::move(plain.first), std::move(plain.second), trusting(), server,
                                    std::string(name) + ".example");
        EXPECT_EQ(negotiated(both.client).value().peer.value().subject, std::string("CN=") + name);
    }
}

TORUS_TEST(tls_connect, refuses_a_server_that_speaks_none_of_its_protocols) {
    const refusals said = co_await refused(trusting({.alpn = "h2"}), serving({.alpn = "http/1.1"}));
    EXPECT_EQ(said.client, "refused");
    EXPECT_EQ(said.server, "handshake_failure");
}

TORUS_TEST(tls_connect, resumes_a_session_of_the_same_name_and_port) {
    const context with = trusting();
    const context server = serving();
    const std::array<std::pair<std::uint16_t, bool>, 4> attempts{
        {{443, false}, {443, true}, {444, false}, {443, true}}};
    for (const auto& [port, resumed] : attempts) {
        auto plain = memory_stream_pair();
        handshake_options options;
        options.port = port;
        auto [here, there] = co_await gather(connect(std::move(plain.first), with, "a.example", options),
                                             accept(std::move(plain.second), server));
        co_await there.write("a ticket comes with it");
        static_cast<void>(co_await here.read(100));
        EXPECT_EQ(negotiated(here).value().resumed, resumed) << port;
    }
}

TORUS_TEST(tls_connect, refuses_to_lose_what_has_been_received) {
    auto plain = memory_stream_pair();
    co_await plain.second.write("220 hello\r\nEHLO? an attacker sent this before it was secure\r\n");
    EXPECT_EQ(co_await plain.first.readline(), "220 hello\r\n");
    co_await expect_throws<invalid_state_error>(connect(std::move(plain.first), trusting(), "a.example"));
}

TORUS_TEST(tls_connect, closes_what_it_was_given_when_it_is_misused) {
    auto plain = memory_stream_pair();
    const error wrong = co_await expect_throws<error>(connect(std::move(plain.first), serving(), "a.example"));
    EXPECT_EQ(wrong.reason(), reason::configuration);
    EXPECT_EQ(co_await plain.second.read(), "");
    auto more = memory_stream_pair();
    co_await expect_throws<error>(accept(std::move(more.first), trusting()));
    EXPECT_EQ(co_await more.second.read(), "");
}

TORUS_TEST(tls_connect, waits_ten_seconds_for_a_peer_that_never_answers) {
    auto plain = memory_stream_pair();
    const auto late = co_await expect_throws<timeout_error>(connect(std::move(plain.first), trusting(), "a.example"));
    EXPECT_EQ(torus::testing::elapsed(), 10s);
    EXPECT_STREQ(late.what(), "torus: the TLS handshake took longer than 10 s");
    EXPECT_NE(co_await plain.second.read(), "");  // the hello, and the end: the connection is closed
    co_await expect_to_be_alone();
}

TORUS_TEST(tls_accept, waits_as_long_as_it_is_told_to) {
    auto plain = memory_stream_pair();
    handshake_options options;
    options.timeout = 1500ms;
    const auto late = co_await expect_throws<timeout_error>(accept(std::move(plain.first), serving(), options));
    EXPECT_EQ(torus::testing::elapsed(), 1500ms);
    EXPECT_STREQ(late.what(), "torus: the TLS handshake took longer than 1500 ms");
    EXPECT_EQ(co_await plain.second.read(), "");
}

TORUS_TEST(tls_accept, is_not_kept_by_a_client_that_sends_a_byte_now_and_then) {
    auto plain = memory_stream_pair();
    auto drip = [&]() -> async<> {
        co_await plain.second.write("\x16");
        for (;;) {
            co_await sleep(1100ms);
            co_await plain.second.write("\x03");
        }
    };
    task<> dripping = create_task(drip);
    co_await expect_throws<timeout_error>(accept(std::move(plain.first), serving()));
    EXPECT_EQ(torus::testing::elapsed(), 10s);
    co_await end(dripping);
}

TORUS_TEST(tls_accept, refuses_what_is_not_tls) {
    auto plain = memory_stream_pair();
    co_await plain.second.write("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    const error wrong = co_await expect_throws<error>(accept(std::move(plain.first), serving()));
    EXPECT_EQ(wrong.reason(), reason::handshake_failure);
}

TORUS_TEST(tls_accept, does_not_wait_long_for_a_client_that_it_refuses) {
    auto plain = memory_stream_pair();
    co_await plain.second.write(std::string_view("\x16\x03\x01\x00\x05hello", 10));
    const error wrong = co_await expect_throws<error>(accept(std::move(plain.first), serving()));
    EXPECT_EQ(wrong.reason(), reason::handshake_failure);
    EXPECT_EQ(torus::testing::elapsed(), 1s);  // so long it heard the client out, who had nothing more to say
    EXPECT_EQ((co_await plain.second.read()).size(), 7u);  // an alert, then the end
}

TORUS_TEST(tls_connect, says_that_the_peer_hung_up_during_the_handshake) {
    auto plain = memory_stream_pair();
    auto hang_up = [](stream end) -> async<> {
        static_cast<void>(co_await end.read(10));
        co_await end.close();
    };
    async<> hanging_up = hang_up(std::move(plain.second));
    auto try_it = [](stream end) -> async<> {
        const error wrong = co_await expect_throws<error>(connect(std::move(end), trusting(), "a.example"));
        EXPECT_EQ(wrong.reason(), reason::truncated);
    };
    async<> trying = try_it(std::move(plain.first));
    co_await gather(std::move(trying), std::move(hanging_up));
}

TORUS_TEST(tls_accept, does_not_wait_for_a_client_that_does_not_read_its_tickets) {
    ends both = co_await secured(1);
    EXPECT_EQ(all_tasks().size(), 2u);  // the tickets wait in the background
    task<std::string> reading = create_task(both.client.read(1));
    co_await both.server.write("x");
    EXPECT_EQ(co_await reading, "x");
    EXPECT_EQ(all_tasks().size(), 1u);
    ends more = co_await secured(1);
    more.server.abort();
    co_await expect_to_be_alone();
}

TORUS_TEST(tls_accept, asks_for_a_client_certificate_and_sees_it) {
    const issued me = test_authority().issue({.common_name = "the client", .usage = usage::client});
    auto plain = memory_stream_pair();
    const server_options options{.client_certificate = client_certificate::required,
                                 .trust = pem(test_authority().certificate())};
    auto [client, server] = co_await secure(std::move(plain.first), std::move(plain.second),
                                            trusting({.identity = me.identity()}), serving(options));
    EXPECT_EQ(negotiated(server).value().peer.value().subject, "CN=the client");
}

TORUS_TEST(tls_accept, refuses_a_client_without_the_certificate_it_requires_and_the_client_hears_why) {
    for (const version newest : {version::tls_1_2, version::tls_1_3}) {
        const server_options options{.client_certificate = client_certificate::required,
                                     .trust = pem(test_authority().certificate()),
                                     .max_version = newest};
        const refusals said = co_await refused(trusting(), serving(options));
        EXPECT_EQ(said.server, "certificate_required");
        EXPECT_EQ(said.client, newest == version::tls_1_3 ? "certificate_required" : "refused");
    }
}

TORUS_TEST(tls_accept, tells_a_client_that_is_already_talking_why_it_is_refused) {
    const server_options options{.client_certificate = client_certificate::required,
                                 .trust = pem(test_authority().certificate())};
    auto plain = memory_stream_pair(2000);
    auto talk = [](stream end) -> async<> {
        stream conn = co_await connect(std::move(end), trusting(), "a.example");
        co_await conn.write(noise(300'000));
        const error why = co_await expect_throws<error>(conn.read(1));
        EXPECT_EQ(why.reason(), reason::certificate_required);
    };
    auto refuse = [](stream end, context with) -> async<> {
        const error why = co_await expect_throws<error>(accept(std::move(end), std::move(with)));
        EXPECT_EQ(why.reason(), reason::certificate_required);
    };
    async<> talking = talk(std::move(plain.first));
    async<> refusing = refuse(std::move(plain.second), serving(options));
    co_await gather(std::move(talking), std::move(refusing));
}

}  // namespace
}  // namespace torus::tls::testing
