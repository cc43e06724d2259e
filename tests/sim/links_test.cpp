// tests/sim/links_test.cpp: what links do with packets.
#include <torus/sim/world.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include "sim/echoing.hpp"

namespace torus::testing {
namespace {

using namespace std::literals;

async<duration> time_of_an_answer(std::string from) {
    const time_point before = clock::now();
    EXPECT_EQ(co_await ask(from, "hello"), "hello");
    co_return clock::now() - before;
}

TEST(links, S587_a_link_delays_what_goes_through_it_and_no_host_to_itself) {
    sim::world w({.link = {.latency = 100ms}});
    const sim::host& a = w.add_host("a", echo);
    sim::host& b = w.add_host("b", echo);
    w.run([&]() -> async<> {
        co_await sleep(1ms);
        EXPECT_EQ(co_await b.submit(time_of_an_answer("a")), 400ms);  // there and back: the handshake, the text
        EXPECT_EQ(co_await b.submit(time_of_an_answer("localhost")), 0ms);
        EXPECT_EQ(co_await b.submit(time_of_an_answer("b")), 0ms);
        w.set_link_one_way(b, a, {.latency = 1s});
        EXPECT_EQ(co_await b.submit(time_of_an_answer("a")), 2200ms);
    });
}

/// How long a million bytes take.
async<duration> time_of_a_megabyte(std::string from) {
    stream conn = co_await open_connection(from, port);
    const time_point before = clock::now();
    EXPECT_EQ((co_await conn.read()).size(), 1'000'000U);
    co_return clock::now() - before;
}

async<> megabyte() {
    const auto give = [](stream client) -> async<> { co_await client.write(std::string(1'000'000, 'x')); };
    server srv = co_await start_server(give, "", port);
    co_await srv.serve_forever();
}

TEST(links, S587_a_link_takes_no_more_bytes_in_a_second_than_its_bandwidth) {
    sim::world w({.link = {.bandwidth = 100'000}});
    w.add_host("a", megabyte);
    sim::host& b = w.add_host("b", []() -> async<> {
        const duration taken = co_await time_of_a_megabyte("a");
        EXPECT_GT(taken, 10s);
        EXPECT_LT(taken, 11s);  // 40 bytes of headers for 1,448
    });
    w.run(b.ended());
}

async<std::vector<std::string>> datagrams_in(udp_socket& at, duration span) {
    std::vector<std::string> came;
    co_await move_on_after(span, [](udp_socket& on, std::vector<std::string>& all) -> async<> {
        for (;;) all.push_back(co_await on.recv());
    }(at, came));
    co_return came;
}

TEST(links, S587_a_link_may_duplicate_datagrams) {
    sim::world w({.link = {.duplication = 1}});
    std::vector<std::string> came;
    sim::host& a = w.add_host("a", [&]() -> async<> {
        udp_socket at = co_await udp_socket::bind("", port);
        came = co_await datagrams_in(at, 1s);
    });
    w.add_host("b", []() -> async<> {
        co_await sleep(1ms);
        udp_socket to = co_await udp_socket::connect("a", port);
        co_await to.send("hello");
    });
    w.run(a.ended());
    EXPECT_EQ(came, (std::vector<std::string>{"hello", "hello"}));
}

TEST(links, S587_a_link_that_duplicates_brings_streams_as_they_are) {
    sim::world w(
        {.seed = 3, .link = {.latency = 1ms, .most_latency = 9ms, .loss = 0.1, .duplication = 0.3}, .split = 0.2});
    std::string text;
    while (text.size() < 100'000) text += std::to_string(text.size()) + " ";
    w.add_host("a", echo);
    sim::host& b = w.add_host("b", [&]() -> async<> { EXPECT_EQ(co_await ask("a", text), text); });
    w.run(b.ended());
}

TEST(links, S588_who_asks_through_a_partition_waits_and_is_answered_after_its_repair) {
    sim::world w;
    const sim::host& a = w.add_host("a", echo);
    std::string answer;
    sim::host& b = w.add_host("b", [&]() -> async<> {
        stream conn = co_await open_connection("a", port);
        co_await sleep(1s);
        co_await conn.write("are you there?");
        answer = co_await conn.readexactly(14);
    });
    const auto scenario = [&]() -> async<> {
        co_await sleep(500ms);
        w.partition(a, b);
        co_await sleep(10s);
        EXPECT_EQ(answer, "");
        w.repair(a, b);
        co_await b.ended();
    };
    w.run(scenario);
    EXPECT_EQ(answer, "are you there?");
}

TEST(links, S588_a_partition_may_be_one_way) {
    sim::world w;
    int heard = 0;
    const auto listen = [&]() -> async<> {
        udp_socket at = co_await udp_socket::bind("", port);
        heard = static_cast<int>((co_await datagrams_in(at, 1s)).size());
    };
    const auto talk = [](std::string to) -> async<> {
        co_await sleep(1ms);
        udp_socket from = co_await udp_socket::connect(to, port);
        co_await from.send("hello");
    };
    sim::host& a = w.add_host("a", listen);
    sim::host& b = w.add_host("b", [&]() { return talk("a"); });
    w.partition_one_way(a, b);
    w.run(a.ended());
    EXPECT_EQ(heard, 1);
    w.repair(a, b);
    w.partition_one_way(b, a);
    a.start();
    b.start();
    w.run(a.ended());
    EXPECT_EQ(heard, 0);
}

TEST(links, S588_what_is_held_comes_when_it_is_released) {
    sim::world w;
    const sim::host& a = w.add_host("a", echo);
    duration taken{};
    sim::host& b = w.add_host("b", [&]() -> async<> {
        const time_point before = clock::now();
        EXPECT_EQ(co_await ask("a", "hello"), "hello");
        taken = clock::now() - before;
    });
    w.hold(a, b);
    const auto scenario = [&]() -> async<> {
        co_await sleep(700ms);  // before it is asked again
        w.release(a, b);
        co_await b.ended();
    };
    w.run(scenario);
    EXPECT_EQ(taken, 700ms);
}

TEST(links, S589_a_rule_decides_about_each_packet) {
    sim::world w;
    w.add_host("a", echo);
    int begun = 0;
    w.set_rule([&](const sim::passing_packet& p) -> sim::verdict {
        EXPECT_TRUE(p.is_tcp);
        if (p.from != "b" || !p.syn) return {};
        EXPECT_EQ(p.to, "a");
        EXPECT_EQ(p.destination.port(), port);
        return {.is_lost = ++begun < 3, .later = 10ms};
    });
    sim::host& b = w.add_host("b", []() -> async<> {
        const time_point before = clock::now();
        const stream conn = co_await open_connection("10.0.0.1", port);
        EXPECT_EQ(clock::now() - before, 3010ms);  // the third one, after one second and two more
    });
    w.run(b.ended());
    EXPECT_EQ(begun, 3);
}

TEST(links, S589_what_a_rule_throws_ends_the_run) {
    sim::world w;
    w.add_host("a", echo);
    w.set_rule([](const sim::passing_packet&) -> sim::verdict { throw std::logic_error("no such thing"); });
    sim::host& b = w.add_host("b", []() -> async<> { co_await ask("a", "hello"); });
    EXPECT_THROW(w.run(b.ended()), std::logic_error);
}

TEST(links, S589_a_rule_may_end_hosts) {
    sim::world w;
    sim::host& a = w.add_host("a", echo);
    std::string answer;
    sim::host& b = w.add_host("b", [&]() -> async<> {
        co_await sleep(1ms);
        answer = co_await ask("a", "hello");
    });
    w.set_rule([&](const sim::passing_packet& p) -> sim::verdict {
        if (p.size > 0) p.to == "a" ? a.kill() : b.crash();
        return {};
    });
    w.run(a.ended());
    w.run(b.ended());
    EXPECT_NE(answer, "hello");
}

TEST(links, S588_what_is_released_may_reach_a_host_that_has_crashed_meanwhile) {
    sim::world w;
    sim::host& a = w.add_host("a", echo);
    sim::host& b = w.add_host("b", []() -> async<> { co_await sleep(1h); });
    w.run([&]() -> async<> {
        co_await sleep(1ms);
        w.hold(a, b);
        auto answer = b.submit(ask("a", "hello"));
        co_await sleep(10s);
        a.crash();
        w.release(a, b);
        co_await sleep(1s);
        a.start();
        EXPECT_EQ(co_await answer, "hello");  // the handshake is repeated
    });
}

TEST(links, S587_what_is_sent_to_a_group_comes_to_its_members_on_all_hosts) {
    sim::world w({.link = {.latency = 1ms}});
    int heard = 0;
    const auto listen = [&]() -> async<> {
        udp_socket at = co_await udp_socket::bind("0.0.0.0", port);
        at.join_group(address::ip("239.1.2.3", 0).value());
        EXPECT_EQ(co_await at.recv(), "all");
        ++heard;
    };
    sim::host& a = w.add_host("a", listen);
    sim::host& b = w.add_host("b", listen);
    w.add_host("c", []() -> async<> {
        co_await sleep(1ms);
        udp_socket from = co_await udp_socket::bind("0.0.0.0", 0);
        co_await from.send_to("all", address::ip("239.1.2.3", port).value());
    });
    w.run([&]() -> async<> {
        co_await a.ended();
        co_await b.ended();
    });
    EXPECT_EQ(heard, 2);
}

}  // namespace
}  // namespace torus::testing
