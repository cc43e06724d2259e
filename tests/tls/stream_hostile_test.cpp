// tests/tls/stream_hostile_test.cpp: streams whose peer does what torus never would.
#include "secured.hpp"

#include "tls/wire.hpp"

#include <torus/io/memory_stream.hpp>

namespace torus::tls::testing {
namespace {

using namespace std::chrono_literals;

/// OpenSSL's own server over a plain stream, with all of its knobs.
class raw_server {
public:
    explicit raw_server(stream plain) : plain_(std::move(plain)), context_(SSL_CTX_new(TLS_server_method())) {
        const issued& who = test_server();
        const certificate_pointer certificate(
            PEM_read_bio_X509(reading(who.certificate).get(), nullptr, nullptr, nullptr));
        const key_pointer key(PEM_read_bio_PrivateKey(reading(who.key).get(), nullptr, nullptr, nullptr));
        SSL_CTX_use_certificate(context_.get(), certificate.get());
        SSL_CTX_use_PrivateKey(context_.get(), key.get());
        ssl_.reset(SSL_new(context_.get()));
        BIO* bio = wire_.make_bio();
        SSL_set_bio(ssl_.get(), bio, bio);
        SSL_set_accept_state(ssl_.get());
    }

    SSL* ssl() { return ssl_.get(); }
    stream& plain() { return plain_; }

    async<> shake() {
        while (SSL_do_handshake(ssl()) != 1) {
            co_await send();
            co_await receive();
        }
        co_await send();
    }

    async<> send() {
        while (!wire_.out.front().empty()) {
            const bytes_view waiting(wire_.out.front());
            co_await plain_.write(waiting);
            wire_.out.sent(waiting.size());
        }
    }
    /// The same, with a bit of it turned.
    async<> send_damaged() {
        std::string damaged(bytes_view(wire_.out.front()).text());
        wire_.out.sent(damaged.size());
        damaged.back() = static_cast<char>(damaged.back() ^ 1);
        co_await plain_.write(damaged);
    }

    /// Receives some. @return how much that was
    async<std::size_t> receive() {
        const std::size_t bytes = co_await plain_.read_into(bytes_span(wire_.in.room()));
        wire_.in.received(bytes);
        co_return bytes;
    }

    void write(std::string_view text) {
        EXPECT_EQ(SSL_write(ssl(), text.data(), static_cast<int>(text.size())), static_cast<int>(text.size()));
    }
    /// What has been received.
    std::string read() {
        std::string text(1000, '\0');
        const int size = SSL_read(ssl(), text.data(), 1000);
        text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        ERR_clear_error();
        return text;
    }

private:
    static bio_pointer reading(const std::string& text) {
        return bio_pointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    }

    stream plain_;
    wire wire_;
    ssl_context_pointer context_;
    ssl_pointer ssl_;
};

/// A torus client and OpenSSL's server.
struct meeting {
    explicit meeting(stream plain) : server(std::move(plain)) {}
    raw_server server;
    std::optional<stream> client;
};

async<std::unique_ptr<meeting>> meet(std::size_t capacity = default_memory_capacity) {
    auto plain = memory_stream_pair(capacity);
    auto both = std::make_unique<meeting>(std::move(plain.second));
    auto [client, shaken] =
        co_await gather(connect(std::move(plain.first), trusting(), "a.example"), both->server.shake());
    both->client = std::move(client);
    co_return both;
}

TORUS_TEST(tls_hostile, peer_that_asks_for_new_keys_gets_them) {
    const auto both = co_await meet();
    SSL_key_update(both->server.ssl(), SSL_KEY_UPDATE_REQUESTED);
    both->server.write("x");
    co_await both->server.send();
    EXPECT_EQ(co_await both->client->read(1), "x");
    co_await both->client->write("under the new key");  // OpenSSL answers before it, as RFC 8446 wants
    co_await both->server.receive();
    EXPECT_EQ(both->server.read(), "under the new key");
}

TORUS_TEST(tls_hostile, peer_that_asks_and_asks_and_does_not_receive_the_answers_is_refused) {
    const auto both = co_await meet(100);
    auto ask = [&]() -> async<> {
        try {
            for (;;) {
                SSL_key_update(both->server.ssl(), SSL_KEY_UPDATE_REQUESTED);
                SSL_do_handshake(both->server.ssl());
                co_await both->server.send();
            }
        } catch (const connection_closed&) {
            co_return;
        }
    };
    task<> asking = create_task(ask);
    const error why = co_await expect_throws<error>(both->client->read(1));
    EXPECT_EQ(why.reason(), reason::protocol);
    both->server.plain().abort();
    co_await end(asking);
}

TORUS_TEST(tls_hostile, damaged_record_ends_the_connection_and_the_peer_is_told) {
    const auto both = co_await meet();
    both->server.write("pay 100 to Alice");
    co_await both->server.send_damaged();
    const error why = co_await expect_throws<error>(both->client->read(100));
    EXPECT_EQ(why.reason(), reason::protocol);
    const error again = co_await expect_throws<error>(both->client->read(100));
    EXPECT_STREQ(again.what(), why.what());
    auto write = [&]() -> async<> { co_await both->client->write("hello?"); };
    async<> writing = write();
    const error on_write = co_await expect_throws<error>(std::move(writing));
    EXPECT_STREQ(on_write.what(), why.what());
    co_await both->server.receive();
    char none = 0;
    EXPECT_LE(SSL_read(both->server.ssl(), &none, 1), 0);
    EXPECT_EQ(ERR_GET_REASON(ERR_peek_error()), SSL_R_SSLV3_ALERT_BAD_RECORD_MAC);
    ERR_clear_error();
    co_await both->client->close();
}

TORUS_TEST(tls_hostile, peer_that_ends_in_the_middle_of_a_record_has_truncated) {
    const auto both = co_await meet();
    both->server.write("half of this is missing");
    co_await both->server.plain().write("\x17\x03\x03\x01\x00 and so on");
    co_await both->server.plain().close();
    const error why = co_await expect_throws<error>(both->client->read(100));
    EXPECT_EQ(why.reason(), reason::truncated);
}

TORUS_TEST(tls_hostile, what_follows_a_goodbye_is_not_read) {
    const auto both = co_await meet();
    both->server.write("all of it");
    SSL_shutdown(both->server.ssl());
    co_await both->server.send();
    co_await both->server.plain().write("and something that somebody has appended");
    EXPECT_EQ(co_await both->client->read(), "all of it");
    co_await both->client->write("still");
    co_await both->server.receive();
    EXPECT_EQ(both->server.read(), "still");
}

TORUS_TEST(tls_hostile, reader_and_writer_go_on_when_the_other_is_cancelled) {
    const auto both = co_await meet(50);
    auto read = [&]() -> async<> { co_await both->client->read(1); };
    auto write = [&]() -> async<> { co_await both->client->write(noise(200'000)); };
    task<> reading = create_task(read);
    task<> writing = create_task(write);
    co_await let_others_run(100);
    co_await end(reading);
    co_await let_others_run(100);
    EXPECT_FALSE(writing.done());
    std::string received;
    while (received.size() < 200'000) {
        const std::string some = both->server.read();
        if (some.empty()) co_await both->server.receive();
        received += some;
    }
    EXPECT_TRUE(received == noise(200'000));
    co_await writing;
}

}  // namespace
}  // namespace torus::tls::testing
