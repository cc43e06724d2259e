// tests/sim/network_test.cpp: programs on a simulated network, that loses, delays, reorders and splits.
#include <torus/sim/network.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/core/socket_calls.hpp>
#include <torus/http/client.hpp>
#include <torus/http/server.hpp>
#include <torus/net/net.hpp>
#include <torus/testing/test.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace torus::testing {
namespace {

using namespace std::literals;

// [run]
template <class T> T run_on(const sim::network_options& options, async<T> main) {
    const sim::network network(options);
    return run(std::move(main), {.world = &network, .blocked_after = duration::zero()});
}
// [/run]

std::string numbered(std::size_t size) {
    std::string text;
    while (text.size() < size) text += std::to_string(text.size()) + " ";
    text.resize(size);
    return text;
}

async<> echo(stream client) {
    for (std::string some = co_await client.read(4096); !some.empty(); some = co_await client.read(4096))
        co_await client.write(some);
}

/// What comes back from a server for what is sent to it.
async<std::string> echoed(std::string text) {
    const server srv = co_await start_server(echo, "127.0.0.1", 0);
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    const auto send = [](stream& to, std::string what) -> async<> {
        co_await to.write(what);
        co_await to.write_eof();
    };
    task<> sending = create_task(send(conn, std::move(text)));
    std::string all = co_await conn.read();
    co_await sending;
    co_return all;
}

async<duration> time_of(async<std::string> what) {
    const time_point before = clock::now();
    static_cast<void>(co_await std::move(what));
    co_return clock::now() - before;
}

TEST(simulated_network, S577_runs_a_program_without_the_kernels_sockets) {
    EXPECT_EQ(run_on({}, echoed("hello")), "hello");
}

TEST(simulated_network, S578_a_latency_passes_in_no_real_time) {
    // There and back: the handshake, the text, the end.
    const sim::network_options far{.latency = 1s};
    EXPECT_EQ(run_on(far, time_of(echoed("hello"))), 4s);
}

/// A server that echoes, and a connection to it; then the network is cut.
template <class Rest> async<> cut_off(sim::network& network, Rest rest) {
    const server srv = co_await start_server(echo, "127.0.0.1", 0);
    stream conn = co_await open_connection("127.0.0.1", srv.port());
    network.change({.loss = 1});
    co_await conn.write("are you there?");
    co_await rest(conn);
}

TEST(simulated_network, S584_what_was_sent_into_a_cut_arrives_when_it_has_been_repaired) {
    sim::network network;
    const auto rest = [&](stream& conn) -> async<> {
        co_await sleep(7s);
        network.change({});
        const time_point repaired = clock::now();
        EXPECT_EQ(co_await conn.readexactly(14), "are you there?");
        // Sent again after 0.2 s, 0.6, 1.4, 3, 6.2, 12.6.
        EXPECT_EQ(clock::now() - repaired, 5600ms);
    };
    run(cut_off(network, rest), {.world = &network, .blocked_after = duration::zero()});
}

TEST(simulated_network, S584_a_connection_that_stays_cut_ends_after_fifteen_repetitions) {
    sim::network network;
    const auto rest = [](stream& conn) -> async<> {
        const time_point before = clock::now();
        const auto e = co_await expect_throws<std::system_error>(conn.read());
        EXPECT_EQ(e.code(), std::errc::timed_out);
        EXPECT_EQ(clock::now() - before, 924600ms);  // Documentation/networking/ip-sysctl: tcp_retries2
    };
    run(cut_off(network, rest), {.world = &network, .blocked_after = duration::zero()});
}

TEST(simulated_network, S584_of_four_segments_the_lost_first_is_sent_again_at_once) {
    sim::network network;
    const auto rest = [&](stream& conn) -> async<> {  // which has lost its first
        network.change({});
        const time_point repaired = clock::now();
        for (const char* each : {" yes", " or", " no"}) {
            co_await conn.write(each);
            co_await conn.flush();
        }
        EXPECT_EQ(co_await conn.readexactly(24), "are you there? yes or no");
        EXPECT_EQ(clock::now(), repaired);  // without the time-out: the others have been acknowledged three times
    };
    run(cut_off(network, rest), {.world = &network, .blocked_after = duration::zero()});
}

// [bad]
TEST(simulated_network, S579_no_byte_is_lost_repeated_or_out_of_order_where_packets_are) {
    const std::string text = numbered(300'000);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const sim::network_options bad{
            .seed = seed, .latency = 1ms, .most_latency = 30ms, .loss = 0.1, .split = 0.2, .late = 0.2};
        EXPECT_EQ(run_on(bad, echoed(text)), text) << "seed " << seed;
    }
}
// [/bad]

