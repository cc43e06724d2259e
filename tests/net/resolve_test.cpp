// tests/net/resolve_test.cpp: names are looked up with a DNS server, well-behaved or not.
#include "net/names.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace torus::testing {
namespace {

dns_reply line(std::string name, record type, std::string data, manner how = manner::plain) {
    return {{{std::move(name), type, std::move(data)}}, verdict::good, how};
}

/// How often this thread has given up the processor to wait.
long times_slept() {
    rusage used{};
    ::getrusage(RUSAGE_THREAD, &used);
    return used.ru_nvcsw;
}

TORUS_TEST(resolve, gives_both_families_by_turns_with_the_port) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", {"192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2"});
    texts found;
    for (const address& each : co_await resolve("a.example", 443)) found.push_back(each.text());
    const texts expected = {"[2001:db8::1]:443", "192.0.2.1:443", "[2001:db8::2]:443", "192.0.2.2:443",
                            "192.0.2.3:443"};
    EXPECT_EQ(found, expected);
}

TORUS_TEST(resolve, gives_the_family_that_there_is) {
    dns_server server;
    ask_only(server.where());
    server.answer("four.example", {"192.0.2.4"});
    server.answer("six.example", {"2001:db8::6"});
    EXPECT_EQ(co_await hosts_of("four.example"), only("192.0.2.4"));
    EXPECT_EQ(co_await hosts_of("six.example"), only("2001:db8::6"));
    EXPECT_EQ(co_await failure_of("four.example", address_family::ipv6), dns_failure::not_found);
    EXPECT_EQ(co_await failure_of("six.example", address_family::ipv4), dns_failure::not_found);
}

TORUS_TEST(resolve, does_not_wait_for_a_family_that_nobody_wants) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", {"192.0.2.1"});
    server.answer("a.example", record::ipv6, line("a.example", record::ipv6, "2001:db8::1", manner::held));
    EXPECT_EQ(co_await hosts_of("a.example", address_family::ipv4), only("192.0.2.1"));
    task<texts> both = create_task(hosts_of("a.example"));
    co_await server.wait_until_asked(2);
    EXPECT_FALSE(both.done());
    server.release();
    const texts expected = {"2001:db8::1", "192.0.2.1"};
    EXPECT_EQ(co_await both, expected);
}

TORUS_TEST(resolve, follows_canonical_names) {
    dns_server server;
    ask_only(server.where());
    dns_reply chain = line("www.example", record::canonical_name, "cdn.example");
    chain.lines.push_back({"cdn.example", record::canonical_name, "edge.example"});
    chain.lines.push_back({"edge.example", record::ipv4, "192.0.2.7"});
    server.answer("www.example", record::ipv4, chain);
    EXPECT_EQ(co_await hosts_of("www.example"), only("192.0.2.7"));
}

TORUS_TEST(resolve, is_not_caught_in_canonical_names_that_go_round) {
    dns_server server;
    ask_only(server.where());
    dns_reply circle = line("a.example", record::canonical_name, "b.example");
    circle.lines.push_back({"b.example", record::canonical_name, "a.example"});
    server.answer_both("a.example", circle);
    EXPECT_EQ(co_await failure_of("a.example"), dns_failure::not_found);
}

TORUS_TEST(resolve, asks_again_over_tcp_for_what_was_truncated) {
    dns_server server;
    ask_only(server.where());
    dns_reply many;
    texts expected;
    for (int i = 1; i <= 100; ++i) {
        expected.push_back("192.0.2." + std::to_string(i));
        many.lines.push_back({"many.example", record::ipv4, expected.back()});
    }
    many.how = manner::truncated;
    server.answer("many.example", record::ipv4, many);
    EXPECT_EQ(co_await hosts_of("many.example", address_family::ipv4), expected);
    const auto asked = server.questions();
    const dns_server::question over_tcp{"many.example", record::ipv4, true};
    EXPECT_EQ(std::count(asked.begin(), asked.end(), over_tcp), 1);
}

