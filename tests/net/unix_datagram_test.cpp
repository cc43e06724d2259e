// tests/net/unix_datagram_test.cpp: Unix datagram sockets: paths, abstract names, pairs, and receivers that are busy.
#include "net/names.hpp"
#include "net/sockets.hpp"
#include "scratch_folder.hpp"

#include <filesystem>

#include <unistd.h>

namespace torus::testing {
namespace {

bool is_there(const std::string& path) { return std::filesystem::exists(std::filesystem::symlink_status(path)); }

TORUS_TEST(unix_datagram, S433_arrives_at_a_path_that_goes_with_the_socket) {
    const scratch_folder folder;
    const std::string path = folder / "log";
    unix_datagram_socket server(path);
    EXPECT_EQ(server.local(), address::local(path));
    EXPECT_THROW(unix_datagram_socket{path}, std::system_error);
    unix_datagram_socket nameless;
    co_await nameless.send_to("hello", address::local(path));
    const datagram got = co_await server.recv_from();
    EXPECT_EQ(got.data, "hello");
    EXPECT_EQ(got.from.family(), address_family::none);
    unix_datagram_socket named(folder / "client");
    co_await named.send_to("hello", address::local(path));
    const datagram answerable = co_await server.recv_from();
    co_await server.send_to("hi", answerable.from);
    EXPECT_EQ(co_await named.recv(), "hi");
    unix_datagram_socket moved = std::move(server);
    EXPECT_TRUE(is_there(path));
    moved.close();
    EXPECT_FALSE(is_there(path));
    co_await expect_throws<unreachable_error>(nameless.send_to("anybody?", address::local(path)));
}

TORUS_TEST(unix_datagram, S433_arrives_at_an_abstract_name) {
    const std::string name = "@torus-test-" + std::to_string(::getpid()) + "-datagram";
    unix_datagram_socket server(name);
    unix_datagram_socket client;
    client.connect_to(server.local());
    co_await client.send("hello");
    EXPECT_EQ(co_await server.recv(), "hello");
}

TORUS_TEST(unix_datagram, S434_replaces_what_is_dead_and_nothing_else) {
    const scratch_folder folder;
    const std::string path = folder / "s";
    {
        const unix_datagram_socket first(path);
        std::filesystem::rename(path, folder / "left over");  // so that it stays
    }
    std::filesystem::rename(folder / "left over", path);
    const unix_datagram_socket second(path);
    const std::string file = folder.write("file", "precious");
    EXPECT_THROW(unix_datagram_socket{file}, std::system_error);
    EXPECT_TRUE(is_there(file));
    const bare_listener stream_server(address::local(folder / "stream"));
    EXPECT_THROW(unix_datagram_socket{folder / "stream"}, std::system_error);
    EXPECT_TRUE(is_there(folder / "stream"));
    co_return;
}

/// Sends numbers to `to`, or to the peer, until `count` have been sent.
async<> send_numbers(unix_datagram_socket& from, int count, std::optional<address> to, int& sent) {
    for (; sent < count; ++sent) {
        const std::string text = std::to_string(sent);
        if (to) co_await from.send_to(text, *to);
        else co_await from.send(text);
    }
}

// More than any receiver's queue holds (net.unix.max_dgram_qlen, 10 to 512).
constexpr int plenty = 2000;

TORUS_TEST(unix_datagram, S435_waits_for_a_receiver_that_is_busy_and_loses_nothing) {
    const scratch_folder folder;
    for (const bool is_connected : {true, false}) {
        unix_datagram_socket server(folder / "s");
        unix_datagram_socket client;
        std::optional<address> to;
        if (is_connected) client.connect_to(server.local());
        else to = server.local();
        int sent = 0;
        task<> sending = create_task(send_numbers(client, plenty, to, sent));
        co_await let_others_run(100);
        EXPECT_FALSE(sending.done());
        EXPECT_LT(sent, plenty);
        for (int i = 0; i < plenty; ++i) {
            const std::string got = co_await server.recv();
            EXPECT_EQ(got, std::to_string(i));
        }
        co_await sending;
    }
}

TORUS_TEST(unix_datagram, S435_sends_nothing_when_the_wait_is_cancelled) {
    const scratch_folder folder;
    const std::size_t before = open_descriptors();
    unix_datagram_socket server(folder / "s");
    unix_datagram_socket client;
    int sent = 0;
    task<> sending = create_task(send_numbers(client, plenty, server.local(), sent));
    co_await let_others_run(100);
    sending.cancel();
    co_await expect_throws<cancelled_error>(sending);
    int received = 0;
    for (; received < sent; ++received) static_cast<void>(co_await server.recv());
    task<std::string> more = create_task(server.recv());
    co_await let_others_run();
    EXPECT_FALSE(more.done());
    server.close();
    co_await expect_throws<connection_closed>(more);
    client.close();
    co_await let_others_run();
    EXPECT_EQ(open_descriptors(), before);
}

TORUS_TEST(unix_datagram, S436_a_pair_is_connected) {
    auto both = unix_datagram_socket::pair();
    co_await both.first.send("there");
    co_await both.second.send("and back");
    EXPECT_EQ(co_await both.second.recv(), "there");
    EXPECT_EQ(co_await both.first.recv(), "and back");
    both.second.close();
    co_await let_others_run();
    const auto e = co_await expect_throws<std::system_error>(both.first.send("gone"));
    EXPECT_EQ(e.code(), std::errc::connection_refused);
}

}  // namespace
}  // namespace torus::testing
