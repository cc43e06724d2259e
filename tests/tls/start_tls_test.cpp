// tests/tls/start_tls_test.cpp: conversations that become secure in their middle (STARTTLS).
#include "child.hpp"
#include "scratch_folder.hpp"
#include "secured.hpp"

#include <torus/net/net.hpp>

namespace torus::tls::testing {
namespace {

using namespace std::chrono_literals;
using torus::testing::scratch_folder;

/// The server of a little mail service.
async<> serve_mail(stream conn) {
    co_await conn.write("220 mail.example ready\r\n");
    for (;;) {
        const std::string line = co_await conn.readline();
        if (line.empty() || line == "QUIT\r\n") break;
        if (line.starts_with("EHLO")) {
            co_await conn.write("250-mail.example\r\n250 STARTTLS\r\n");
        } else if (line == "STARTTLS\r\n") {
            co_await conn.write("220 go ahead\r\n");
            conn = co_await start_tls(std::move(conn), serving());
        } else {
            co_await conn.write("250 heard " + line);
        }
    }
    co_await conn.close();
}

/// Connects, and talks up to where the server has agreed.
async<stream> agreed(std::uint16_t port) {
    stream conn = co_await torus::open_connection("127.0.0.1", port);
    EXPECT_EQ(co_await conn.readline(), "220 mail.example ready\r\n");
    co_await conn.write("STARTTLS\r\n");
    EXPECT_EQ(co_await conn.readline(), "220 go ahead\r\n");
    co_return conn;
}

TORUS_IO_TEST(start_tls, S445_goes_on_securely_on_both_sides) {
    server srv = co_await start_server(serve_mail, "127.0.0.1", 0);
    stream conn = co_await agreed(srv.port());
    EXPECT_FALSE(negotiated(conn).has_value());
    conn = co_await start_tls(std::move(conn), trusting(), "a.example");
    EXPECT_TRUE(negotiated(conn).has_value());
    co_await conn.write("secret\r\n");
    EXPECT_EQ(co_await conn.readline(), "250 heard secret\r\n");
    co_await conn.close();
    EXPECT_TRUE(co_await srv.shutdown(10s));
}

TORUS_IO_TEST(start_tls, S446_verifies_the_name_it_is_given) {
    server srv = co_await start_server(serve_mail, "127.0.0.1", 0);
    stream conn = co_await agreed(srv.port());
    co_await expect_throws<error>(start_tls(std::move(conn), trusting(), "other.example"));
    co_await srv.shutdown(10s);
    EXPECT_FALSE(torus::testing::take_reports().empty());  // the server was told
}

TORUS_IO_TEST(start_tls, S447_a_server_refuses_what_was_sent_in_the_clear_before_its_turn) {
    server srv = co_await start_server(serve_mail, "127.0.0.1", 0);
    stream conn = co_await torus::open_connection("127.0.0.1", srv.port());
    EXPECT_EQ(co_await conn.readline(), "220 mail.example ready\r\n");
    co_await conn.write("STARTTLS\r\nMAIL FROM:<somebody@else>\r\n");
    EXPECT_EQ(co_await conn.readline(), "220 go ahead\r\n");
    std::string rest;
    try {
        rest = co_await conn.read();
    } catch (const connection_closed&) {
        rest.clear();  // the server has closed with bytes unread, which the kernel tells by a reset
    }
    EXPECT_EQ(rest, "");
    co_await srv.shutdown(10s);
    const std::vector<std::string> reports = torus::testing::take_reports();
    EXPECT_EQ(reports.size(), 1u);
    EXPECT_NE(reports.at(0).find("have been received"), std::string::npos) << reports[0];
}

TORUS_IO_TEST(start_tls, S447_a_client_refuses_it_too) {
    auto handler = [](stream conn) -> async<> {
        co_await conn.write("220 go ahead\r\n250 injected\r\n");
        static_cast<void>(co_await conn.read());
    };
    server srv = co_await start_server(handler, "127.0.0.1", 0);
    stream conn = co_await torus::open_connection("127.0.0.1", srv.port());
    EXPECT_EQ(co_await conn.readline(), "220 go ahead\r\n");
    co_await expect_throws<invalid_state_error>(start_tls(std::move(conn), trusting(), "a.example"));
    EXPECT_TRUE(co_await srv.shutdown(10s));
}

TORUS_IO_TEST(start_tls, S445_openssl_client_goes_on_with_us) {
    const scratch_folder folder;
    const std::string authority = folder.write("ca.pem", test_authority().certificate());
    server srv = co_await start_server(serve_mail, "127.0.0.1", 0);
    const std::string to = "127.0.0.1:" + std::to_string(srv.port());
    std::vector<std::string> command{"openssl", "s_client", "-connect", to, "-starttls", "smtp", "-CAfile", authority};
    for (const char* each : {"-verify_return_error", "-verify_hostname", "a.example", "-quiet", "-crlf"})
        command.emplace_back(each);
    child program(std::move(command));
    co_await program.talk().write("hello\n");
    co_await program.line_after("250 heard hello");
    co_await program.talk().write("QUIT\n");
    EXPECT_EQ(co_await program.exit_code(), 0);
    EXPECT_TRUE(co_await srv.shutdown(10s));
}

}  // namespace
}  // namespace torus::tls::testing
