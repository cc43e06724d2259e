// tests/io/address_test.cpp: addresses are read, written and compared.
#include <torus/io/address.hpp>

#include <torus/core/print.hpp>

#include <cstdio>
#include <cstring>
#include <sstream>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace torus::testing {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

/// What the kernel would say.
address as_kernel_says(const sockaddr_in6& v6) {
    return address::from(reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
}

TEST(address, of_nothing_says_so) {
    const address none;
    EXPECT_EQ(none.family(), address_family::none);
    EXPECT_FALSE(none.is_ip());
    EXPECT_FALSE(none.is_loopback());
    EXPECT_EQ(none.port(), 0);
    EXPECT_EQ(none.size(), 0u);
    EXPECT_EQ(none.host(), "");
    EXPECT_EQ(none.text(), "none");
    EXPECT_EQ(none.with_port(80), none);
}

TEST(address, reads_and_writes_literals) {
    const struct {
        std::string_view literal;
        address_family family;
        std::string_view host;
        std::string_view text;
    } cases[] = {
        {"127.0.0.1", address_family::ipv4, "127.0.0.1", "127.0.0.1:80"},
        {"255.255.255.255", address_family::ipv4, "255.255.255.255", "255.255.255.255:80"},
        {"::", address_family::ipv6, "::", "[::]:80"},
        {"[::1]", address_family::ipv6, "::1", "[::1]:80"},
        {"2001:DB8:0:0:0:0:0:1", address_family::ipv6, "2001:db8::1", "[2001:db8::1]:80"},
        {"fe80::1%1", address_family::ipv6, "fe80::1%1", "[fe80::1%1]:80"},
        {"fe80::1%lo", address_family::ipv6, "fe80::1%1", "[fe80::1%1]:80"},
        {"[fe80::1%lo]", address_family::ipv6, "fe80::1%1", "[fe80::1%1]:80"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", address_family::ipv6,
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:80"},
    };
    for (const auto& each : cases) {
        const auto read = address::ip(each.literal, 80);
        ASSERT_TRUE(read) << each.literal;
        EXPECT_EQ(read->family(), each.family) << each.literal;
        EXPECT_EQ(read->host(), each.host);
        EXPECT_EQ(read->text(), each.text);
        EXPECT_EQ(read->port(), 80);
        EXPECT_EQ(address::parse(each.text), *read) << each.text;
        std::ostringstream out;
        out << *read;
        EXPECT_EQ(out.str(), each.text);
    }
}

TEST(address, is_printed_as_its_text) {
    ::testing::internal::CaptureStdout();
    print("hello ", address::loopback(address_family::ipv4, 80));
    std::fflush(stdout);
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "hello 127.0.0.1:80\n");
}

TEST(address, refuses_what_is_no_literal) {
    for (const std::string_view each : {""sv,
                                        "localhost"sv,
                                        "127.0.0"sv,
                                        "127.0.0.1.1"sv,
                                        "127.0.0.256"sv,
                                        "127.0.0.01"sv,
                                        "127.1"sv,
                                        "0x7f.0.0.1"sv,
                                        " 127.0.0.1"sv,
                                        "127.0.0.1 "sv,
                                        "127.0.0.1\n"sv,
                                        "127.0.0.1:80"sv,
                                        "[127.0.0.1]"sv,
                                        "127.0.0.1%lo"sv,
                                        "[]"sv,
                                        "[::1"sv,
                                        "::1]"sv,
                                        "[[::1]]"sv,
                                        ":::"sv,
                                        "1::2::3"sv,
                                        "::g"sv,
                                        "1:2:3:4:5:6:7:8:9"sv,
                                        "fe80::1%"sv,
                                        "fe80::1%0"sv,
                                        "fe80::1%no-such-device"sv,
                                        "fe80::1%4294967296"sv,
                                        "fe80::1%a-name-longer-than-any"sv,
                                        "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555"sv})
        EXPECT_FALSE(address::ip(each, 1)) << each;
}

TEST(address, refuses_literals_with_a_zero_byte_and_something_after_it) {
    EXPECT_FALSE(address::ip("127.0.0.1\0.evil.example"sv, 1));
    EXPECT_FALSE(address::ip("127.0.0.1\0"sv, 1));
    EXPECT_FALSE(address::ip("::1\0x"sv, 1));
    EXPECT_FALSE(address::ip("fe80::1%lo\0x"sv, 1));
    EXPECT_FALSE(address::parse("127.0.0.1\0x:80"sv));
}

TEST(address, refuses_texts_that_it_would_not_write) {
    for (const std::string_view each :
         {""sv, "none"sv, "127.0.0.1"sv, "127.0.0.1:"sv, "127.0.0.1:65536"sv, "127.0.0.1:+80"sv, "127.0.0.1:-1"sv,
          "127.0.0.1: 80"sv, "127.0.0.1:80 "sv, "127.0.0.1:80x"sv, ":80"sv, "::1:80"sv, "[::1]"sv, "[::1]80"sv,
          "example.com:80"sv, "unix:"sv, "unix"sv, "UNIX:/x"sv})
        EXPECT_FALSE(address::parse(each)) << each;
    EXPECT_FALSE(address::parse("unix:/" + std::string(107, 'x')));
    EXPECT_FALSE(address::parse("unix:/run/a\0b"sv));
    EXPECT_EQ(address::parse("127.0.0.1:0")->port(), 0);
    EXPECT_EQ(address::parse("127.0.0.1:65535")->port(), 65535);
}

TEST(address, of_a_path_is_written_with_a_word_before_it) {
    const address path = address::local("/run/x.sock");
    EXPECT_EQ(path.family(), address_family::local);
    EXPECT_FALSE(path.is_ip());
    EXPECT_FALSE(path.is_loopback());
    EXPECT_EQ(path.host(), "/run/x.sock");
    EXPECT_EQ(path.text(), "unix:/run/x.sock");
    EXPECT_EQ(address::parse("unix:/run/x.sock"), path);
    EXPECT_EQ(path.port(), 0);
    EXPECT_EQ(path.with_port(80), path);
    EXPECT_EQ(address::local("relative").host(), "relative");
}

TEST(address, of_an_abstract_name_begins_with_an_at_sign) {
    const address name = address::local("@torus");
    EXPECT_EQ(name.host(), "@torus");
    EXPECT_EQ(name.text(), "unix:@torus");
    EXPECT_EQ(address::parse("unix:@torus"), name);
    EXPECT_EQ(address::local("\0torus"sv), name);
    EXPECT_NE(address::local("torus"), name);
    EXPECT_EQ(address::local("@a\0b"sv).host(), "@a\0b"s);
}

TEST(address, of_a_path_takes_as_much_as_the_kernel_does) {
    const std::string longest(107, 'x');
    EXPECT_EQ(address::local(longest).host(), longest);
    for (const std::string& each : {longest + "x", std::string(4096, 'x')}) {
        try {
            address::local(each);
            ADD_FAILURE() << "took " << each.size() << " bytes";
        } catch (const std::system_error& e) {
            EXPECT_EQ(e.code(), std::errc::filename_too_long);
        }
    }
}

TEST(address, of_a_path_refuses_what_the_kernel_would_cut_off) {
    for (const std::string_view each : {""sv, "/run/a\0b"sv, "/run/a\0"sv}) {
        try {
            address::local(each);
            ADD_FAILURE() << "took a path of " << each.size() << " bytes";
        } catch (const std::system_error& e) {
            EXPECT_EQ(e.code(), std::errc::invalid_argument);
        }
    }
}

TEST(address, of_a_family_is_all_of_this_machine_or_itself) {
    EXPECT_EQ(address::any(address_family::ipv4, 1).text(), "0.0.0.0:1");
    EXPECT_EQ(address::any(address_family::ipv6, 1).text(), "[::]:1");
    EXPECT_EQ(address::loopback(address_family::ipv4, 1).text(), "127.0.0.1:1");
    EXPECT_EQ(address::loopback(address_family::ipv6, 1).text(), "[::1]:1");
    EXPECT_TRUE(address::ip("127.255.0.9", 1)->is_loopback());
    EXPECT_TRUE(address::ip("::1", 1)->is_loopback());
    EXPECT_FALSE(address::ip("128.0.0.1", 1)->is_loopback());
    EXPECT_FALSE(address::ip("::2", 1)->is_loopback());
}

TEST(address, of_the_kernel_is_what_it_says) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(80);
    v6.sin6_addr = in6addr_loopback;
    EXPECT_EQ(as_kernel_says(v6), address::ip("::1", 80));
    sockaddr_un unnamed{};
    unnamed.sun_family = AF_UNIX;
    EXPECT_EQ(address::from(reinterpret_cast<const sockaddr*>(&unnamed), sizeof(sa_family_t)), address());
    sockaddr other{};
    other.sa_family = AF_PACKET;
    EXPECT_EQ(address::from(&other, sizeof other), address());
    EXPECT_EQ(address::from(nullptr, 16), address());
    EXPECT_EQ(address::from(reinterpret_cast<const sockaddr*>(&v6), 1), address());
}