TORUS_TEST(resolve, fails_where_the_connection_for_what_was_truncated_is_closed) {
    dns_server server;
    ask_only(server.where());
    server.answer_both("a.example", {{}, verdict::good, manner::hanging_up});
    EXPECT_EQ(co_await failure_of("a.example"), dns_failure::server_failure);
}

TORUS_TEST(resolve, finds_that_a_name_does_not_exist) {
    dns_server server;
    ask_only(server.where());
    EXPECT_EQ(co_await failure_of("missing.example"), dns_failure::not_found);
}

TORUS_TEST(resolve, finds_that_a_name_has_no_address) {
    dns_server server;
    ask_only(server.where());
    server.answer_both("mail.example", {});
    EXPECT_EQ(co_await failure_of("mail.example"), dns_failure::not_found);
}

TORUS_TEST(resolve, tells_a_server_that_fails_from_a_name_that_is_missing) {
    dns_server server;
    ask_only(server.where());
    for (const verdict each : {verdict::server_failure, verdict::refused, verdict::malformed}) {
        const std::string name = "code-" + std::to_string(static_cast<int>(each)) + ".example";
        server.answer_both(name, {{}, each});
        EXPECT_EQ(co_await failure_of(name), dns_failure::server_failure) << name;
    }
}

TORUS_TEST(resolve, tells_of_the_failure_that_leaves_more_hope) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", record::ipv4, {{}, verdict::server_failure});
    server.answer("b.example", record::ipv6, {{}, verdict::server_failure});
    EXPECT_EQ(co_await failure_of("a.example"), dns_failure::server_failure);
    EXPECT_EQ(co_await failure_of("b.example"), dns_failure::server_failure);
    EXPECT_EQ(co_await failure_of("b.example", address_family::ipv4), dns_failure::not_found);
}

TORUS_TEST(resolve, asks_the_next_server_where_one_fails) {
    dns_server failing, working;
    ask_only(failing.where() + "," + working.where());
    failing.answer_both("a.example", {{}, verdict::server_failure});
    working.answer("a.example", {"192.0.2.1"});
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.1"));
    EXPECT_GT(failing.asked(), 0u);
}

TORUS_TEST(resolve, asks_the_next_server_where_none_listens) {
    std::string nowhere;
    {
        const dns_server gone;
        nowhere = gone.where();
    }
    dns_server working;
    working.answer("a.example", {"192.0.2.1"});
    ask_only(nowhere + "," + working.where());
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.1"));
    ask_only(nowhere);
    EXPECT_EQ(co_await failure_of("a.example"), dns_failure::server_failure);
}

TORUS_TEST(resolve, asks_servers_over_ipv6) {
    dns_server server("::1");
    ask_only(server.where());
    server.answer("a.example", {"192.0.2.1"});
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.1"));
}

TORUS_TEST(resolve, refuses_malformed_answers) {
    dns_server server;
    ask_only(server.where());
    for (const manner each : {manner::cut_off, manner::endless_name, manner::lying_counts}) {
        const std::string name = "bad-" + std::to_string(static_cast<int>(each)) + ".example";
        server.answer(name, record::ipv4, line(name, record::ipv4, "192.0.2.1", each));
        server.answer(name, record::ipv6, line(name, record::ipv6, "2001:db8::1", each));
        EXPECT_EQ(co_await failure_of(name), dns_failure::server_failure) << name;
    }
}

TORUS_TEST(resolve, takes_no_address_of_another_size) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", record::ipv4, line("a.example", record::ipv4, "192.0.2.1", manner::wrong_size));
    EXPECT_EQ(co_await failure_of("a.example"), dns_failure::not_found);
}

TORUS_TEST(resolve, takes_no_address_of_another_family_than_it_has_asked_for) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", record::ipv6, line("a.example", record::ipv4, "192.0.2.1"));
    EXPECT_EQ(co_await failure_of("a.example", address_family::ipv6), dns_failure::not_found);
}

// On the kernel's clock: what is no answer does not end the wait for one, and the question is asked again in its time.
TORUS_IO_TEST(resolve, asks_again_after_what_is_no_answer_at_all) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", record::ipv4, line("a.example", record::ipv4, "192.0.2.1", manner::rubbish_first));
    EXPECT_EQ(co_await hosts_of("a.example", address_family::ipv4), only("192.0.2.1"));
    EXPECT_GE(server.asked(), 3u);
}