TEST(simulated_network, S580_the_same_seed_gives_the_same_run) {
    const std::string text = numbered(50'000);
    const auto with = [&](std::uint64_t seed) {
        return run_on({.seed = seed, .latency = 1ms, .most_latency = 9ms, .loss = 0.05}, time_of(echoed(text)));
    };
    EXPECT_EQ(with(3), with(3));
    EXPECT_NE(with(3), with(4));
    EXPECT_EQ(with(3), 29'344'337ns);  // whatever compiled it; another when streams send in other pieces
}

async<std::string> why_not(async<stream> connecting) {
    try {
        const stream conn = co_await std::move(connecting);
    } catch (const std::exception& e) {
        co_return e.what();
    }
    co_return "connected";
}

TEST(simulated_network, S581_who_hears_nothing_gives_up_as_linux_does) {
    const auto main = []() -> async<> {
        const server srv = co_await start_server(echo, "127.0.0.1", 0);
        const time_point before = clock::now();
        const std::string why =
            co_await why_not(open_connection("127.0.0.1", srv.port(), {.timeout = duration::max()}));
        EXPECT_NE(why.find("timed out"), std::string::npos) << why;
        EXPECT_EQ(clock::now() - before, 127s);  // tcp(7): tcp_syn_retries
    };
    run_on({.loss = 1}, main());
}

TEST(simulated_network, S581_a_connection_that_is_kept_alive_ends_when_nobody_answers_in_time) {
    const auto main = []() -> async<> {
        const server srv = co_await start_server(echo, "127.0.0.1", 0);
        stream conn = co_await open_connection("127.0.0.1", srv.port(), {.timeout = duration::max()});
        const time_point before = clock::now();
        const auto set = [&](int level, int option, int value) {
            EXPECT_EQ(sockets().set_option(conn.below().socket(), level, option, &value, sizeof value), 0);
        };
        set(IPPROTO_TCP, TCP_KEEPIDLE, 10);  // seconds
        set(IPPROTO_TCP, TCP_KEEPINTVL, 3);
        set(IPPROTO_TCP, TCP_KEEPCNT, 5);
        set(SOL_SOCKET, SO_KEEPALIVE, 1);
        const auto e = co_await expect_throws<std::system_error>(conn.read());
        EXPECT_EQ(e.code(), std::errc::timed_out);
        EXPECT_EQ(clock::now() - before, 25s);  // the first question after ten, the end three after the fifth
    };
    run_on({.latency = 40s}, main());
}

TEST(simulated_network, S582_datagrams_may_be_lost_and_overtake_each_other) {
    const auto main = []() -> async<std::vector<std::string>> {
        udp_socket to = co_await udp_socket::bind("127.0.0.1", 0);
        udp_socket from = co_await udp_socket::connect("127.0.0.1", to.local().port());
        for (int i = 100; i < 200; ++i) co_await from.send(std::to_string(i));
        std::vector<std::string> came;
        co_await move_on_after(1s, [](udp_socket& at, std::vector<std::string>& all) -> async<> {
            for (;;) all.push_back(co_await at.recv());
        }(to, came));
        co_return came;
    };
    const std::vector<std::string> came = run_on({.most_latency = 50ms, .loss = 0.3}, main());
    EXPECT_GT(came.size(), 40U);
    EXPECT_LT(came.size(), 95U);
    EXPECT_FALSE(std::is_sorted(came.begin(), came.end()));
    EXPECT_EQ(run_on({}, main()).size(), 100U);
}

TEST(simulated_network, S583_http_goes_through_a_bad_network) {
    const auto main = []() -> async<int> {
        const auto answer = [](http::incoming& request) -> async<http::reply> {
            co_return http::reply(200, std::string(co_await request.text()));
        };
        http::server srv = co_await http::serve(answer, "127.0.0.1", 0);
        http::client client;
        const std::string url = "http://127.0.0.1:" + std::to_string(srv.port()) + "/";
        const auto ask = [](http::client& by, std::string at, int i) -> async<int> {
            const std::string body = numbered(static_cast<std::size_t>(i) * 100);
            http::response r = co_await by.post(at, body, "text/plain");
            co_return co_await r.text() == body ? 1 : 0;
        };
        std::vector<async<int>> all;
        for (int i = 0; i < 100; ++i) all.push_back(ask(client, url, i));
        int right = 0;
        for (const int each : co_await gather(std::move(all))) right += each;
        co_return right;
    };
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const sim::network_options bad{.seed = seed, .latency = 1ms, .most_latency = 5ms, .loss = 0.02, .split = 0.1};
        EXPECT_EQ(run_on(bad, main()), 100) << "seed " << seed;
    }
}

}  // namespace
}  // namespace torus::testing
