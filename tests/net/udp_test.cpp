// tests/net/udp_test.cpp: UDP sockets with the kernel's loopback.
#include "net/names.hpp"
#include "net/sockets.hpp"

#include <array>

#include <torus/core/gather.hpp>

#include <sys/socket.h>

namespace torus::testing {
namespace {

address loopback(address_family family = address_family::ipv4, std::uint16_t port = 0) {
    return address::loopback(family, port);
}

/// A port of this machine that nobody has.
address nobody() {
    const udp_socket gone(loopback());
    return gone.local();
}

TORUS_TEST(udp, S420_a_datagram_arrives_whole_with_its_sender) {
    for (const address_family family : {address_family::ipv4, address_family::ipv6}) {
        udp_socket server(loopback(family));
        udp_socket client(loopback(family));
        co_await client.send_to("hello", server.local());
        co_await client.send_to("", server.local());
        const auto [data, from, is_truncated] = co_await server.recv_from();
        EXPECT_EQ(data, "hello");
        EXPECT_EQ(from, client.local());
        EXPECT_FALSE(is_truncated);
        const datagram empty = co_await server.recv_from();
        EXPECT_EQ(empty.data, "");
        EXPECT_EQ(empty.from, client.local());
        const std::string large(60'000, 'x');
        co_await server.send_to(large, from);
        EXPECT_EQ(co_await client.recv(), large);
    }
}

TORUS_TEST(udp, S421_a_datagram_longer_than_the_room_is_truncated_and_says_so) {
    udp_socket server(loopback());
    udp_socket client(loopback());
    for (int i = 0; i < 3; ++i) co_await client.send_to("0123456789", server.local());
    std::array<char, 4> room{};
    const received_datagram got = co_await server.recv_from(room);
    EXPECT_EQ(std::string_view(room.data(), got.size), "0123");
    EXPECT_EQ(got.sent, 10u);
    EXPECT_TRUE(got.is_truncated());
    EXPECT_EQ(got.from, client.local());
    const datagram owned = co_await server.recv_from(4);
    EXPECT_EQ(owned.data, "0123");
    EXPECT_TRUE(owned.is_truncated);
    const auto e = co_await expect_throws<std::system_error>(server.recv(4));
    EXPECT_EQ(e.code(), std::errc::message_size);
    co_await client.send_to("0123", server.local());
    const received_datagram whole = co_await server.recv_from(room);
    EXPECT_EQ(whole.size, 4u);
    EXPECT_FALSE(whole.is_truncated());
}

TORUS_TEST(udp, S422_a_connected_socket_hears_only_its_peer) {
    udp_socket server(loopback());
    udp_socket stranger(loopback());
    udp_socket client = co_await udp_socket::connect("127.0.0.1", server.local().port());
    EXPECT_EQ(client.peer(), server.local());
    co_await client.send("question");
    const datagram asked = co_await server.recv_from();
    EXPECT_EQ(asked.from, client.local());
    co_await stranger.send_to("forged", client.local());
    co_await server.send_to("answer", asked.from);
    EXPECT_EQ(co_await client.recv(), "answer");
    client.connect_to(stranger.local());
    co_await stranger.send_to("now", client.local());
    EXPECT_EQ(co_await client.recv(), "now");
    const auto e = co_await expect_throws<std::system_error>(server.send("to nobody"));
    EXPECT_EQ(e.code(), std::errc::destination_address_required);
}

TORUS_TEST(udp, S423_what_does_not_arrive_is_told_once_and_the_socket_goes_on) {
    const address dead = nobody();
    udp_socket client(loopback());
    client.connect_to(dead);
    co_await client.send("hello");
    const auto e = co_await expect_throws<unreachable_error>(client.recv());
    EXPECT_EQ(e.code(), std::errc::connection_refused);
    udp_socket server(dead);
    co_await client.send("again");
    const datagram got = co_await server.recv_from();
    EXPECT_EQ(got.data, "again");
    co_await server.send_to("fine", got.from);
    EXPECT_EQ(co_await client.recv(), "fine");
}

TORUS_TEST(udp, S423_sending_is_told_too) {
    udp_socket client(loopback());
    client.connect_to(nobody());
    co_await client.send("hello");
    co_await expect_throws<unreachable_error>(client.send("hello"));
}

TORUS_TEST(udp, S424_an_unconnected_socket_hears_nothing_of_lost_datagrams) {
    udp_socket server(loopback());
    co_await server.send_to("hello", nobody());
    co_await server.send_to("hello", server.local());
    EXPECT_EQ(co_await server.recv(), "hello");
}

TORUS_TEST(udp, S425_a_socket_of_both_families_answers_both) {
    udp_socket server = co_await udp_socket::bind("", 0);
    const std::uint16_t port = server.local().port();
    for (const char* host : {"127.0.0.1", "::1"}) {
        udp_socket client = co_await udp_socket::connect(host, port);
        co_await client.send("hello");
        const datagram got = co_await server.recv_from();
        EXPECT_EQ(got.from, client.local());
        co_await server.send_to("welcome", got.from);
        EXPECT_EQ(co_await client.recv(), "welcome");
    }
}

TORUS_TEST(udp, S425_names_are_resolved) {
    dns_server names;
    ask_only(names.where());
    names.answer("a.example", {"127.0.0.1"});
    udp_socket server = co_await udp_socket::bind("a.example", 0);
    EXPECT_EQ(server.local().host(), "127.0.0.1");
    udp_socket client = co_await udp_socket::connect("a.example", server.local().port());
    co_await client.send("hello");
    EXPECT_EQ(co_await server.recv(), "hello");
    const auto e = co_await expect_throws<dns_error>(udp_socket::connect("b.example", 1));
    EXPECT_EQ(e.kind(), dns_failure::not_found);
}

TORUS_TEST(resolver, S454_getaddrinfo_is_resolve) {
    dns_server names;
    ask_only(names.where());
    names.answer("a.example", {"127.0.0.1", "::1"});
    const std::vector<address> all = co_await getaddrinfo("a.example", 80);
    EXPECT_EQ(all, co_await resolve("a.example", 80));
    EXPECT_EQ(all.size(), 2u);
    const std::vector<address> four = co_await getaddrinfo("a.example", 80, address_family::ipv4);
    EXPECT_EQ(four, std::vector<address>(1, address::ip("127.0.0.1", 80).value()));
}

TORUS_TEST(udp, S426_each_datagram_goes_to_one_of_those_who_wait_in_their_order) {
    udp_socket server(loopback());
    udp_socket client(loopback());
    task<datagram> first = create_task(server.recv_from());
    task<datagram> second = create_task(server.recv_from());
    co_await let_others_run();
    co_await client.send_to("one", server.local());
    EXPECT_EQ((co_await first).data, "one");
    EXPECT_FALSE(second.done());
    co_await client.send_to("two", server.local());
    EXPECT_EQ((co_await second).data, "two");
}

TORUS_TEST(udp, S427_a_cancelled_wait_loses_no_datagram) {
    udp_socket server(loopback());
    udp_socket client(loopback());
    for (int i = 0; i < 50; ++i) {
        task<datagram> waiting = create_task(server.recv_from());
        if (i % 2 == 0) co_await let_others_run();
        const std::string text = std::to_string(i);
        co_await client.send_to(text, server.local());
        if (i % 3 == 0) co_await yield_now();
        waiting.cancel();
        std::string got;
        try {
            datagram whole = co_await waiting;
            got = whole.data;
        } catch (const cancelled_error&) {
            got.clear();
        }
        if (got.empty()) got = co_await server.recv();
        EXPECT_EQ(got, text);
    }
}

TORUS_TEST(udp, S428_closing_ends_who_waits_and_leaves_no_descriptor) {
    const std::size_t before = open_descriptors();
    {
        udp_socket server(loopback());
        task<datagram> waiting = create_task(server.recv_from());
        co_await let_others_run();
        server.close();
        server.close();
        co_await expect_throws<connection_closed>(waiting);
        co_await expect_throws<connection_closed>(server.recv());
        co_await expect_throws<connection_closed>(server.send_to("x", loopback()));
        EXPECT_EQ(server.number(), -1);
        udp_socket moved(loopback());
        moved = udp_socket(loopback());
        EXPECT_NE(moved.local().port(), 0);
    }
    co_await let_others_run();
    EXPECT_EQ(open_descriptors(), before);
}

TORUS_TEST(udp, S429_a_datagram_too_long_for_the_network_is_refused) {
    udp_socket client(loopback());
    const std::string too_long(70'000, 'x');
    const auto e = co_await expect_throws<std::system_error>(client.send_to(too_long, client.local()));
    EXPECT_EQ(e.code(), std::errc::message_size);
    co_await client.send_to("short", client.local());
    EXPECT_EQ(co_await client.recv(), "short");
}

TORUS_TEST(udp, S430_a_broadcast_needs_permission) {
    udp_socket plain(loopback());
    const address everybody = address::ip("255.255.255.255", 9).value();
    const auto e = co_await expect_throws<std::system_error>(plain.send_to("x", everybody));
    EXPECT_TRUE(e.code() == std::errc::permission_denied || e.code() == std::errc::network_unreachable) << e.what();
    const udp_socket permitted(loopback(), {.broadcast = true});
    EXPECT_EQ(option_of(permitted.number(), SOL_SOCKET, SO_BROADCAST), 1);
    EXPECT_EQ(option_of(plain.number(), SOL_SOCKET, SO_BROADCAST), 0);
}

TORUS_TEST(udp, S431_members_of_a_group_receive_what_is_sent_to_it) {
    const udp_options shared{.reuse_address = true};
    udp_socket one(address::any(address_family::ipv4, 0), shared);
    udp_socket other(address::any(address_family::ipv4, one.local().port()), shared);
    udp_socket sender(loopback());
    const address group = address::ip("239.255.77.77", one.local().port()).value();
    sender.multicast_through("lo");
    one.join_group(group, "lo");
    other.join_group(group, "lo");
    co_await sender.send_to("both", group);
    EXPECT_EQ(co_await one.recv(), "both");
    EXPECT_EQ(co_await other.recv(), "both");
    other.leave_group(group, "lo");
    EXPECT_THROW(other.leave_group(group, "lo"), std::system_error);
    EXPECT_THROW(one.join_group(group, "no-such-one"), std::system_error);
}

TORUS_TEST(udp, S432_ports_are_shared_only_on_request) {
    const udp_socket alone(loopback());
    EXPECT_THROW(udp_socket(alone.local()), std::system_error);
    const udp_options shared{.reuse_port = true};
    const udp_socket first(loopback(), shared);
    const udp_socket second(first.local(), shared);
    EXPECT_EQ(first.local(), second.local());
    EXPECT_THROW(udp_socket(address::local("/tmp/x")), std::system_error);
    co_return;
}

}  // namespace
}  // namespace torus::testing