TORUS_TEST(resolve, takes_no_forged_answer) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", record::ipv4, line("a.example", record::ipv4, "192.0.2.1", manner::after_a_forgery));
    server.answer("a.example", record::ipv6, line("a.example", record::ipv6, "2001:db8::1", manner::after_a_forgery));
    const texts expected = {"2001:db8::1", "192.0.2.1"};
    EXPECT_EQ(co_await hosts_of("a.example"), expected);
}

TORUS_TEST(resolve, asks_nobody_for_what_is_no_name) {
    dns_server server;
    ask_only(server.where());
    const std::string label(63, 'x');
    const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'x');
    for (const std::string& each :
         {std::string(), std::string("."), std::string(".."), std::string(".example"), std::string("a..example"),
          std::string("a b"), std::string("a/b"), std::string("a\0b", 3), std::string("127.0.0.1\0", 10),
          std::string("a:80"), std::string("[::1"),
          std::string("b\xc3\xbc"
                      "cher.example"),
          std::string("*.example"), label + "x.example", longest + "x"}) {
        const dns_error e = co_await expect_throws<dns_error>(resolve(each));
        EXPECT_EQ(e.kind(), dns_failure::malformed_name) << each;
    }
    EXPECT_EQ(server.asked(), 0u);
    server.answer(longest, {"192.0.2.1"});
    EXPECT_EQ(co_await hosts_of(longest), only("192.0.2.1"));
    EXPECT_EQ(co_await hosts_of(longest + "."), only("192.0.2.1"));
}

TORUS_TEST(resolve, takes_names_as_people_write_them) {
    dns_server server;
    ask_only(server.where());
    server.answer("_sip.a-1.example", {"192.0.2.1"});
    EXPECT_EQ(co_await hosts_of("_SIP.A-1.Example"), only("192.0.2.1"));
    EXPECT_EQ(co_await hosts_of("_sip.a-1.example."), only("192.0.2.1"));
}

TORUS_TEST(resolve, asks_nobody_for_literals) {
    dns_server server;
    ask_only(server.where());
    EXPECT_EQ(co_await hosts_of("192.0.2.1"), only("192.0.2.1"));
    EXPECT_EQ(co_await hosts_of("[2001:db8::1]"), only("2001:db8::1"));
    EXPECT_EQ((co_await resolve("::1", 80)).at(0).text(), "[::1]:80");
    EXPECT_EQ(co_await hosts_of("::1", address_family::ipv6), only("::1"));
    EXPECT_EQ(co_await failure_of("::1", address_family::ipv4), dns_failure::not_found);
    EXPECT_EQ(server.asked(), 0u);
}

TORUS_TEST(resolve, appends_search_domains_to_names_without_a_dot) {
    dns_server server;
    ask_only(server.where());
    resolver::current().set_search_domains("one.example,two.example");
    server.answer("web.two.example", {"192.0.2.1"});
    EXPECT_EQ(co_await hosts_of("web"), only("192.0.2.1"));
    EXPECT_EQ(server.asked("web.one.example"), 2u);
    EXPECT_EQ(co_await failure_of("web."), dns_failure::not_found);
}

TORUS_TEST(resolve, asks_for_one_name_once_however_many_want_it) {
    dns_server server;
    ask_only(server.where());
    server.answer_both("a.example", line("a.example", record::ipv4, "192.0.2.1", manner::held));
    std::vector<task<texts>> all;
    for (int i = 0; i < 100; ++i) all.push_back(create_task(hosts_of(i % 2 == 0 ? "a.example" : "A.Example")));
    co_await server.wait_until_asked(2);
    co_await let_others_run(200);
    EXPECT_EQ(server.asked(), 2u);
    server.release();
    for (task<texts>& each : all) EXPECT_EQ(co_await each, only("192.0.2.1"));
}

