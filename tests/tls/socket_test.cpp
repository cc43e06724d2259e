// tests/tls/socket_test.cpp: TLS over the kernel's sockets.
#include "open_descriptors.hpp"
#include "secured.hpp"

#include <torus/net/net.hpp>
#include <torus/sync/event.hpp>

#include <vector>

namespace torus::tls::testing {
namespace {

using namespace std::chrono_literals;

/// Says what it hears, until the client has ended.
async<> echo(stream plain) {
    try {
        stream conn = co_await accept(std::move(plain), serving());
        std::array<char, 10'000> room{};
        for (;;) {
            const std::size_t bytes = co_await conn.read_into(room);
            if (bytes == 0) break;
            co_await conn.write(std::string_view(room.data(), bytes));
        }
        co_await conn.close();
    } catch (const std::exception&) {
        co_return;  // the tests look at the client
    }
}

/// Waits until nothing but this task runs any more, and the kernel has closed what was open.
async<> expect_no_more_than(std::size_t tasks, std::ptrdiff_t descriptors) {
    for (int i = 0; i < 2000 && (all_tasks().size() > tasks || open_descriptors() > descriptors); ++i)
        co_await sleep(5ms);
    EXPECT_EQ(all_tasks().size(), tasks);
    EXPECT_EQ(open_descriptors(), descriptors);
}

async<> ask_and_end(stream& conn, std::string text) {
    co_await conn.write(text);
    co_await conn.write_eof();
}

/// Sends `text`, and expects to hear it again.
async<> converse(std::uint16_t port, context with, std::string text) {
    stream conn = co_await tls::open_connection("127.0.0.1", port, std::move(with));
    auto [heard, asked] = co_await gather(conn.read(), ask_and_end(conn, text));
    EXPECT_TRUE(heard == text);
    co_await conn.close();
}

TORUS_IO_TEST(tls_socket, connects_and_talks) {
    server srv = co_await start_server(echo, "127.0.0.1", 0);
    stream conn = co_await tls::open_connection("127.0.0.1", srv.port(), trusting());
    EXPECT_GE(conn.below().descriptor(), 0);
    EXPECT_EQ(conn.peer().port(), srv.port());
    co_await conn.write("hello\n");
    EXPECT_EQ(co_await conn.readline(), "hello\n");
    co_await conn.close();
    co_await srv.shutdown(10s);
}

TORUS_IO_TEST(tls_socket, verifies_by_default) {
    server srv = co_await start_server(echo, "127.0.0.1", 0);
    const error wrong = co_await expect_throws<error>(tls::open_connection("127.0.0.1", srv.port()));
    EXPECT_EQ(wrong.reason(), reason::unknown_authority);
    co_await srv.shutdown(10s);
}

TORUS_IO_TEST(tls_socket, refuses_a_wrong_host_name) {
    server srv = co_await start_server(echo, "127.0.0.1", 0);
    const error wrong = co_await expect_throws<error>(tls::open_connection("localhost", srv.port(), trusting()));
    EXPECT_EQ(wrong.reason(), reason::host_mismatch);
    co_await srv.shutdown(10s);
}

TORUS_IO_TEST(tls_socket, resumes_the_session_of_the_same_server) {
    auto greet = [with = serving()](stream plain) -> async<> {
        stream conn = co_await accept(std::move(plain), with);
        co_await conn.write("hello");
        co_await conn.close();
    };
    server srv = co_await start_server(greet, "127.0.0.1", 0);
    const context with = trusting();
    for (const bool resumed : {false, true, true}) {
        stream conn = co_await tls::open_connection("127.0.0.1", srv.port(), with);
        EXPECT_EQ(co_await conn.read(), "hello");
        EXPECT_EQ(negotiated(conn).value().resumed, resumed);
        co_await conn.close();
        stream later = co_await torus::open_connection("127.0.0.1", srv.port());
        later = co_await connect(std::move(later), with, "127.0.0.1");  // its port is the peer's
        EXPECT_TRUE(negotiated(later).value().resumed);
        EXPECT_EQ(co_await later.read(), "hello");
    }
    co_await srv.shutdown(10s);
}

TORUS_IO_TEST(tls_socket, carries_much_both_ways_on_many_connections_at_once) {
    server srv = co_await start_server(echo, "127.0.0.1", 0);
    const context with = trusting();
    std::vector<async<>> all;
    for (int i = 0; i < 10; ++i) all.push_back(converse(srv.port(), with, noise(1'000'000)));
    co_await gather(all);
    co_await srv.shutdown(10s);
}

TORUS_IO_TEST(tls_socket, handshake_with_a_peer_that_never_answers_ends) {
    const std::ptrdiff_t before = open_descriptors();
    event over;
    auto keep_silent = [&over](stream) -> async<> { co_await over.wait(); };
    server srv = co_await start_server(keep_silent, "127.0.0.1", 0);
    stream plain = co_await torus::open_connection("127.0.0.1", srv.port());
    handshake_options options;
    options.timeout = 20ms;
    co_await expect_throws<timeout_error>(connect(std::move(plain), trusting(), "a.example", options));
    over.set();
    co_await srv.shutdown(10s);
    co_await expect_no_more_than(1, before);
}

TORUS_IO_TEST(tls_socket, peer_that_resets_the_connection_is_met_by_reader_and_writer) {
    auto reset = [](stream plain) -> async<> {
        stream conn = co_await accept(std::move(plain), serving());
        static_cast<void>(co_await conn.readline());
        conn.abort();
    };
    server srv = co_await start_server(reset, "127.0.0.1", 0);
    stream conn = co_await tls::open_connection("127.0.0.1", srv.port(), trusting());
    co_await conn.write("go\n");
    co_await expect_throws<connection_closed>(conn.read(1));
    auto write = [&]() -> async<> {
        for (;;) co_await conn.write(noise(100'000));
    };
    async<> writing = write();
    co_await expect_throws<connection_closed>(std::move(writing));
    co_await srv.shutdown(10s);
}

TORUS_IO_TEST(tls_socket, refused_client_hears_why_though_it_talks_already) {
    auto refuse = [](stream plain) -> async<> {
        const server_options strict{.client_certificate = client_certificate::required,
                                    .trust = pem(test_authority().certificate())};
        co_await expect_throws<error>(accept(std::move(plain), serving(strict)));
    };
    server srv = co_await start_server(refuse, "127.0.0.1", 0);
    for (int i = 0; i < 20; ++i) {
        stream conn = co_await tls::open_connection("127.0.0.1", srv.port(), trusting());
        co_await conn.write("GET / HTTP/1.1\r\n\r\n");
        const error why = co_await expect_throws<error>(conn.read(1));
        EXPECT_EQ(why.reason(), reason::certificate_required) << why.what();
    }
    co_await srv.shutdown(10s);
}

TORUS_IO_TEST(tls_socket, cancellation_leaks_neither_descriptor_nor_task_wherever_it_comes) {
    server srv = co_await start_server(echo, "127.0.0.1", 0);
    const context with = trusting();
    co_await converse(srv.port(), with, "what is made once is made");
    const std::size_t tasks = all_tasks().size();
    const std::ptrdiff_t descriptors = open_descriptors();
    bool is_over = false;
    for (int turns = 1; !is_over; turns += 1 + turns / 10) {
        task<> conversation = create_task(converse(srv.port(), with, noise(50'000)));
        for (int i = 0; i < turns && !conversation.done(); ++i) co_await yield_now();
        is_over = conversation.done() || turns > 20'000;
        co_await end(conversation);
    }
    co_await expect_no_more_than(tasks, descriptors);
    co_await srv.shutdown(10s);
    static_cast<void>(torus::testing::take_reports());  // of what was written and then cancelled
}

TORUS_IO_TEST(tls_socket, server_that_shuts_down_ends_its_clients) {
    const std::ptrdiff_t before = open_descriptors();
    server srv = co_await start_server(echo, "127.0.0.1", 0);
    stream conn = co_await tls::open_connection("127.0.0.1", srv.port(), trusting());
    co_await conn.write("x");
    EXPECT_EQ(co_await conn.read(1), "x");
    co_await srv.shutdown(0s);
    try {
        EXPECT_EQ(co_await conn.read(1), "");
    } catch (const std::exception&) {
        EXPECT_TRUE(true);  // it was cut off, or said goodbye: either is an end
    }
    co_await conn.close();
    co_await expect_no_more_than(1, before);
}

}  // namespace
}  // namespace torus::tls::testing
