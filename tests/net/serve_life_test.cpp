// tests/net/serve_life_test.cpp: handlers that fail, clients that stay, and the ends of servers.
#include <torus/sim/network.hpp>

#include "net/names.hpp"
#include "net/sockets.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace torus::testing {
namespace {

async<> echo(stream conn) {
    while (auto line = co_await conn.next()) co_await conn.write(*line);
}

/// Serves by waiting for ever, and counts how often it was cancelled before it went.
class stubborn_handler {
public:
    explicit stubborn_handler(int at_least) : times_(at_least) {}
    async<> operator()(stream) const {
        for (int left = times_;;) {
            try {
                co_await sleep_forever();
            } catch (const cancelled_error&) {
                ++*cancelled;
                if (--left == 0) throw;
            }
        }
    }
    std::shared_ptr<int> cancelled = std::make_shared<int>(0);

private:
    int times_;
};

async<stream> client_of(const server& srv, std::size_t handlers = 1) {
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    while (srv.handlers() < handlers) co_await yield_now();
    co_return conn;
}

/// Whether the connection still works.
async<bool> is_served(stream& conn) {
    co_await conn.write("hello\n");
    const std::string answer = co_await conn.readline();
    co_return answer == "hello\n";
}

TEST(server, S604_goes_with_the_last_of_its_handlers_also_if_that_had_to_be_dropped) {
    std::weak_ptr<int> kept;
    const auto main = [&]() -> async<> {
        const stubborn_handler handler(1000);
        kept = handler.cancelled;
        const server srv = co_await start_server(handler, "127.0.0.1", 0);
        const stream conn = co_await client_of(srv);
    };
    const sim::network network;
    ::testing::internal::CaptureStderr();
    run(main(), {.world = &network, .task_grace = 1s});
    EXPECT_NE(::testing::internal::GetCapturedStderr().find("refused to end"), std::string::npos);
    EXPECT_TRUE(kept.expired());
}

TORUS_TEST(server, S205_goes_on_when_a_handler_fails) {
    auto handler = [](stream conn) -> async<> {
        while (auto line = co_await conn.next()) {
            if (*line == "fail\n") throw std::runtime_error("on request");
            if (*line == "strange\n") throw 7;
            if (*line == "give up\n") throw cancelled_error();
            co_await conn.write(*line);
        }
    };
    const server srv = co_await start_server(handler, "127.0.0.1", 0);
    stream good = co_await client_of(srv);
    for (const char* each : {"fail\n", "strange\n", "give up\n"}) {
        stream bad = co_await client_of(srv, 2);
        co_await bad.write(each);
        EXPECT_EQ(co_await bad.read(), "");
        EXPECT_TRUE(co_await is_served(good));
    }
    const std::vector<std::string> reports = take_reports();
    EXPECT_EQ(reports.size(), 2u);
    EXPECT_NE(reports.at(0).find("on request"), std::string::npos) << reports[0];
}

TORUS_TEST(server, S205_goes_on_when_a_handler_fails_before_it_is_a_coroutine) {
    bool fails = true;
    auto handler = [&fails](stream conn) -> async<> {
        if (std::exchange(fails, false)) throw std::runtime_error("at once");
        return echo(std::move(conn));
    };
    const server srv = co_await start_server(handler, "127.0.0.1", 0);
    stream bad = co_await open_connection("127.0.0.1", srv.port());
    EXPECT_EQ(co_await bad.read(), "");
    stream good = co_await client_of(srv);
    EXPECT_TRUE(co_await is_served(good));
    EXPECT_EQ(take_reports().size(), 1u);
}

TORUS_TEST(server, S206_closed_takes_nobody_and_goes_on_with_those_who_are_there) {
    server srv = co_await start_server(echo, "127.0.0.1", 0);
    stream conn = co_await client_of(srv);
    srv.close();
    srv.close();
    EXPECT_FALSE(srv.is_serving());
    const auto e = co_await expect_throws<connect_error>(open_connection("127.0.0.1", srv.port()));
    EXPECT_EQ(e.code(), std::errc::connection_refused);
    task<> closed = create_task(srv.wait_closed());
    EXPECT_TRUE(co_await is_served(conn));
    EXPECT_FALSE(closed.done());
    task<> given_up = create_task(srv.wait_closed());
    co_await let_others_run();
    given_up.cancel();
    co_await expect_throws<cancelled_error>(given_up);
    EXPECT_TRUE(co_await is_served(conn));
    co_await conn.close();
    co_await closed;
    EXPECT_EQ(srv.handlers(), 0u);
    co_await srv.wait_closed();
}

TORUS_TEST(server, S206_closed_leaves_its_port_to_the_next_one_at_once) {
    for (int i = 0; i < 20; ++i) {
        server srv = co_await start_server(echo, "127.0.0.1", 0);
        if (i % 2 == 0) co_await let_others_run();
        srv.close();
        const server next = co_await start_server(echo, "127.0.0.1", srv.port());
        EXPECT_EQ(next.port(), srv.port());
    }
}

TORUS_TEST(server, S206_has_left_its_address_when_the_wait_for_its_end_is_over) {
    const std::string name = "@torus-test-" + std::to_string(::getpid()) + "-again";
    for (int i = 0; i < 20; ++i) {
        server srv = co_await start_unix_server(echo, name);
        if (i % 2 == 0) co_await let_others_run();
        srv.close();
        co_await srv.wait_closed();
    }
}

TORUS_TEST(server, S207_cancelled_while_it_serves_ends_its_handlers_first) {
    int alive = 0;
    auto handler = [&alive](stream conn) -> async<> {
        struct counted {
            explicit counted(int& of) : count(of) { ++count; }
            ~counted() { --count; }
            int& count;
        } const here(alive);
        co_await echo(std::move(conn));
    };
    server srv = co_await start_server(handler, "127.0.0.1", 0);
    std::vector<stream> idle;
    for (std::size_t i = 1; i <= 10; ++i) idle.push_back(co_await client_of(srv, i));
    task<> serving = create_task(srv.serve_forever());
    co_await let_others_run();
    EXPECT_EQ(alive, 10);
    serving.cancel();
    co_await expect_throws<cancelled_error>(serving);
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(srv.handlers(), 0u);
    for (stream& each : idle) EXPECT_EQ(co_await each.read(), "");
}

TORUS_TEST(server, S207_serves_until_it_is_closed_and_the_last_client_has_gone) {
    server srv = co_await start_server(echo, "127.0.0.1", 0);
    stream conn = co_await client_of(srv);
    task<> serving = create_task(srv.serve_forever());
    co_await let_others_run();
    srv.close();
    EXPECT_TRUE(co_await is_served(conn));
    EXPECT_FALSE(serving.done());
    co_await conn.close();
    co_await serving;
    EXPECT_EQ(srv.handlers(), 0u);
}

TORUS_TEST(server, S207_cancels_again_who_has_swallowed_it) {
    const stubborn_handler handler(3);
    server srv = co_await start_server(handler, "127.0.0.1", 0);
    const stream conn = co_await client_of(srv);
    task<> serving = create_task(srv.serve_forever());
    co_await let_others_run();
    serving.cancel();
    co_await expect_throws<cancelled_error>(serving);
    EXPECT_EQ(*handler.cancelled, 3);
    EXPECT_EQ(elapsed(), 2s);
}

TORUS_TEST(server, S207_shut_down_waits_for_who_ends_in_time) {
    auto slow = [](stream) -> async<> { co_await sleep(3s); };
    server srv = co_await start_server(slow, "127.0.0.1", 0);
    const stream conn = co_await client_of(srv);
    EXPECT_TRUE(co_await srv.shutdown(10s));
    EXPECT_EQ(elapsed(), 3s);
    EXPECT_TRUE(co_await srv.shutdown(10s));
    EXPECT_EQ(elapsed(), 3s);
}

TORUS_TEST(server, S207_shut_down_cancels_who_does_not_end_in_time) {
    const stubborn_handler handler(1);
    server srv = co_await start_server(handler, "127.0.0.1", 0);
    const stream one = co_await client_of(srv), other = co_await client_of(srv, 2);
    EXPECT_FALSE(co_await srv.shutdown(10s));
    EXPECT_EQ(elapsed(), 10s);
    EXPECT_EQ(*handler.cancelled, 2);
    EXPECT_EQ(srv.handlers(), 0u);
}

TORUS_TEST(server, S207_shut_down_without_grace_cancels_at_once) {
    const stubborn_handler handler(1);
    server srv = co_await start_server(handler, "127.0.0.1", 0);
    const stream conn = co_await client_of(srv);
    EXPECT_FALSE(co_await srv.shutdown(0s));
    EXPECT_EQ(elapsed(), 0s);
    EXPECT_EQ(*handler.cancelled, 1);
}

TORUS_TEST(server, S207_shutting_down_cancelled_ends_the_grace_early) {
    const stubborn_handler handler(1);
    server srv = co_await start_server(handler, "127.0.0.1", 0);
    const stream conn = co_await client_of(srv);
    task<bool> ending = create_task(srv.shutdown(1h));
    co_await sleep(1s);
    ending.cancel();
    co_await expect_throws<cancelled_error>(ending);
    EXPECT_EQ(elapsed(), 1s);
    EXPECT_EQ(*handler.cancelled, 1);
    EXPECT_EQ(srv.handlers(), 0u);
}

TORUS_TEST(server, S207_shut_down_aborts_connections_that_outlive_their_handlers) {
    std::vector<stream> kept;
    auto keep = [&kept](stream conn) -> async<> {
        kept.push_back(std::move(conn));
        co_return;
    };
    server srv = co_await start_server(keep, "127.0.0.1", 0);
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    while (kept.empty()) co_await yield_now();
    EXPECT_FALSE(co_await srv.shutdown(1s));
    EXPECT_EQ(elapsed(), 1s + default_close_limit);
    co_await expect_throws<connection_closed>(conn.read());
}

TORUS_TEST(server, tells_its_clients_handlers_that_no_more_will_come) {
    auto counts = [](stream conn) -> async<> {
        int lines = 0;
        while (auto line = co_await conn.next()) ++lines;
        co_await conn.write(std::to_string(lines));
    };
    server srv = co_await start_server(counts, "127.0.0.1", 0);
    stream conn = co_await client_of(srv);
    co_await conn.write("one\n");
    srv.close_clients();
    const std::string answer = co_await conn.read();
    EXPECT_TRUE(answer == "1" || answer == "0") << answer;  // the line may have come too late
    EXPECT_TRUE(srv.is_serving());
}

TORUS_TEST(server, aborts_its_clients) {
    server srv = co_await start_server(echo, "127.0.0.1", 0);
    stream conn = co_await client_of(srv);
    EXPECT_TRUE(co_await is_served(conn));
    srv.abort_clients();
    co_await expect_throws<connection_closed>(conn.read());
    while (srv.handlers() > 0) co_await yield_now();
    EXPECT_EQ(take_reports().size(), 1u);  // the handler's read has failed, and so has the handler
    stream next = co_await client_of(srv);
    EXPECT_TRUE(co_await is_served(next));
}

TORUS_TEST(server, tells_why_it_cannot_accept_any_more) {
    server srv = co_await start_server(echo, "127.0.0.1", 0);
    task<> serving = create_task(srv.serve_forever());
    co_await let_others_run();
    ::shutdown(listening_descriptor(srv.sockets()[0]).value(), SHUT_RDWR);
    const auto e = co_await expect_throws<std::system_error>(serving);
    EXPECT_EQ(e.code(), std::errc::invalid_argument);
    EXPECT_FALSE(srv.is_serving());
    EXPECT_EQ(take_reports().size(), 1u);
}

TORUS_IO_TEST(server, S209_pauses_and_goes_on_where_no_descriptor_is_left) {
    if (address_sanitizer) co_return;  // it looks at memory through a pipe, and takes it for bad without one
    const server srv = co_await start_server(echo, "127.0.0.1", 0);
    stream before = co_await client_of(srv);
    descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const address at = srv.sockets()[0];
    {
        const no_descriptors_left shortage;
        ::connect(client.number(), at.data(), at.size());
        co_await let_others_run(200);
        EXPECT_TRUE(co_await is_served(before));
        EXPECT_EQ(srv.handlers(), 1u);
        EXPECT_EQ(take_reports().size(), 1u);
    }
    stream after(socket_transport(std::move(client), at));
    EXPECT_TRUE(co_await is_served(after));
    EXPECT_EQ(srv.handlers(), 2u);
}

// No operation is in flight while a server pauses, and time passes at once. If it did not pause, time would not pass.
TORUS_TEST(server, S209_does_not_spin_where_no_descriptor_is_left) {
    if (address_sanitizer) co_return;
    const server srv = co_await start_server(echo, "127.0.0.1", 0);
    const descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const address at = srv.sockets()[0];
    const no_descriptors_left shortage;
    ::connect(client.number(), at.data(), at.size());
    while (elapsed() < 1h) co_await sleep(1s);
    EXPECT_EQ(take_reports().size(), 1u);
}

TEST(server, is_ended_by_the_end_of_run_with_its_clients) {
    auto leave_all = []() -> async<> {
        const server srv = co_await start_server(echo, "127.0.0.1", 0);
        static std::optional<stream> conn;
        conn.emplace(co_await client_of(srv));
        EXPECT_TRUE(co_await is_served(*conn));
        conn.reset();
    };
    run(leave_all());
}

}  // namespace
}  // namespace torus::testing
