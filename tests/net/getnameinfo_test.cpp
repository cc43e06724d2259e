// tests/net/getnameinfo_test.cpp: the names of addresses, from a DNS server, well-behaved or not, and from the hosts file.
#include "net/names.hpp"

#include <optional>

#include "scratch_folder.hpp"

namespace torus::testing {
namespace {

using name = std::optional<std::string>;

address at(std::string_view literal) { return address::ip(literal, 443).value(); }

/// As DNS has it: "192.0.2.1" is looked up as 1.2.0.192.in-addr.arpa (RFC 1035, 3.5).
constexpr std::string_view reversed = "1.2.0.192.in-addr.arpa";

dns_reply pointer_to(std::string text, manner how = manner::plain) {
    return {{{std::string(reversed), record::pointer, std::move(text)}}, verdict::good, how};
}

/// How asking for the name of 192.0.2.1 fails.
async<dns_failure> failure_of_name() {
    const dns_error e = co_await expect_throws<dns_error>(getnameinfo(at("192.0.2.1")));
    EXPECT_NE(std::string_view(e.what()).find("192.0.2.1"), std::string_view::npos) << e.what();
    co_return e.kind();
}

TORUS_TEST(getnameinfo, S454a_gives_the_name_that_the_owner_has_given) {
    dns_server server;
    ask_only(server.where());
    server.answer(reversed, record::pointer, pointer_to("Www.example"));
    EXPECT_EQ(co_await getnameinfo(at("192.0.2.1")), name("Www.example"));
    // Four bits each, the last ones first (RFC 3596, 2.5).
    const std::string ipv6 = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
    server.answer(ipv6, record::pointer, {{{ipv6, record::pointer, "six.example"}}});
    EXPECT_EQ(co_await getnameinfo(at("2001:db8::1")), name("six.example"));
}

TORUS_TEST(getnameinfo, S454a_gives_nothing_where_there_is_no_name) {
    dns_server server;
    ask_only(server.where());
    EXPECT_EQ(co_await getnameinfo(at("192.0.2.1")), std::nullopt);
    server.answer(reversed, record::pointer, dns_reply());
    EXPECT_EQ(co_await getnameinfo(at("192.0.2.1")), std::nullopt);
    const std::size_t asked = server.asked();
    EXPECT_EQ(co_await getnameinfo(address::local("/run/x.sock")), std::nullopt);
    EXPECT_EQ(co_await getnameinfo(address()), std::nullopt);
    EXPECT_EQ(server.asked(), asked);
}

TORUS_TEST(getnameinfo, S454b_does_not_give_what_no_host_may_be_called) {
    dns_server server;
    ask_only(server.where());
    for (const std::string_view bad : {"<script>", "a b.example", "x\ny.example", "\xff.example", "$(reboot)"}) {
        server.answer(reversed, record::pointer, pointer_to(std::string(bad)));
        EXPECT_EQ(co_await failure_of_name(), dns_failure::server_failure) << bad;
    }
}

TORUS_TEST(getnameinfo, S454a_asks_the_hosts_file_first) {
    dns_server server;
    ask_only(server.where());
    const scratch_folder folder;
    resolver::current().set_hosts_file(folder.write("hosts", "192.0.2.1 one.example uno.example\n"
                                                             "192.0.2.1 two.example\n"
                                                             "127.0.0.1 here.example\n"));
    EXPECT_EQ(co_await getnameinfo(at("192.0.2.1")), name("one.example"));
    EXPECT_EQ(co_await getnameinfo(at("127.0.0.1")), name("here.example"));
    EXPECT_EQ(co_await getnameinfo(at("::1")), name("localhost"));
    resolver::current().set_hosts_file(no_file);
    EXPECT_EQ(co_await getnameinfo(at("127.0.0.1")), name("localhost"));
    EXPECT_EQ(server.asked(), 0u);
    server.answer(reversed, record::pointer, pointer_to("other.example"));
    EXPECT_EQ(co_await getnameinfo(at("192.0.2.1")), name("other.example"));
}

TORUS_TEST(getnameinfo, S454b_says_that_the_servers_cannot_tell) {
    dns_server server;
    ask_only(server.where());
    server.answer(reversed, record::pointer, {{}, verdict::server_failure});
    EXPECT_EQ(co_await failure_of_name(), dns_failure::server_failure);
    for (const manner how : {manner::cut_off, manner::endless_name}) {
        server.answer(reversed, record::pointer, pointer_to("a.example", how));
        EXPECT_EQ(co_await failure_of_name(), dns_failure::server_failure) << static_cast<int>(how);
    }
}

TORUS_IO_TEST(getnameinfo, S454b_gives_up_where_nobody_answers) {
    dns_server server;
    ask_only(server.where());
    server.answer(reversed, record::pointer, {{}, verdict::good, manner::silent});
    EXPECT_EQ(co_await failure_of_name(), dns_failure::timeout);
    server.answer(reversed, record::pointer, pointer_to("late.example"));
    EXPECT_EQ(co_await getnameinfo(at("192.0.2.1")), name("late.example"));
}

TORUS_TEST(getnameinfo, S454c_cancelled_ends_at_once) {
    dns_server server;
    ask_only(server.where());
    server.answer(reversed, record::pointer, pointer_to("a.example", manner::held));
    task<name> given_up = create_task(getnameinfo(at("192.0.2.1")));
    task<name> waiting = create_task(getnameinfo(at("192.0.2.1")));
    co_await server.wait_until_asked(2);
    given_up.cancel();
    co_await expect_throws<cancelled_error>(given_up);
    EXPECT_FALSE(waiting.done());
    server.release();
    EXPECT_EQ(co_await waiting, name("a.example"));
}

TORUS_TEST(getnameinfo, S454d_asks_for_no_more_than_so_many_at_once) {
    dns_server server;
    ask_only(server.where());
    server.answer(reversed, record::pointer, pointer_to("a.example", manner::held));
    std::vector<task<name>> asking;
    for (std::size_t i = 0; i < 3 * dns_names_at_once; ++i) asking.push_back(create_task(getnameinfo(at("192.0.2.1"))));
    co_await server.wait_until_asked(dns_names_at_once);
    co_await let_others_run();
    EXPECT_EQ(server.asked(), dns_names_at_once);
    asking[0].cancel();  // one that has asked: another one asks
    asking[dns_names_at_once].cancel();  // one that has not
    co_await server.wait_until_asked(dns_names_at_once + 1);
    EXPECT_EQ(server.asked(), dns_names_at_once + 1);
    server.release();
    for (std::size_t i = 1; i < asking.size(); ++i) {
        if (i == dns_names_at_once) continue;
        EXPECT_EQ(co_await asking[i], name("a.example")) << i;
    }
    EXPECT_EQ(server.asked(), 3 * dns_names_at_once - 1);
}

}  // namespace
}  // namespace torus::testing
