// tests/net/serve_test.cpp: servers: where they listen, and how they take their clients on.
#include "net/names.hpp"
#include "net/sockets.hpp"

#include <fstream>
#include <memory>
#include <optional>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace torus::testing {
namespace {

async<> echo(stream conn) {
    while (auto line = co_await conn.next()) co_await conn.write(*line);
}

async<std::string> echoed(std::string host, std::uint16_t port) {
    stream conn = co_await open_connection(host, port);
    co_await conn.write("hello\n");
    const std::string answer = co_await conn.readline();
    co_await conn.close();
    co_return answer;
}

/// Counts lines, and owns the count.
class counting_handler {
public:
    counting_handler() = default;
    async<> operator()(stream conn) const {
        while (auto line = co_await conn.next()) ++*lines_;
    }
    std::weak_ptr<int> lines() const { return lines_; }

private:
    std::shared_ptr<int> lines_ = std::make_shared<int>(0);
};

/// What a listening socket's queue may hold: the kernel tells it where it tells of lost segments otherwise.
unsigned queue_of(const address& at) {
    tcp_info info{};
    socklen_t size = sizeof info;
    const int socket = listening_descriptor(at).value();
    if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
        throw std::system_error(errno, std::system_category(), "TCP_INFO");
    return info.tcpi_sacked;
}

TORUS_TEST(server, echoes) {
    server srv = co_await start_server(echo, "127.0.0.1", 0);
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    co_await conn.write("hello\n");
    EXPECT_EQ(co_await conn.readline(), "hello\n");
    EXPECT_EQ(srv.handlers(), 1u);
    EXPECT_TRUE(srv.is_serving());
    co_await conn.close();
    srv.close();
    EXPECT_FALSE(srv.is_serving());
    co_await srv.wait_closed();
    EXPECT_EQ(srv.handlers(), 0u);
}

TORUS_TEST(server, S208_picks_a_free_port_and_tells_it) {
    const server one = co_await start_server(echo, "127.0.0.1", 0);
    const server other = co_await start_server(echo, "127.0.0.1", 0);
    EXPECT_NE(one.port(), 0);
    EXPECT_NE(one.port(), other.port());
    EXPECT_EQ(one.sockets(), std::vector<address>{address::loopback(address_family::ipv4, one.port())});
}

TORUS_TEST(server, listens_on_every_address_of_a_name_with_one_port) {
    resolver::current().set_hosts_file(no_file);
    const server srv = co_await start_server(echo, "localhost", 0);
    const std::vector<address> both = {address::loopback(address_family::ipv6, srv.port()),
                                       address::loopback(address_family::ipv4, srv.port())};
    EXPECT_EQ(srv.sockets(), both);
    EXPECT_EQ(co_await echoed("::1", srv.port()), "hello\n");
    EXPECT_EQ(co_await echoed("127.0.0.1", srv.port()), "hello\n");
}

TORUS_TEST(server, listens_on_every_address_of_this_machine) {
    std::vector<std::string> peers;
    auto handler = [&peers](stream conn) -> async<> {
        peers.push_back(conn.peer().host());
        co_await echo(std::move(conn));
    };
    const server srv = co_await start_server(handler, "", 0);
    EXPECT_EQ(srv.sockets().size(), 1u);
    EXPECT_EQ(co_await echoed("::1", srv.port()), "hello\n");
    EXPECT_EQ(co_await echoed("127.0.0.1", srv.port()), "hello\n");
    EXPECT_EQ(co_await echoed("127.0.0.2", srv.port()), "hello\n");
    const texts expected = {"::1", "127.0.0.1", "127.0.0.1"};
    EXPECT_EQ(peers, expected);
}

TORUS_TEST(server, tells_where_it_cannot_listen) {
    dns_server dns;
    ask_only(dns.where());
    const server first = co_await start_server(echo, "127.0.0.1", 0);
    const auto taken = co_await expect_throws<std::system_error>(start_server(echo, "127.0.0.1", first.port()));
    EXPECT_EQ(taken.code(), std::errc::address_in_use);
    EXPECT_NE(std::string(taken.what()).find(first.sockets()[0].text()), std::string::npos) << taken.what();
    const auto away = co_await expect_throws<std::system_error>(start_server(echo, "192.0.2.250", 0));
    EXPECT_EQ(away.code(), std::errc::address_not_available);
    const auto unknown = co_await expect_throws<dns_error>(start_server(echo, "missing.example", 0));
    EXPECT_EQ(unknown.kind(), dns_failure::not_found);
    EXPECT_EQ(co_await echoed("127.0.0.1", first.port()), "hello\n");
}

TORUS_TEST(server, leaves_out_addresses_that_are_not_this_machines) {
    dns_server dns;
    ask_only(dns.where());
    dns.answer("a.example", {"192.0.2.250", "127.0.0.1", "2001:db8::1"});
    const std::size_t before = open_descriptors();
    const server srv = co_await start_server(echo, "a.example", 0);
    EXPECT_EQ(srv.sockets(), std::vector<address>{address::loopback(address_family::ipv4, srv.port())});
    EXPECT_EQ(open_descriptors(), before + 1);
    dns.answer("b.example", {"192.0.2.250", "2001:db8::1"});
    const auto e = co_await expect_throws<std::system_error>(start_server(echo, "b.example", 0));
    EXPECT_EQ(e.code(), std::errc::address_not_available);
}

TORUS_TEST(server, shares_its_port_with_those_who_want_that) {
    serve_options options;
    options.reuse_port = true;
    const server one = co_await start_server(echo, "127.0.0.1", 0, options);
    const server other = co_await start_server(echo, "127.0.0.1", one.port(), options);
    EXPECT_EQ(one.port(), other.port());
    co_await expect_throws<std::system_error>(start_server(echo, "127.0.0.1", one.port()));
    for (int i = 0; i < 20; ++i) EXPECT_EQ(co_await echoed("127.0.0.1", one.port()), "hello\n");
}

TORUS_TEST(server, starts_again_while_connections_of_the_former_linger) {
    auto goodbye = [](stream conn) -> async<> { co_await conn.close(); };
    std::uint16_t port = 0;
    {
        server srv = co_await start_server(goodbye, "127.0.0.1", 0);
        port = srv.port();
        stream conn = co_await open_connection("127.0.0.1", port);
        EXPECT_EQ(co_await conn.read(), "");  // the server has closed first: its side is the one that lingers
        co_await conn.close();
        co_await srv.shutdown(0s);
    }
    const server again = co_await start_server(echo, "127.0.0.1", port);
    EXPECT_EQ(co_await echoed("127.0.0.1", port), "hello\n");
}

TORUS_TEST(server, has_room_for_as_many_waiting_clients_as_is_asked) {
    const server srv = co_await start_server(echo, "127.0.0.1", 0);
    std::ifstream most("/proc/sys/net/core/somaxconn");
    int allowed = 0;
    most >> allowed;
    EXPECT_EQ(queue_of(srv.sockets()[0]), static_cast<unsigned>(std::min(default_listen_backlog, allowed)));
    serve_options options;
    options.backlog = 7;
    const server small = co_await start_server(echo, "127.0.0.1", 0, options);
    EXPECT_EQ(queue_of(small.sockets()[0]), 7u);
}

TORUS_TEST(server, takes_a_thousand_clients_that_come_at_once) {
    const server srv = co_await start_server(echo, "127.0.0.1", 0);
    std::vector<task<std::string>> clients;
    for (int i = 0; i < 1000; ++i) clients.push_back(create_task(echoed("127.0.0.1", srv.port())));
    for (task<std::string>& each : clients) EXPECT_EQ(co_await each, "hello\n");
}

TORUS_TEST(server, gives_its_clients_sockets_that_send_at_once_and_stay_in_this_program) {
    int no_delay = 0, descriptor_flags = 0, status_flags = 0;
    std::size_t limit = 0;
    auto handler = [&](stream conn) -> async<> {
        const int socket = conn.below().socket();
        no_delay = option_of(socket, IPPROTO_TCP, TCP_NODELAY);
        descriptor_flags = ::fcntl(socket, F_GETFD);
        status_flags = ::fcntl(socket, F_GETFL);
        limit = conn.options().read_limit;
        co_await echo(std::move(conn));
    };
    serve_options options;
    options.limits.read_limit = 77;
    const server srv = co_await start_server(handler, "127.0.0.1", 0, options);
    EXPECT_EQ(co_await echoed("127.0.0.1", srv.port()), "hello\n");
    EXPECT_EQ(no_delay, 1);
    EXPECT_NE(descriptor_flags & FD_CLOEXEC, 0);
    EXPECT_NE(status_flags & O_NONBLOCK, 0);
    EXPECT_EQ(limit, 77u);
    const int listening = listening_descriptor(srv.sockets()[0]).value();
    EXPECT_NE(::fcntl(listening, F_GETFD) & FD_CLOEXEC, 0);
}

TORUS_TEST(server, keeps_its_handler_until_the_last_client_has_been_served) {
    std::weak_ptr<int> watched;
    std::optional<stream> conn;
    {
        const counting_handler handler;
        watched = handler.lines();
        const server srv = co_await start_server(handler, "127.0.0.1", 0);
        conn.emplace(co_await open_connection("127.0.0.1", srv.port()));
        while (srv.handlers() == 0) co_await yield_now();
    }
    co_await conn->write("line\n");
    while (*watched.lock() == 0) co_await yield_now();
    co_await conn->close();
    while (!watched.expired()) co_await yield_now();
}

TORUS_TEST(server, assigned_another_one_closes_the_former) {
    server srv = co_await start_server(echo, "127.0.0.1", 0);
    const std::uint16_t former = srv.port();
    srv = co_await start_server(echo, "127.0.0.1", 0);
    co_await expect_throws<connect_error>(open_connection("127.0.0.1", former));
    const server moved = std::move(srv);
    EXPECT_EQ(co_await echoed("127.0.0.1", moved.port()), "hello\n");
}

TORUS_TEST(server, cancelled_while_it_looks_for_its_address_has_not_been_started) {
    dns_server dns;
    ask_only(dns.where());
    dns.answer_both("a.example", {{}, verdict::good, manner::silent});
    std::optional<counting_handler> handler(std::in_place);
    const std::weak_ptr<int> watched = handler->lines();
    task<server> starting = create_task(start_server(*handler, "a.example", 0));
    handler.reset();
    co_await dns.wait_until_asked(2);
    starting.cancel();
    co_await expect_throws<cancelled_error>(starting);
    EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace torus::testing