TEST(address, of_the_kernel_in_a_buffer_for_any_of_them_is_the_same) {
    sockaddr_storage storage{};
    const address known = *address::ip("::1", 80);
    std::memcpy(&storage, known.data(), known.size());
    EXPECT_EQ(address::from(reinterpret_cast<const sockaddr*>(&storage), sizeof storage), known);
    EXPECT_EQ(address::from(reinterpret_cast<const sockaddr*>(&storage), known.size() - 1), address());
}

TEST(address, of_an_ipv4_client_of_a_socket_for_both_is_an_ipv4_address) {
    const address mapped = *address::ip("::ffff:10.0.0.1", 80);
    EXPECT_EQ(address::from(mapped.data(), mapped.size()), address::ip("10.0.0.1", 80));
}

TEST(address, with_another_port_is_the_same_otherwise) {
    EXPECT_EQ(address::ip("fe80::1%1", 1)->with_port(65535).text(), "[fe80::1%1]:65535");
    EXPECT_EQ(address::ip("10.0.0.1", 1)->with_port(0).text(), "10.0.0.1:0");
}

TEST(address, compares_by_all_it_has) {
    const address a = *address::ip("10.0.0.1", 80);
    EXPECT_EQ(a, *address::ip("10.0.0.1", 80));
    EXPECT_NE(a, *address::ip("10.0.0.1", 81));
    EXPECT_NE(a, *address::ip("10.0.0.2", 80));
    EXPECT_NE(*address::ip("fe80::1%1", 80), *address::ip("fe80::1%2", 80));
    EXPECT_TRUE((a < *address::ip("10.0.0.2", 80)) != (*address::ip("10.0.0.2", 80) < a));
}

}  // namespace
}  // namespace torus::testing
