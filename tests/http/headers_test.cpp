// tests/http/headers_test.cpp: fields in their order, and what cannot become one.
#include "torus/http/headers.hpp"

#include "torus/http/method.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace torus::http {
namespace {

using namespace std::string_literals;

std::string text_of(const headers& h) {
    std::string text;
    for (auto [name, value] : h) text += std::string(name) + "=" + std::string(value) + " ";
    return text;
}

TEST(headers, keep_their_order_and_their_case) {
    headers h{{"B", "1"}, {"a", "2"}};
    h.add("b", "3");
    EXPECT_EQ(text_of(h), "B=1 a=2 b=3 ");
    EXPECT_EQ(h.size(), 3u);
    EXPECT_EQ(h[1].name, "a");
}

TEST(headers, are_found_in_any_case) {
    const headers h{{"Content-Type", "x"}, {"content-type", "y"}};
    EXPECT_EQ(h.get("CONTENT-TYPE"), "x");
    EXPECT_EQ(h.all("Content-type"), (std::vector<std::string_view>{"x", "y"}));
    EXPECT_TRUE(h.contains("content-TYPE"));
    EXPECT_FALSE(h.contains("content-typ"));
    EXPECT_FALSE(h.get("content_type"));
    EXPECT_EQ(h.get("none", "otherwise"), "otherwise");
    EXPECT_EQ(h.get("Content-Type", "otherwise"), "x");
}

TEST(headers, are_set_in_the_place_of_the_first) {
    headers h{{"A", "1"}, {"B", "2"}, {"a", "3"}, {"C", "4"}};
    h.set("a", "5");
    EXPECT_EQ(text_of(h), "a=5 B=2 C=4 ");
    h.set("D", "6");
    EXPECT_EQ(text_of(h), "a=5 B=2 C=4 D=6 ");
}

TEST(headers, are_removed_all_at_once) {
    headers h{{"A", "1"}, {"B", "2"}, {"a", "3"}};
    EXPECT_EQ(h.remove("A"), 2u);
    EXPECT_EQ(h.remove("A"), 0u);
    EXPECT_EQ(text_of(h), "B=2 ");
    h.clear();
    EXPECT_TRUE(h.empty());
    EXPECT_EQ(text_of(h), "");
}

TEST(headers, lose_the_spaces_around_a_value) {
    headers h;
    h.add("A", " \t x y \t");
    h.add("B", "   ");
    EXPECT_EQ(text_of(h), "A=x y B= ");
}

TEST(headers, refuse_what_could_be_read_as_something_else) {
    headers h{{"A", "1"}};
    for (const auto& value : {"a\r\nB: 2"s, "a\nb"s, "a\rb"s, "a\0b"s, "a\x7f"s, "\x1b[31m"s}) {
        EXPECT_THROW(h.add("X", value), std::invalid_argument);
        EXPECT_THROW(h.set("A", value), std::invalid_argument);
    }
    for (const auto& name : {""s, "a b"s, "a:"s, "a\r\n"s, "a\0"s, "(a)"s, "\xc3\xa4"s, " a"s}) {
        EXPECT_THROW(h.add(name, "x"), std::invalid_argument);
        EXPECT_THROW(h.set(name, "x"), std::invalid_argument);
    }
    EXPECT_THROW((headers{{"A", "\n"}}), std::invalid_argument);
    EXPECT_EQ(text_of(h), "A=1 ");
    h.add("B", "tab\tand \xc3\xa4");
    EXPECT_EQ(h.get("B"), "tab\tand \xc3\xa4");
}

TEST(headers, find_members_of_lists) {
    const headers h{
        {"Connection", "a, Close ,b"}, {"connection", "c"}, {"Cache-Control", "private=\"x, y\", no-store"}};
    for (auto token : {"a", "close", "CLOSE", "b", "C"}) EXPECT_TRUE(h.contains_token("connection", token)) << token;
    for (auto token : {"clos", "a,", "", "d"}) EXPECT_FALSE(h.contains_token("connection", token)) << token;
    EXPECT_TRUE(h.contains_token("cache-control", "no-store"));
    EXPECT_FALSE(h.contains_token("cache-control", "y\""));
    EXPECT_FALSE(h.contains_token("none", "a"));
}

TEST(headers, may_be_given_their_own_text) {
    headers h{{"A", "value of a"}, {"B", "2"}};
    for (int i = 0; i < 100; ++i) h.set("B", h[0].value);  // makes the block grow, move and shrink
    for (int i = 0; i < 100; ++i) h.set(h[0].name, h[1].value);
    for (int i = 0; i < 20; ++i) h.add(h[1].name, h[0].value);
    EXPECT_EQ(h.get("A"), "value of a");
    EXPECT_EQ(h.all("B").size(), 21u);
    for (auto value : h.all("B")) EXPECT_EQ(value, "value of a");
}

TEST(headers, do_not_grow_when_they_are_set_again_and_again) {
    headers h{{"Host", "example.com"}};
    std::string_view earliest = h[0].name;
    std::size_t moves = 0;
    for (int i = 0; i < 100'000; ++i) {
        h.set("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
        if (h[0].name.data() != earliest.data()) ++moves, earliest = h[0].name;
    }
    EXPECT_EQ(text_of(h), "Host=example.com Date=Sun, 06 Nov 1994 08:49:37 GMT ");
    EXPECT_GT(moves, 1000u) << "the text of earlier values was never given back";
}

TEST(headers, are_copied_with_their_text) {
    headers a{{"A", "1"}};
    headers b = a;
    a.set("A", "2");
    EXPECT_EQ(b.get("A"), "1");
    b = std::move(a);
    EXPECT_EQ(b.get("A"), "2");
}

TEST(a_method, is_a_token_and_knows_its_kind) {
    EXPECT_EQ(method("GET"), method::get);
    EXPECT_NE(method("get"), method::get);
    EXPECT_EQ(method().name(), "GET");
    EXPECT_EQ(method("VERSION-CONTROL").name(), "VERSION-CONTROL");
    EXPECT_THROW(method(""), std::invalid_argument);
    EXPECT_THROW(method("A B"), std::invalid_argument);
    EXPECT_THROW(method("A\r\n"), std::invalid_argument);
    EXPECT_THROW(method(std::string(24, 'A')), std::invalid_argument);
    EXPECT_EQ(method(std::string(23, 'A')).name().size(), 23u);
    EXPECT_FALSE(method::parse("A/B"));
    EXPECT_EQ(method::parse("PUT"), method::put);
    EXPECT_TRUE(method::head.is_safe());
    EXPECT_FALSE(method::put.is_safe());
    EXPECT_TRUE(method::put.is_idempotent());
    EXPECT_TRUE(method::delete_.is_idempotent());
    EXPECT_FALSE(method::post.is_idempotent());
    EXPECT_FALSE(method::patch.is_idempotent());
    EXPECT_FALSE(method("PROPPATCH").is_idempotent());
}

}  // namespace
}  // namespace torus::http
