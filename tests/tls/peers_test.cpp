// tests/tls/peers_test.cpp: torus and other people's TLS: openssl's client and server, curl.
#include "child.hpp"
#include "scratch_folder.hpp"
#include "secured.hpp"

#include <torus/net/net.hpp>

#include <csignal>
#include <fstream>

namespace torus::tls::testing {
namespace {

using namespace std::chrono_literals;
using torus::testing::scratch_folder;

/// What every one of these tests needs: certificates in files.
struct papers {
    scratch_folder directory;
    std::string authority = directory.write("ca.pem", test_authority().certificate());
    std::string certificate = directory.write("server.pem", test_server().certificate);
    std::string key = directory.write("server.key", test_server().key);
    issued me = test_authority().issue({.common_name = "the client", .usage = usage::client});
    std::string client_certificate = directory.write("client.pem", me.certificate);
    std::string client_key = directory.write("client.key", me.key);
};

/// What our server has seen of its client.
struct seen {
    std::string version;
    std::string alpn;
    std::string subject;
    std::string error;
};

/// A server of ours that repeats each line.
class repeating {
public:
    repeating(server_options options, seen& into) : with_(serving(options)), seen_(into) {}

    async<> operator()(stream plain) const {
        try {
            stream conn = co_await accept(std::move(plain), with_);
            const handshake_result agreed = negotiated(conn).value();
            seen_.version = to_string(agreed.version);
            seen_.alpn = agreed.alpn;
            if (agreed.peer) seen_.subject = agreed.peer->subject;
            for (;;) {
                const std::string line = co_await conn.readline();
                if (line.empty() || line == "bye\n") break;
                co_await conn.write(line);
            }
            co_await conn.close();
        } catch (const error& e) {
            seen_.error = to_string(e.reason());
        }
    }

private:
    context with_;
    seen& seen_;
};

using words = std::vector<std::string>;

words openssl_client(const papers& with, std::uint16_t port, words more) {
    words command{"openssl",
                  "s_client",
                  "-connect",
                  "127.0.0.1:" + std::to_string(port),
                  "-CAfile",
                  with.authority,
                  "-verify_return_error",
                  "-verify_hostname",
                  "a.example",
                  "-servername",
                  "a.example"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

words openssl_server(const papers& with, words more) {
    words command{"openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", with.certificate, "-key", with.key};
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

/// Connects to openssl's server.
async<stream> connect_to(child& program, context with, std::string host = "a.example") {
    const std::string port = co_await program.line_after("ACCEPT 127.0.0.1:");
    stream plain = co_await torus::open_connection("127.0.0.1", static_cast<std::uint16_t>(std::stoi(port)));
    co_return co_await connect(std::move(plain), std::move(with), std::move(host));
}

TORUS_IO_TEST(tls_peers, openssl_client_talks_to_us) {
    const papers files;
    for (const char* version : {"-tls1_2", "-tls1_3"}) {
        seen what;
        repeating handler({.alpn = "http/1.1"}, what);
        server srv = co_await start_server(handler, "127.0.0.1", 0);
        child program(openssl_client(files, srv.port(), words{"-quiet", version, "-alpn", "h2,http/1.1"}));
        co_await program.talk().write("hello\n");
        co_await program.line_after("hello");
        co_await program.talk().write("bye\n");
        co_await program.exit_code();
        EXPECT_TRUE(co_await srv.shutdown(10s));
        EXPECT_EQ(what.version, std::string(version) == "-tls1_2" ? "TLS 1.2" : "TLS 1.3");
        EXPECT_EQ(what.alpn, "http/1.1");
        EXPECT_EQ(what.error, "");
    }
}

TORUS_IO_TEST(tls_peers, openssl_client_takes_a_new_key_in_the_middle) {
    const papers files;
    seen what;
    repeating handler({}, what);
    server srv = co_await start_server(handler, "127.0.0.1", 0);
    child program(openssl_client(files, srv.port(), words{"-tls1_3"}));
    co_await program.line_after("---");
    co_await program.talk().write("first\n");
    co_await program.line_after("first");
    co_await program.talk().write("K\n");  // and wants one of us
    co_await program.line_after("KEYUPDATE");
    co_await program.talk().write("second\n");
    co_await program.line_after("second");
    co_await program.talk().write("bye\n");
    co_await program.exit_code();
    co_await srv.shutdown(10s);
    EXPECT_EQ(what.error, "");
}

TORUS_IO_TEST(tls_peers, openssl_client_that_does_not_trust_us_is_heard) {
    const papers files;
    authority other("another authority");
    const std::string wrong = files.directory.write("wrong.pem", other.certificate());
    seen what;
    repeating handler({}, what);
    server srv = co_await start_server(handler, "127.0.0.1", 0);
    child program(openssl_client(files, srv.port(), words{"-quiet", "-CAfile", wrong}));
    EXPECT_EQ(co_await program.exit_code(), 1);
    co_await srv.shutdown(10s);
    EXPECT_EQ(what.error, "refused");
}

TORUS_IO_TEST(tls_peers, openssl_client_shows_its_certificate) {
    const papers files;
    const std::string trusted = test_authority().certificate();
    const server_options strict{.client_certificate = client_certificate::required, .trust = pem(trusted)};
    seen what;
    repeating handler(strict, what);
    server srv = co_await start_server(handler, "127.0.0.1", 0);
    child with(openssl_client(files, srv.port(),
                              words{"-quiet", "-cert", files.client_certificate, "-key", files.client_key}));
    co_await with.talk().write("hello\n");
    co_await with.line_after("hello");
    EXPECT_EQ(what.subject, "CN=the client");
    co_await with.talk().write("bye\n");
    co_await with.exit_code();

    child without(openssl_client(files, srv.port(), words{"-quiet"}));
    EXPECT_NE((co_await without.talk().read()).find("certificate required"), std::string::npos);
    EXPECT_NE(co_await without.exit_code(), 0);
    EXPECT_EQ(what.error, "certificate_required");
    co_await srv.shutdown(10s);
}

TORUS_IO_TEST(tls_peers, openssl_server_answers_us) {
    const papers files;
    for (const char* version : {"-tls1_2", "-tls1_3"}) {
        child program(openssl_server(files, words{"-rev", version}));
        stream conn = co_await connect_to(program, trusting());
        EXPECT_EQ(negotiated(conn).value().peer.value().subject, "CN=torus test server");
        co_await conn.write("hello\n");
        EXPECT_EQ(co_await conn.readline(), "olleh\n");
        co_await conn.close();
    }
}

TORUS_IO_TEST(tls_peers, openssl_server_for_another_host_is_refused) {
    const papers files;
    child program(openssl_server(files, words{"-rev"}));
    const error why = co_await expect_throws<error>(connect_to(program, trusting(), "c.example"));
    EXPECT_EQ(why.reason(), reason::host_mismatch);
}

TORUS_IO_TEST(tls_peers, openssl_server_that_is_killed_has_truncated) {
    const papers files;
    child program(openssl_server(files, words{"-rev"}));
    stream conn = co_await connect_to(program, trusting());
    co_await conn.write("hello\n");
    EXPECT_EQ(co_await conn.readline(), "olleh\n");
    program.kill();
    const error why = co_await expect_throws<error>(conn.read(1));
    EXPECT_EQ(why.reason(), reason::truncated);
}

TORUS_IO_TEST(tls_peers, openssl_server_wants_our_certificate) {
    const papers files;
    child program(
        openssl_server(files, words{"-rev", "-Verify", "1", "-verify_return_error", "-CAfile", files.authority}));
    stream conn = co_await connect_to(program, trusting({.identity = files.me.identity()}));
    co_await conn.write("hello\n");
    EXPECT_EQ(co_await conn.readline(), "olleh\n");

    child another(
        openssl_server(files, words{"-rev", "-Verify", "1", "-verify_return_error", "-CAfile", files.authority}));
    auto go_without = [&]() -> async<> {
        stream refused = co_await connect_to(another, trusting());
        co_await refused.read(1);
    };
    async<> going = go_without();
    const error why = co_await expect_throws<error>(std::move(going));
    EXPECT_EQ(why.reason(), reason::certificate_required);
}

TORUS_IO_TEST(tls_peers, openssl_server_sends_a_large_file) {
    const papers files;
    const std::string large = noise(3'000'000);
    files.directory.write("large", large);
    child program(openssl_server(files, words{"-WWW"}), files.directory.path());
    stream conn = co_await connect_to(program, trusting());
    co_await conn.write("GET /large HTTP/1.0\r\n\r\n");
    static_cast<void>(co_await conn.readuntil("\r\n\r\n"));
    EXPECT_TRUE(co_await conn.readexactly(large.size()) == large);
}

/// A server for HTTP, just enough of it for curl: it keeps what is put, and gives it back.
class keeping {
public:
    explicit keeping(std::string& kept) : with_(serving({.alpn = "http/1.1"})), kept_(kept) {}

    async<> operator()(stream plain) const {
        try {
            stream conn = co_await accept(std::move(plain), with_);
            const std::string head = co_await conn.readuntil("\r\n\r\n");
            const std::size_t length = head.find("Content-Length: ");
            if (length != std::string::npos) {
                if (head.find("100-continue") != std::string::npos)
                    co_await conn.write("HTTP/1.1 100 Continue\r\n\r\n");
                kept_ = co_await conn.readexactly(std::stoul(head.substr(length + 16)));
            }
            co_await conn.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", kept_);
            co_await conn.close();
        } catch (const std::exception&) {
            co_return;  // curl says why
        }
    }

private:
    context with_;
    std::string& kept_;
};

words curl(const papers& with, std::uint16_t port, const std::string& host, words more) {
    const std::string where = host + ":" + std::to_string(port);
    words command{
        "curl", "-sS", "--cacert", with.authority, "--resolve", where + ":127.0.0.1", "https://" + where + "/"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

TORUS_IO_TEST(tls_peers, curl_puts_and_gets_a_large_body) {
    const papers files;
    const std::string large = noise(3'000'000);
    std::string kept;
    keeping handler(kept);
    server srv = co_await start_server(handler, "127.0.0.1", 0);
    child put(curl(files, srv.port(), "a.example", words{"-T", files.directory.write("large", large)}));
    EXPECT_TRUE(co_await put.talk().read() == large);
    EXPECT_EQ(co_await put.exit_code(), 0);
    EXPECT_TRUE(kept == large);
    child get(curl(files, srv.port(), "x.wild.example", words{}));
    EXPECT_TRUE(co_await get.talk().read() == large);
    EXPECT_EQ(co_await get.exit_code(), 0);
    co_await srv.shutdown(10s);
}

TORUS_IO_TEST(tls_peers, curl_refuses_our_certificate_for_another_host) {
    constexpr int not_verified = 60;  // CURLE_PEER_FAILED_VERIFICATION
    const papers files;
    std::string kept;
    keeping handler(kept);
    server srv = co_await start_server(handler, "127.0.0.1", 0);
    child get(curl(files, srv.port(), "c.example", words{}));
    EXPECT_EQ(co_await get.exit_code(), not_verified);
    co_await srv.shutdown(10s);
}

}  // namespace
}  // namespace torus::tls::testing
