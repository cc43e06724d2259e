// tests/net/socket_test.cpp: bare sockets, with each of their verbs.
#include "net/names.hpp"
#include "net/sockets.hpp"

#include <array>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace torus::testing {
namespace {

address loopback() { return address::loopback(address_family::ipv4, 0); }

torus::socket listening() {
    torus::socket listener(address_family::ipv4);
    listener.bind(loopback());
    listener.listen();
    return listener;
}

TORUS_TEST(bare_socket, S437_connects_and_accepts) {
    torus::socket listener = listening();
    torus::socket client(address_family::ipv4);
    co_await client.connect(listener.local());
    auto accepted = co_await listener.accept();
    torus::socket& conn = accepted.first;
    EXPECT_EQ(accepted.second, client.local());
    EXPECT_EQ(conn.peer(), client.local());
    EXPECT_EQ(client.peer(), listener.local());
    co_await client.send_all("hello");
    EXPECT_EQ(co_await conn.recv(100), "hello");
    co_await conn.send_all("0123456789");
    std::array<char, 4> room{};
    EXPECT_EQ(co_await client.recv_into(room), 4u);
    EXPECT_EQ(co_await client.recv(100), "456789");
    client.shut_down_sending();
    EXPECT_EQ(co_await conn.recv(100), "");
}

TORUS_TEST(bare_socket, S437_reports_a_refusal) {
    const address nobody = refusing();
    torus::socket client(address_family::ipv4);
    const auto e = co_await expect_throws<std::system_error>(client.connect(nobody));
    EXPECT_EQ(e.code(), std::errc::connection_refused);
}

async<> send_everything(torus::socket& to, std::string what) {
    co_await to.send_all(what);
    to.shut_down_sending();
}

TORUS_TEST(bare_socket, S438_sends_all_of_more_than_the_kernel_takes_at_once) {
    auto both = torus::socketpair();
    const std::string much(3'000'000, 'm');
    task<> sending = create_task(send_everything(both.first, much));
    std::size_t count = 0;
    for (;;) {
        const std::string part = co_await both.second.recv(100'000);
        if (part.empty()) break;
        count += part.size();
    }
    EXPECT_EQ(count, much.size());
    co_await sending;
    both.second.close();
    co_await expect_throws<connection_closed>(both.first.send_all(much));
}

// More than any receiver's queue holds (net.unix.max_dgram_qlen, 10 to 512).
constexpr int plenty = 2000;

async<> send_numbers(torus::socket& from, int count) {
    for (int i = 0; i < count; ++i) {
        const std::string text = std::to_string(i);
        EXPECT_EQ(co_await from.send(text), text.size());
    }
}

TORUS_TEST(bare_socket, S439_waits_for_a_receiver_that_is_busy_and_loses_no_message) {
    for (const socket_kind kind : {socket_kind::datagram, socket_kind::seqpacket}) {
        auto both = torus::socketpair(kind);
        task<> sending = create_task(send_numbers(both.first, plenty));
        co_await let_others_run(100);
        EXPECT_FALSE(sending.done());
        for (int i = 0; i < plenty; ++i) {
            const std::string got = co_await both.second.recv(100);
            EXPECT_EQ(got, std::to_string(i));
        }
        co_await sending;
    }
}

TORUS_TEST(bare_socket, S439_keeps_the_bounds_of_messages) {
    auto both = torus::socketpair(socket_kind::seqpacket);
    EXPECT_EQ(co_await both.first.send("one"), 3u);
    EXPECT_EQ(co_await both.first.send("two"), 3u);
    EXPECT_EQ(co_await both.second.recv(100), "one");
    const datagram cut = co_await both.second.recv_from(2);
    EXPECT_EQ(cut.data, "tw");
    EXPECT_TRUE(cut.is_truncated);
    torus::socket server(address_family::ipv4, socket_kind::datagram);
    server.bind(loopback());
    torus::socket client(address_family::ipv4, socket_kind::datagram);
    EXPECT_EQ(co_await client.send_to("hello", server.local()), 5u);
    const datagram got = co_await server.recv_from();
    EXPECT_EQ(got.data, "hello");
    co_await client.connect(server.local());
    EXPECT_EQ(co_await client.send("more"), 4u);
    EXPECT_EQ(co_await server.recv(100), "more");
}

TORUS_TEST(bare_socket, S440_closing_ends_who_waits) {
    const std::size_t before = open_descriptors();
    {
        torus::socket listener = listening();
        auto both = torus::socketpair();
        auto accepting = create_task(listener.accept());
        task<std::string> receiving = create_task(both.first.recv(1));
        co_await let_others_run();
        listener.close();
        both.first.close();
        co_await expect_throws<connection_closed>(accepting);
        co_await expect_throws<connection_closed>(receiving);
        co_await expect_throws<connection_closed>(both.first.send("x"));
        EXPECT_FALSE(static_cast<bool>(listener));
    }
    co_await let_others_run();
    EXPECT_EQ(open_descriptors(), before);
}

TORUS_TEST(bare_socket, S440_a_cancelled_wait_loses_nothing) {
    auto both = torus::socketpair();
    task<std::string> receiving = create_task(both.first.recv(10));
    co_await let_others_run();
    receiving.cancel();
    co_await expect_throws<cancelled_error>(receiving);
    co_await both.second.send_all("kept");
    EXPECT_EQ(co_await both.first.recv(10), "kept");
    torus::socket listener = listening();
    auto accepting = create_task(listener.accept());
    co_await let_others_run();
    accepting.cancel();
    co_await expect_throws<cancelled_error>(accepting);
    torus::socket client(address_family::ipv4);
    co_await client.connect(listener.local());
    const auto accepted = co_await listener.accept();
    EXPECT_EQ(accepted.second, client.local());
}

TORUS_TEST(bare_socket, S441_takes_descriptors_over_and_gives_them_away) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    torus::socket one{descriptor(ends[0])};
    EXPECT_NE(::fcntl(one.number(), F_GETFL) & O_NONBLOCK, 0);
    stream other = torus::socket(descriptor(ends[1])).into_stream();
    co_await other.write("line\nrest");
    EXPECT_EQ(co_await one.recv(100), "line\nrest");
    co_await one.send_all("back\n");
    EXPECT_EQ(co_await other.readline(), "back\n");
    const descriptor plain = std::move(one).release();
    EXPECT_EQ(plain.number(), ends[0]);
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    const descriptor writing(pipe[1]);
    EXPECT_THROW(torus::socket{descriptor(pipe[0])}, std::system_error);
}

}  // namespace
}  // namespace torus::testing
