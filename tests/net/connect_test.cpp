// tests/net/connect_test.cpp: one address: connections come about, fail, take too long, or are not wanted any more.
#include "net/names.hpp"
#include "net/sockets.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace torus::testing {
namespace {

address loopback(std::uint16_t port = 0) { return address::loopback(address_family::ipv4, port); }

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

TORUS_TEST(open_connection, connects_to_literals) {
    const bare_listener ipv4(loopback());
    const bare_listener ipv6(address::loopback(address_family::ipv6, 0));
    const stream four = co_await open_connection("127.0.0.1", ipv4.where().port());
    EXPECT_EQ(four.peer(), ipv4.where());
    EXPECT_EQ(four.local().host(), "127.0.0.1");
    const stream six = co_await open_connection("::1", ipv6.where().port());
    EXPECT_EQ(six.peer(), ipv6.where());
    const stream bracketed = co_await open_connection("[::1]", ipv6.where().port());
    EXPECT_EQ(bracketed.peer(), ipv6.where());
}

TORUS_TEST(open_connection, connects_to_names) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", {"127.0.0.1"});
    const bare_listener listener(loopback());
    const stream conn = co_await open_connection("a.example", listener.where().port());
    EXPECT_EQ(conn.peer(), listener.where());
}

TORUS_TEST(open_connection, makes_sockets_that_send_at_once_and_stay_in_this_program) {
    const bare_listener listener(loopback());
    const stream conn = co_await open_connection("127.0.0.1", listener.where().port());
    const int socket = conn.below().socket();
    EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_NE(::fcntl(socket, F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_NE(::fcntl(socket, F_GETFL) & O_NONBLOCK, 0);
}

TORUS_TEST(open_connection, gives_the_stream_its_limits) {
    const bare_listener listener(loopback());
    connect_options options;
    options.limits.read_limit = 7;
    const stream conn = co_await open_connection("127.0.0.1", listener.where().port(), options);
    EXPECT_EQ(conn.options().read_limit, 7u);
}

TORUS_TEST(open_connection, connects_from_the_address_that_is_given) {
    const bare_listener listener(loopback());
    connect_options options;
    options.local_host = "127.0.0.9";
    const stream conn = co_await open_connection("127.0.0.1", listener.where().port(), options);
    EXPECT_EQ(conn.local().host(), "127.0.0.9");
    EXPECT_NE(conn.local().port(), 0);
}

TORUS_TEST(open_connection, refuses_to_connect_from_what_is_no_address_of_this_machine) {
    const bare_listener listener(loopback());
    const std::uint16_t port = listener.where().port();
    connect_options options;
    options.local_host = "192.0.2.250";
    const auto away = co_await expect_throws<connect_error>(open_connection("127.0.0.1", port, options));
    EXPECT_EQ(away.code(), std::errc::address_not_available);
    options.local_host = "::1";
    const auto other = co_await expect_throws<dns_error>(open_connection("127.0.0.1", port, options));
    EXPECT_TRUE(contains(other.what(), "of another family")) << other.what();
    options.local_host = "localhost";
    EXPECT_THROW(co_await open_connection("127.0.0.1", port, options), std::invalid_argument);
}

TORUS_TEST(open_connection, S203_tells_who_has_refused) {
    const address nobody = refusing();
    const auto e = co_await expect_throws<connect_error>(open_connection("127.0.0.1", nobody.port()));
    EXPECT_EQ(e.code(), std::errc::connection_refused);
    EXPECT_EQ(std::string(e.what()), "torus: can't connect to " + nobody.text() + ": Connection refused");
}

TORUS_TEST(open_connection, S203_tells_of_every_address_and_of_the_one_that_got_furthest) {
    const address refused = refusing(), also_refused = refusing("127.0.0.2");
    const address unreachable = *address::ip("224.0.0.1", 80);  // no TCP goes to a group
    const std::string no_way = unreachable.text() + ": Network is unreachable";
    const std::vector<address> first = {unreachable, refused, also_refused};
    const auto e = co_await expect_throws<connect_error>(open_connection(first));
    EXPECT_EQ(e.code(), std::errc::connection_refused);
    EXPECT_EQ(std::string(e.what()), "torus: can't connect to " + no_way + "; " + refused.text() +
                                         ": Connection refused; " + also_refused.text() + ": Connection refused");
    const std::vector<address> last = {refused, unreachable};
    EXPECT_EQ((co_await expect_throws<connect_error>(open_connection(last))).code(), std::errc::connection_refused);
    const std::vector<address> alone = {unreachable};
    EXPECT_EQ((co_await expect_throws<connect_error>(open_connection(alone))).code(), std::errc::network_unreachable);
}

TORUS_TEST(open_connection, needs_an_address) {
    const std::vector<address> none;
    co_await expect_throws<std::invalid_argument>(open_connection(none));
    const std::vector<address> ipv4 = {loopback(1)};
    connect_options only_ipv6;
    only_ipv6.family = address_family::ipv6;
    co_await expect_throws<std::invalid_argument>(open_connection(ipv4, only_ipv6));
    co_await expect_throws<dns_error>(open_connection("127.0.0.1", 1, only_ipv6));
    const std::vector<address> unnamed = {address()};
    const auto e = co_await expect_throws<connect_error>(open_connection(unnamed));
    EXPECT_EQ(e.code(), std::errc::address_family_not_supported);
}

TORUS_TEST(open_connection, tells_why_there_is_no_address) {
    dns_server server;
    ask_only(server.where());
    server.answer_both("failing.example", {{}, verdict::server_failure});
    EXPECT_EQ((co_await expect_throws<dns_error>(open_connection("missing.example", 80))).kind(),
              dns_failure::not_found);
    EXPECT_EQ((co_await expect_throws<dns_error>(open_connection("failing.example", 80))).kind(),
              dns_failure::server_failure);
    EXPECT_EQ((co_await expect_throws<dns_error>(open_connection("no name", 80))).kind(), dns_failure::malformed_name);
}

TORUS_IO_TEST(open_connection, takes_no_longer_than_it_may) {
    const deaf_listener listener;
    const address refused = refusing();
    connect_options options;
    options.timeout = 30ms;
    const std::vector<address> both = {refused, listener.where()};
    const auto e = co_await expect_throws<timeout_error>(open_connection(both, options));
    EXPECT_GE(elapsed(), 30ms);
    EXPECT_EQ(std::string(e.what()), "torus: connecting to " + refused.text() + " took longer than 30 ms (" +
                                         refused.text() + ": Connection refused)");
}

TORUS_IO_TEST(open_connection, takes_the_time_for_the_name_from_the_same_limit) {
    dns_server server;
    ask_only(server.where());
    server.answer_both("silent.example", {{}, verdict::good, manner::silent});
    connect_options options;
    options.timeout = 30ms;
    const auto e = co_await expect_throws<timeout_error>(open_connection("silent.example", 80, options));
    EXPECT_TRUE(contains(e.what(), "silent.example:80 took longer than 30 ms")) << e.what();
}

TORUS_TEST(open_connection, S204_cancelled_while_it_looks_for_addresses_leaves_no_socket) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", record::ipv4, {{{"a.example", record::ipv4, "127.0.0.1"}}, verdict::good, manner::held});
    server.answer_both("b.example", {{}, verdict::good, manner::silent});
    const bare_listener listener(loopback());
    task<stream> known = create_task(open_connection("a.example", listener.where().port()));
    task<stream> unknown = create_task(open_connection("b.example", listener.where().port()));
    co_await server.wait_until_asked(4);
    known.cancel();
    unknown.cancel();
    co_await expect_throws<cancelled_error>(known);
    co_await expect_throws<cancelled_error>(unknown);
    server.release();
    EXPECT_EQ(co_await hosts_of("a.example"), only("127.0.0.1"));
}

TORUS_TEST(open_connection, S204_cancelled_at_any_moment_leaves_no_socket) {
    const deaf_listener deaf;
    const address refused = refusing();
    connect_options options;
    options.attempt_delay = duration::zero();
    int connected = 0, cancelled = 0;
    for (int passes = 0; connected < 3 && passes < 10'000; ++passes) {
        const bare_listener listener(loopback());
        const std::vector<address> several = {refused, deaf.where(), listener.where()};
        const std::size_t before = open_descriptors();
        task<stream> connecting = create_task(open_connection(several, options));
        for (int i = 0; i < passes; ++i) co_await yield_now();
        connecting.cancel();
        try {
            const stream conn = std::move(co_await connecting);
            EXPECT_EQ(conn.peer(), listener.where());
            ++connected;
        } catch (const cancelled_error&) {
            ++cancelled;
        }
        co_await let_others_run();
        EXPECT_EQ(open_descriptors(), before) << "after " << passes << " passes";
    }
    EXPECT_EQ(connected, 3);
    EXPECT_GT(cancelled, 0);
}

TORUS_TEST(open_connection, S204_cancelled_while_nobody_answers_leaves_no_socket) {
    const deaf_listener deaf;
    const std::size_t before = open_descriptors();
    task<stream> connecting = create_task(open_connection("127.0.0.1", deaf.where().port()));
    co_await let_others_run(200);
    EXPECT_GT(open_descriptors(), before);
    connecting.cancel();
    co_await expect_throws<cancelled_error>(connecting);
    EXPECT_EQ(open_descriptors(), before);
}

TORUS_TEST(open_connection, fails_where_no_descriptor_is_left) {
    if (address_sanitizer) co_return;  // it looks at memory through a pipe, and takes it for bad without one
    const bare_listener listener(loopback());
    const no_descriptors_left shortage;
    const auto e = co_await expect_throws<connect_error>(open_connection("127.0.0.1", listener.where().port()));
    EXPECT_EQ(e.code(), std::errc::too_many_files_open);
}

}  // namespace
}  // namespace torus::testing