TORUS_TEST(resolve, cancelled_ends_at_once_and_leaves_the_answer_to_others) {
    dns_server server;
    ask_only(server.where());
    server.answer_both("a.example", line("a.example", record::ipv4, "192.0.2.1", manner::held));
    task<texts> first = create_task(hosts_of("a.example"));
    task<texts> second = create_task(hosts_of("a.example"));
    co_await server.wait_until_asked(2);
    first.cancel();
    co_await expect_throws<cancelled_error>(first);
    EXPECT_FALSE(second.done());
    server.release();
    EXPECT_EQ(co_await second, only("192.0.2.1"));
}

TORUS_TEST(resolve, cancelled_by_all_who_wait_still_learns_the_answer) {
    dns_server server;
    ask_only(server.where());
    server.answer_both("a.example", line("a.example", record::ipv4, "192.0.2.1", manner::held));
    task<texts> given_up = create_task(hosts_of("a.example"));
    co_await server.wait_until_asked(2);
    given_up.cancel();
    co_await expect_throws<cancelled_error>(given_up);
    task<texts> later_on = create_task(hosts_of("a.example"));
    co_await let_others_run(200);
    EXPECT_EQ(server.asked(), 2u);
    server.release();
    EXPECT_EQ(co_await later_on, only("192.0.2.1"));
}

TORUS_TEST(resolve, has_so_many_names_under_way_and_no_more) {
    dns_server server;
    ask_only(server.where());
    constexpr std::size_t names = dns_lookups_at_once + 36;
    std::vector<task<texts>> all;
    for (std::size_t i = 0; i < names; ++i) {
        const std::string name = "n" + std::to_string(i) + ".example";
        server.answer_both(name, line(name, record::ipv4, "192.0.2.1", manner::held));
        all.push_back(create_task(hosts_of(name)));
    }
    co_await server.wait_until_asked(2 * dns_lookups_at_once);
    co_await let_others_run(200);
    EXPECT_EQ(server.asked(), 2 * dns_lookups_at_once);
    server.release();
    for (task<texts>& each : all) EXPECT_EQ(co_await each, only("192.0.2.1"));
}

// On the kernel's clock, which the DNS library has as well; the limit itself cannot be waited for faster.
TORUS_IO_TEST(resolve, gives_up_when_no_server_has_answered_in_time) {
    const long sleeps_before = times_slept();
    dns_server servers[4];
    std::string list;
    for (const dns_server& each : servers) list += each.where() + ",";
    list.pop_back();
    ask_only(list);
    for (dns_server& each : servers) each.answer_both("a.example", {{}, verdict::good, manner::silent});
    servers[0].answer("b.example", record::ipv6, {{}, verdict::good, manner::silent});
    servers[0].answer("b.example", record::ipv4, line("b.example", record::ipv4, "192.0.2.2"));
    for (int i = 1; i < 4; ++i) servers[i].answer_both("b.example", {{}, verdict::good, manner::silent});
    task<texts> half = create_task(hosts_of("b.example"));
    EXPECT_EQ(co_await failure_of("a.example"), dns_failure::timeout);
    EXPECT_GE(elapsed(), dns_time_limit);
    EXPECT_EQ(co_await half, only("192.0.2.2"));
    // Nothing happens but some forty repetitions: a loop that looks at the time every millisecond sleeps 5000 times.
    EXPECT_LT(times_slept() - sleeps_before, 500);
    // The DNS library would have gone on for as long again, with servers that had their second question already.
    const std::size_t by_then = servers[2].asked("a.example");
    co_await servers[2].wait_until_asked(servers[2].asked() + 1);
    EXPECT_GE(servers[2].asked("a.example"), by_then);
}

TEST(resolve, is_dropped_at_the_end_of_run_however_many_names_are_under_way) {
    dns_server server;
    const auto silent = [&server]() -> async<> {
        ask_only(server.where());
        for (int i = 0; i < 1000; ++i) {
            const std::string name = "n" + std::to_string(i) + ".example";
            server.answer_both(name, {{}, verdict::good, manner::silent});
            spawn(failure_of(name));
        }
        co_await server.wait_until_asked(2);
    };
    run(silent());
}

}  // namespace
}  // namespace torus::testing
