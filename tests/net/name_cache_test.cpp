// tests/net/name_cache_test.cpp: what was looked up is remembered, as long as it should be.
#include "net/names.hpp"

namespace torus::testing {
namespace {

/// Asks for `name` until just before `kept` has passed, and once it has: the server hears of the latter only.
async<> expect_kept(dns_server& server, std::string name, duration kept) {
    static_cast<void>(co_await hosts_of(name));
    const std::size_t asked = server.asked(name);
    const time_point learned = clock::now();
    co_await sleep_until(learned + kept - 1ns);
    static_cast<void>(co_await hosts_of(name));
    EXPECT_EQ(server.asked(name), asked) << name;
    co_await sleep_until(learned + kept);
    static_cast<void>(co_await hosts_of(name));
    EXPECT_GT(server.asked(name), asked) << name;
}

async<> expect_failure_kept(dns_server& server, std::string name) {
    const dns_failure why = co_await failure_of(name);
    const std::size_t asked = server.asked(name);
    const time_point learned = clock::now();
    co_await sleep_until(learned + dns_cache_failure - 1ns);
    EXPECT_EQ(co_await failure_of(name), why);
    EXPECT_EQ(server.asked(name), asked) << name;
    co_await sleep_until(learned + dns_cache_failure);
    EXPECT_EQ(co_await failure_of(name), why);
    EXPECT_GT(server.asked(name), asked) << name;
}

TORUS_TEST(name_cache, keeps_an_answer_as_long_as_it_says) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", {"192.0.2.1", "2001:db8::1"}, 60);
    co_await expect_kept(server, "a.example", 60s);
}

TORUS_TEST(name_cache, keeps_an_answer_no_shorter_than_a_second_and_no_longer_than_five_minutes) {
    dns_server server;
    ask_only(server.where());
    const struct {
        const char* name;
        std::uint32_t ttl;
        duration kept;
    } cases[] = {{"zero.example", 0, 1s},
                 {"one.example", 1, 1s},
                 {"two.example", 2, 2s},
                 {"least.example", 299, 299s},
                 {"most.example", 301, 300s},
                 {"day.example", 86400, 300s},
                 {"last.example", 0x7fffffff, 300s},
                 {"negative.example", 0x80000000, 1s}};  // RFC 2181, 8: as if it were zero
    for (const auto& each : cases) {
        server.answer(each.name, {"192.0.2.1"}, each.ttl);
        co_await expect_kept(server, each.name, each.kept);
    }
}

TORUS_TEST(name_cache, keeps_an_answer_as_long_as_the_shortest_lived_part_of_it) {
    dns_server server;
    ask_only(server.where());
    server.answer("families.example", {"192.0.2.1"}, 60);
    server.answer("families.example", record::ipv6, {{{"families.example", record::ipv6, "2001:db8::1", 20}}});
    co_await expect_kept(server, "families.example", 20s);
    server.answer("chain.example", record::ipv4,
                  {{{"chain.example", record::canonical_name, "end.example", 30},
                    {"end.example", record::ipv4, "192.0.2.1", 60}}});
    server.answer_both("end.example", {});
    server.answer_both("chain.example", {{{"chain.example", record::canonical_name, "end.example", 30},
                                          {"end.example", record::ipv4, "192.0.2.1", 60}}});
    co_await expect_kept(server, "chain.example", 30s);
}

TORUS_TEST(name_cache, keeps_failures_for_five_seconds) {
    dns_server server;
    ask_only(server.where());
    server.answer_both("empty.example", {});
    server.answer_both("failing.example", {{}, verdict::server_failure});
    co_await expect_failure_kept(server, "missing.example");
    co_await expect_failure_kept(server, "empty.example");
    co_await expect_failure_kept(server, "failing.example");
}

TORUS_TEST(name_cache, keeps_half_an_answer_as_a_failure) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", {"192.0.2.1"}, 60);
    server.answer("a.example", record::ipv6, {{}, verdict::server_failure});
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.1"));
    const std::size_t asked = server.asked();
    co_await sleep(dns_cache_failure - 1ns);
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.1"));
    EXPECT_EQ(server.asked(), asked);
    server.answer("a.example", {"192.0.2.1", "2001:db8::1"}, 60);
    co_await sleep(1ns);
    const texts both = {"2001:db8::1", "192.0.2.1"};
    EXPECT_EQ(co_await hosts_of("a.example"), both);
}

