// tests/net/connect_race_test.cpp: several addresses: which is tried when, and what becomes of the others (RFC 8305).
#include "net/names.hpp"
#include "net/sockets.hpp"

#include <optional>

namespace torus::testing {
namespace {

/// The same port of this machine's two addresses, listened on.
struct both_families {
    both_families() {
        for (int left = 100;; --left) {
            ipv4.emplace(address::loopback(address_family::ipv4, 0));
            try {
                ipv6.emplace(address::loopback(address_family::ipv6, port()));
                return;
            } catch (const std::system_error&) {
                if (left == 0) throw;
            }
        }
    }
    std::uint16_t port() const { return ipv4->where().port(); }
    std::optional<bare_listener> ipv4;
    std::optional<bare_listener> ipv6;
};

dns_reply of(record type, std::string data, manner how = manner::plain) {
    return {{{"a.example", type, std::move(data)}}, verdict::good, how};
}

TORUS_TEST(happy_eyeballs, S203_prefer_ipv6) {
    const both_families listeners;
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", {"127.0.0.1", "::1"});
    const stream conn = co_await open_connection("a.example", listeners.port());
    EXPECT_EQ(conn.peer(), listeners.ipv6->where());
    connect_options options;
    options.family = address_family::ipv4;
    const stream four = co_await open_connection("a.example", listeners.port(), options);
    EXPECT_EQ(four.peer(), listeners.ipv4->where());
}

TORUS_TEST(happy_eyeballs, S203_try_the_families_by_turns) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", {"127.0.0.1", "127.0.0.2", "127.0.0.3", "ff02::1", "ff02::2"});
    const std::uint16_t port = refusing().port();
    EXPECT_EQ((co_await hosts_of("a.example")).size(), 5u);  // both families are known now
    const auto e = co_await expect_throws<connect_error>(open_connection("a.example", port));
    const std::string text = e.what();
    std::size_t at = 0;
    for (const char* each : {"[ff02::1]", "127.0.0.1", "[ff02::2]", "127.0.0.2", "127.0.0.3"}) {
        const std::size_t found = text.find(each);
        EXPECT_NE(found, text.npos) << text;
        EXPECT_GE(found, at) << text;
        at = found;
    }
    EXPECT_EQ(e.code(), std::errc::connection_refused);
}

TORUS_TEST(happy_eyeballs, S203_try_the_next_address_at_once_when_one_fails) {
    const bare_listener listener(address::loopback(address_family::ipv4, 0));
    const std::vector<address> addresses = {refusing(), refusing("127.0.0.2"), listener.where()};
    const stream conn = co_await open_connection(addresses);
    EXPECT_EQ(conn.peer(), listener.where());
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_IO_TEST(happy_eyeballs, S203_try_the_next_address_beside_one_that_does_not_answer) {
    const deaf_listener deaf;
    const bare_listener listener(address::loopback(address_family::ipv4, 0));
    const std::size_t before = open_descriptors();
    const std::vector<address> addresses = {deaf.where(), listener.where()};
    const stream conn = co_await open_connection(addresses);
    EXPECT_EQ(conn.peer(), listener.where());
    EXPECT_GE(elapsed(), default_attempt_delay);
    EXPECT_EQ(open_descriptors(), before + 1);
}

// Time stands still on a simulated clock while a connection is attempted.
TORUS_TEST(happy_eyeballs, leave_an_address_its_time_before_the_next_is_tried) {
    const deaf_listener deaf;
    const bare_listener listener(address::loopback(address_family::ipv4, 0));
    const std::vector<address> addresses = {deaf.where(), listener.where()};
    task<stream> waiting = create_task(open_connection(addresses));
    co_await let_others_run(300);
    EXPECT_FALSE(waiting.done());
    waiting.cancel();
    co_await expect_throws<cancelled_error>(waiting);
}

TORUS_TEST(happy_eyeballs, try_all_at_once_if_there_is_no_delay) {
    const deaf_listener deaf, deaf_too("127.0.0.2");
    const bare_listener listener(address::loopback(address_family::ipv4, 0));
    connect_options options;
    options.attempt_delay = duration::zero();
    const std::vector<address> addresses = {deaf.where(), deaf_too.where(), listener.where()};
    const stream conn = co_await open_connection(addresses, options);
    EXPECT_EQ(conn.peer(), listener.where());
}

// A delay for each of them would take longer than the connection may.
TORUS_IO_TEST(happy_eyeballs, do_not_pause_after_a_failure_while_an_earlier_attempt_goes_on) {
    const deaf_listener deaf;
    const bare_listener listener(address::loopback(address_family::ipv4, 0));
    std::vector<address> addresses = {deaf.where()};
    addresses.resize(200, refusing());
    addresses.push_back(listener.where());
    const stream conn = co_await open_connection(addresses);
    EXPECT_EQ(conn.peer(), listener.where());
}

TORUS_TEST(happy_eyeballs, keep_one_connection_where_several_come_about) {
    const bare_listener one(address::loopback(address_family::ipv4, 0));
    const bare_listener other(*address::ip("127.0.0.2", 0));
    connect_options options;
    options.attempt_delay = duration::zero();
    const std::vector<address> both = {one.where(), other.where()};
    const std::size_t before = open_descriptors();
    for (int i = 0; i < 10; ++i) {
        const stream conn = co_await open_connection(both, options);
        EXPECT_EQ(open_descriptors(), before + 1);
    }
    co_await let_others_run();
    EXPECT_EQ(open_descriptors(), before);
}

TORUS_TEST(happy_eyeballs, begin_with_ipv6_addresses_before_the_others_are_known) {
    const both_families listeners;
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", record::ipv6, of(record::ipv6, "::1"));
    server.answer("a.example", record::ipv4, of(record::ipv4, "127.0.0.1", manner::held));
    const stream conn = co_await open_connection("a.example", listeners.port());
    EXPECT_EQ(conn.peer(), listeners.ipv6->where());
}

TORUS_TEST(happy_eyeballs, wait_a_moment_for_ipv6_addresses) {
    const both_families listeners;
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", record::ipv4, of(record::ipv4, "127.0.0.1"));
    server.answer("a.example", record::ipv6, of(record::ipv6, "::1", manner::held));
    EXPECT_EQ(co_await hosts_of("a.example", address_family::ipv4), only("127.0.0.1"));
    task<stream> connecting = create_task(open_connection("a.example", listeners.port()));
    co_await let_others_run(300);
    EXPECT_FALSE(connecting.done());
    server.release();
    const stream conn = std::move(co_await connecting);
    EXPECT_EQ(conn.peer(), listeners.ipv6->where());
}

TORUS_IO_TEST(happy_eyeballs, go_on_without_ipv6_addresses_that_do_not_come) {
    const both_families listeners;
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", record::ipv4, of(record::ipv4, "127.0.0.1"));
    server.answer("a.example", record::ipv6, of(record::ipv6, "::1", manner::silent));
    const stream conn = co_await open_connection("a.example", listeners.port());
    EXPECT_EQ(conn.peer(), listeners.ipv4->where());
    EXPECT_GE(elapsed(), resolution_delay);
}

TORUS_TEST(happy_eyeballs, do_not_wait_for_ipv6_addresses_that_do_not_exist) {
    const both_families listeners;
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", {"127.0.0.1"});
    const stream conn = co_await open_connection("a.example", listeners.port());
    EXPECT_EQ(conn.peer(), listeners.ipv4->where());
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_TEST(happy_eyeballs, wait_for_the_other_family_where_one_has_failed) {
    const bare_listener ipv4(address::loopback(address_family::ipv4, 0));
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", record::ipv6, of(record::ipv6, "ff02::1"));
    server.answer("a.example", record::ipv4, of(record::ipv4, "127.0.0.1", manner::held));
    task<stream> connecting = create_task(open_connection("a.example", ipv4.where().port()));
    co_await server.wait_until_asked(2);
    co_await let_others_run(300);
    EXPECT_FALSE(connecting.done());
    server.release();
    const stream conn = std::move(co_await connecting);
    EXPECT_EQ(conn.peer(), ipv4.where());
}

TORUS_TEST(happy_eyeballs, tell_of_the_address_where_the_other_family_was_not_found) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", record::ipv4, of(record::ipv4, "127.0.0.1"));
    server.answer("a.example", record::ipv6, {{}, verdict::server_failure});
    const auto e = co_await expect_throws<connect_error>(open_connection("a.example", refusing().port()));
    EXPECT_EQ(e.code(), std::errc::connection_refused);
}

}  // namespace
}  // namespace torus::testing
