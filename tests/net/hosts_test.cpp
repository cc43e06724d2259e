// tests/net/hosts_test.cpp: names of the hosts file and of this machine, and the file that names DNS servers.
#include "net/names.hpp"
#include "scratch_folder.hpp"

#include <filesystem>
#include <memory>

#include <unistd.h>

namespace torus::testing {
namespace {

TORUS_TEST(hosts_file, comes_before_the_dns) {
    dns_server server;
    ask_only(server.where());
    const scratch_folder folder;
    server.answer("a.example", {"192.0.2.9"});
    server.answer("b.example", {"192.0.2.9"});
    resolver::current().set_hosts_file(folder.write("hosts", "192.0.2.1 a.example\n"));
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.1"));
    EXPECT_EQ(co_await hosts_of("b.example"), only("192.0.2.9"));
    EXPECT_EQ(server.asked("a.example"), 0u);
}

TORUS_TEST(hosts_file, is_read_as_people_write_it) {
    dns_server server;
    ask_only(server.where());
    const scratch_folder folder;
    resolver::current().set_hosts_file(folder.write("hosts", "# a comment\n"
                                                             "\n"
                                                             "   \t \n"
                                                             "192.0.2.1\tone.example  one\tUNO # and a comment\r\n"
                                                             "  192.0.2.2 two.example#two\n"
                                                             "2001:db8::1 one.example\n"
                                                             "192.0.2.3 one.example\n"
                                                             "192.0.2.1 one.example\n"
                                                             "192.0.2.4\n"
                                                             "192.0.2.256 wrong.example\n"
                                                             "name.example wrong.example\n"
                                                             "fe80::1%lo zone.example\n"
                                                             "192.0.2.5 last.example"));
    const texts one = {"2001:db8::1", "192.0.2.1", "192.0.2.3"};
    EXPECT_EQ(co_await hosts_of("one.example"), one);
    EXPECT_EQ(co_await hosts_of("ONE.example"), one);
    EXPECT_EQ(co_await hosts_of("one.example."), one);
    EXPECT_EQ(co_await hosts_of("one"), only("192.0.2.1"));
    EXPECT_EQ(co_await hosts_of("uno"), only("192.0.2.1"));
    EXPECT_EQ(co_await hosts_of("two.example"), only("192.0.2.2"));
    EXPECT_EQ(co_await hosts_of("zone.example"), only("fe80::1%1"));
    EXPECT_EQ(co_await hosts_of("last.example"), only("192.0.2.5"));
    EXPECT_EQ(server.asked(), 0u);
    EXPECT_EQ(co_await failure_of("wrong.example"), dns_failure::not_found);
    EXPECT_EQ(co_await failure_of("a.comment"), dns_failure::not_found);
}

TORUS_TEST(hosts_file, has_ports_for_nobody_and_families_for_who_asks) {
    const scratch_folder folder;
    resolver::current().set_hosts_file(folder.write("hosts", "192.0.2.1 a.example\n"));
    EXPECT_EQ((co_await resolve("a.example", 80)).at(0).text(), "192.0.2.1:80");
    EXPECT_EQ(co_await hosts_of("a.example", address_family::ipv4), only("192.0.2.1"));
    EXPECT_EQ(co_await failure_of("a.example", address_family::ipv6), dns_failure::not_found);
}

TORUS_TEST(hosts_file, is_read_again_when_it_has_changed) {
    dns_server server;
    ask_only(server.where());
    const scratch_folder folder;
    const std::string path = folder.write("hosts", "192.0.2.1 a.example\n");
    resolver::current().set_hosts_file(path);
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.1"));
    folder.write("hosts", "192.0.2.22 a.example\n");
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.1"));
    co_await sleep(5s);
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.22"));
    std::filesystem::remove(path);
    co_await sleep(5s);
    EXPECT_EQ(co_await failure_of("a.example"), dns_failure::not_found);
    folder.write("hosts", "192.0.2.3 a.example\n");
    co_await sleep(5s);
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.3"));
}

TORUS_TEST(hosts_file, may_be_no_file_at_all) {
    dns_server server;
    ask_only(server.where());
    server.answer("a.example", {"192.0.2.1"});
    const scratch_folder folder;
    resolver::current().set_hosts_file(folder / ".");
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.1"));
}

TORUS_TEST(hosts_file, may_have_very_many_names) {
    const scratch_folder folder;
    std::string block_list;
    for (int i = 0; i < 20'000; ++i) block_list += "0.0.0.0 ad" + std::to_string(i) + ".example\n";
    resolver::current().set_hosts_file(folder.write("hosts", block_list));
    EXPECT_EQ(co_await hosts_of("ad19999.example"), only("0.0.0.0"));
    EXPECT_EQ(resolver::current().cached(), 0u);
}

TORUS_TEST(localhost, is_this_machine_without_any_file) {
    dns_server server;
    ask_only(server.where());
    const texts loopback = {"::1", "127.0.0.1"};
    for (const char* each : {"localhost", "LOCALHOST", "localhost.", "app.localhost", "a.b.localhost."})
        EXPECT_EQ(co_await hosts_of(each), loopback) << each;
    EXPECT_EQ(server.asked(), 0u);
    EXPECT_EQ(co_await failure_of("notlocalhost"), dns_failure::not_found);
}

TORUS_TEST(configuration_file, is_not_needed_for_literals_hosts_and_this_machine) {
    const scratch_folder folder;
    resolver::current().set_configuration_file(no_file);
    resolver::current().set_hosts_file(folder.write("hosts", "192.0.2.1 a.example\n"));
    EXPECT_EQ(co_await hosts_of("192.0.2.7"), only("192.0.2.7"));
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.1"));
    EXPECT_EQ((co_await hosts_of("localhost")).size(), 2u);
}

TORUS_TEST(configuration_file, that_cannot_be_read_is_a_failure_of_lookups_only) {
    const scratch_folder folder;
    const std::string path = folder / "itself";
    std::filesystem::create_symlink("itself", path);
    resolver::current().set_configuration_file(path);
    resolver::current().set_hosts_file(folder.write("hosts", "192.0.2.1 a.example\n"));
    EXPECT_EQ(co_await hosts_of("a.example"), only("192.0.2.1"));
    EXPECT_EQ(co_await failure_of("b.example"), dns_failure::server_failure);
}

/// A server on the port that resolv.conf means, on a loopback address that no other test uses at the same time.
std::unique_ptr<dns_server> server_of_configuration(int which) {
    const int id = ::getpid();
    const std::string at = "127." + std::to_string(100 + which) + "." + std::to_string(id / 250 % 250) + "." +
                           std::to_string(1 + id % 250);
    try {
        return std::make_unique<dns_server>(at, 53);
    } catch (const std::system_error&) {
        return nullptr;  // only root may, here
    }
}

std::string host_of(const dns_server& server) { return address::parse(server.where())->host(); }

TORUS_TEST(configuration_file, names_servers_and_search_domains_and_is_looked_at_again) {
    const std::unique_ptr<dns_server> former = server_of_configuration(1);
    const std::unique_ptr<dns_server> latter = server_of_configuration(2);
    if (!former || !latter) GTEST_SUCCEED() << "port 53 is not to be had here";
    else {
        const scratch_folder folder;
        former->answer("web.one.example", {"192.0.2.1"}, 300);
        latter->answer("web.two.example", {"192.0.2.2"}, 300);
        resolver::current().set_hosts_file(no_file);
        resolver::current().set_configuration_file(
            folder.write("resolv.conf", "nameserver " + host_of(*former) + "\nsearch one.example\n"));
        EXPECT_EQ(co_await hosts_of("web"), only("192.0.2.1"));
        folder.write("resolv.conf", "nameserver " + host_of(*latter) + "\nsearch two.example\n");
        EXPECT_EQ(co_await hosts_of("web"), only("192.0.2.1"));
        co_await sleep(5s);
        EXPECT_EQ(co_await failure_of("other"), dns_failure::not_found);
        EXPECT_EQ(latter->asked("other.two.example"), 2u);
        EXPECT_EQ(co_await hosts_of("web"), only("192.0.2.2"));
    }
}

}  // namespace
}  // namespace torus::testing