TORUS_TEST(name_cache, learns_that_a_name_has_moved) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", {"192.0.2.1"}, 10);
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.1"));
    server.answer("a.example", {"192.0.2.2"}, 10);
    EXPECT_EQ(co_await hosts_of("A.EXAMPLE"), only("192.0.2.1"));
    co_await sleep(10s);
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.2"));
}

TORUS_TEST(name_cache, is_emptied_on_request) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", {"192.0.2.1"});
    EXPECT_EQ(resolver::current().cached(), 0u);
    static_cast<void>(co_await hosts_of("a.example"));
    co_await let_others_run();
    EXPECT_EQ(resolver::current().cached(), 1u);
    resolver::current().clear_cache();
    EXPECT_EQ(resolver::current().cached(), 0u);
    static_cast<void>(co_await hosts_of("a.example"));
    EXPECT_GE(server.asked(), 4u);
}

TORUS_TEST(name_cache, does_not_learn_what_was_under_way_when_it_was_emptied) {
    dns_server server;
    ask_only(server.where());
    const dns_reply former{{{"a.example", record::ipv4, "192.0.2.1"}}, verdict::good, manner::held};
    server.answer_both("a.example", former);
    task<texts> under_way = create_task(hosts_of("a.example"));
    co_await server.wait_until_asked(2);
    resolver::current().clear_cache();
    server.answer("a.example", {"192.0.2.2"});
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.2"));
    server.release();
    EXPECT_EQ(co_await under_way, only("192.0.2.1"));
    co_await let_others_run();
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.2"));
}

TORUS_TEST(name_cache, asks_other_servers_at_once_when_they_are_set) {
    dns_server former, latter;
    former.answer("a.example", {"192.0.2.1"});
    latter.answer("a.example", {"192.0.2.2"});
    ask_only(former.where());
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.1"));
    resolver::current().set_servers(latter.where());
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.2"));
    const dns_failure missing = co_await failure_of("b.example");
    EXPECT_EQ(missing, dns_failure::not_found);
    former.answer("b.example", {"192.0.2.1"});
    resolver::current().set_servers(former.where());
    EXPECT_EQ(co_await hosts_of("b.example"), only("192.0.2.1"));
}

TORUS_TEST(name_cache, keeps_the_names_that_were_used_last) {
    dns_server server;
    ask_only(server.where());
    const auto name = [](std::size_t i) { return "n" + std::to_string(i) + ".example"; };
    for (std::size_t i = 0; i <= dns_cache_names; ++i) server.answer(name(i), {"192.0.2.1"});
    for (std::size_t i = 0; i < dns_cache_names; ++i) static_cast<void>(co_await hosts_of(name(i)));
    static_cast<void>(co_await hosts_of(name(0)));
    static_cast<void>(co_await hosts_of(name(dns_cache_names)));
    co_await let_others_run();
    EXPECT_EQ(resolver::current().cached(), dns_cache_names);
    const std::size_t asked_for_first = server.asked(name(0)), asked_for_second = server.asked(name(1));
    static_cast<void>(co_await hosts_of(name(0)));
    EXPECT_EQ(server.asked(name(0)), asked_for_first);
    static_cast<void>(co_await hosts_of(name(1)));
    EXPECT_GT(server.asked(name(1)), asked_for_second);
}

TORUS_TEST(name_cache, refuses_servers_that_are_no_addresses) {
    dns_server server;
    server.answer("a.example", {"192.0.2.1"});
    ask_only(server.where());
    for (const char* each : {"", "dns.example", "127.0.0.1:x", "127.0.0.1:70000", "1.2.3", "127.0.0.1,", ",127.0.0.1",
                             "127.0.0.1 127.0.0.2", "127.0.0.1,dns.example", "unix:/dns"})
        EXPECT_THROW(resolver::current().set_servers(each), std::invalid_argument) << each;
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.1"));
    for (const char* each : {"192.0.2.1", "2001:db8::1", "[2001:db8::1]", "192.0.2.1:5353,[2001:db8::1]:53"})
        EXPECT_NO_THROW(resolver::current().set_servers(each)) << each;
}

TEST(name_cache, belongs_to_a_loop) { EXPECT_THROW(resolver::current(), std::runtime_error); }

}  // namespace
}  // namespace torus::testing
