// tests/net/cancel_everywhere_test.cpp: connections, cancelled at every moment.
#include <torus/testing/cancel_everywhere.hpp>

#include <span>
#include <stdexcept>
#include <string>

#include <torus/core/core.hpp>
#include <torus/net/net.hpp>

#include "cancelled_everywhere.hpp"
#include "scratch_folder.hpp"

#include <unistd.h>

namespace torus::testing {
namespace {

using namespace std::literals;

/// A client that was cancelled is gone.
async<> echo(stream client) {
    try {
        while (auto line = co_await client.next()) co_await client.write(*line);
    } catch (const connection_closed&) {}
}

TEST(net_everywhere, S565_open_connection_read_write_and_close) {
    auto talk = []() -> async<> {
        auto listening = co_await start_server(echo, "127.0.0.1", 0);
        auto client = co_await open_connection("127.0.0.1", listening.port());
        co_await client.write("one\ntwo\n");
        EXPECT_EQ(co_await client.readline(), "one\n");
        EXPECT_EQ(co_await client.readexactly(4), "two\n");
        co_await client.close();
    };
    expect_kernel_use_cancellable_everywhere(talk);
}

/// Reads on where it was cancelled, and ends as cancelled nevertheless.
async<> count_to_the_end(socket& from, std::size_t& received) {
    bool cancelled = false;
    for (bool more = true; more;) {
        try {
            char room[1000];
            const std::size_t count = co_await from.recv_into(std::as_writable_bytes(std::span(room)));
            received += count;
            more = count > 0;
        } catch (const cancelled_error&) {
            cancelled = true;
        }
    }
    if (cancelled) throw cancelled_error();
}

TEST(net_everywhere, S568_what_was_sent_is_received_whenever_the_reader_is_cancelled) {
    constexpr std::size_t sent = 20'000;
    std::size_t received = 0;
    auto transfer = [&]() -> async<> {
        received = 0;
        auto [here, there] = socketpair();
        auto send = [](socket given) -> async<> {
            socket to = std::move(given);  // goes with the body: the task's handle keeps arguments
            for (std::size_t done = 0; done < sent; done += 1000) {
                co_await to.send_all(std::string(1000, 'x'));
                co_await yield_now();
            }
        };
        const task<> sending = create_task(send(std::move(there)));
        co_await count_to_the_end(here, received);
        co_await sending;
    };
    std::size_t runs = 0;
    auto all_came = [&] {
        const bool never_began = received == 0;
        if (received != sent && !never_began) throw std::logic_error(std::to_string(received) + " bytes came");
        ++runs;
    };
    expect_kernel_use_cancellable_everywhere(transfer, all_came);
    EXPECT_GT(runs, 10U);
}

TEST(net_everywhere, S565_unix_connections_serve_forever_shutdown_and_wait_closed) {
    const scratch_folder folder;
    auto talk = [&]() -> async<> {
        server listening = co_await start_unix_server(echo, folder / "socket");
        auto ask = [&]() -> async<> {
            auto client = co_await open_unix_connection(folder / "socket");
            co_await client.write("one\n");
            EXPECT_EQ(co_await client.readline(), "one\n");
        };
        co_await race(listening.serve_forever(), ask());
        co_await listening.shutdown(1s);
        co_await listening.wait_closed();
    };
    expect_kernel_use_cancellable_everywhere(talk);
}

TEST(net_everywhere, S565_connect_accept_send_recv_and_recv_into_of_a_socket) {
    auto talk = []() -> async<> {
        socket listener(address_family::ipv4);
        listener.bind(address::loopback(address_family::ipv4, 0));
        listener.listen();
        auto serve = [&]() -> async<> {
            auto [client, from] = co_await listener.accept();
            co_await client.send("hello");
            EXPECT_EQ(co_await client.recv(10), "bye");
        };
        auto ask = [&]() -> async<> {
            socket to(address_family::ipv4);
            co_await to.connect(listener.local());
            char room[10];
            EXPECT_EQ(co_await to.recv_into(std::as_writable_bytes(std::span(room))), 5U);
            co_await to.send_all("bye");
        };
        co_await gather(serve(), ask());
    };
    expect_kernel_use_cancellable_everywhere(talk);
}

TEST(net_everywhere, S565_bind_connect_send_to_recv_from_send_and_recv_of_udp_sockets) {
    auto talk = []() -> async<> {
        udp_socket here = co_await udp_socket::bind("127.0.0.1", 0);
        udp_socket there = co_await udp_socket::connect("127.0.0.1", here.local().port());
        auto answer = [&]() -> async<> {
            const datagram question = co_await here.recv_from();
            EXPECT_EQ(question.data, "hello");
            co_await here.send_to("bye", question.from);
        };
        auto ask = [&]() -> async<> {
            co_await yield_now();
            co_await there.send("hello");
            EXPECT_EQ(co_await there.recv(), "bye");
        };
        co_await gather(answer(), ask());
    };
    expect_kernel_use_cancellable_everywhere(talk);
}

TEST(net_everywhere, S565_datagrams_between_unix_sockets_and_bare_ones) {
    const scratch_folder folder;
    auto talk = [&]() -> async<> {
        ::unlink((folder / "socket").c_str());
        unix_datagram_socket here(folder / "socket");
        auto [one, other] = socketpair(socket_kind::datagram);
        auto receive = [&]() -> async<> {
            const datagram first = co_await here.recv_from();
            EXPECT_EQ(first.data, "hello");
            const datagram second = co_await other.recv_from();
            EXPECT_EQ(second.data, "hello");
        };
        auto send = [&]() -> async<> {
            unix_datagram_socket to;
            co_await yield_now();
            co_await to.send_to("hello", here.local());
            co_await one.send("hello");
        };
        co_await gather(receive(), send());
    };
    expect_kernel_use_cancellable_everywhere(talk);
}

TEST(net_everywhere, S565_resolve_getaddrinfo_and_getnameinfo) {
    const scratch_folder folder;
    const std::string hosts = folder.write("hosts", "127.0.0.1 here.example\n");
    auto ask = [&]() -> async<> {
        resolver::current().set_hosts_file(hosts);
        const auto found = co_await resolve("here.example", 80);
        EXPECT_EQ(found.size(), 1U);
        const auto again = co_await getaddrinfo("here.example", 80);
        EXPECT_EQ(again, found);
        EXPECT_EQ(co_await getnameinfo(found.front()), "here.example");
        co_await yield_now();
    };
    expect_kernel_use_cancellable_everywhere(ask);
}

}  // namespace
}  // namespace torus::testing
