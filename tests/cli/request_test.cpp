// tests/cli/request_test.cpp: a line is a request, or says why it is none.
#include "cli/fetch/request.hpp"

#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace torus::cli {
namespace {

std::variant<request, malformed_line> parse(std::string text) {
    const std::uint64_t size = text.size();
    return parse_request(line(7, std::move(text), size));
}

request good(std::string text) {
    auto parsed = parse(std::move(text));
    if (const auto* malformed = std::get_if<malformed_line>(&parsed)) throw std::runtime_error(malformed->message);
    return std::get<request>(std::move(parsed));
}

std::string why_not(std::string text) {
    const auto parsed = parse(std::move(text));
    const auto* malformed = std::get_if<malformed_line>(&parsed);
    return malformed ? malformed->message : "";
}

TEST(request, is_a_url) {
    const request r = good("  http://Example.com/a b#top\t");
    EXPECT_EQ(r.id, 7);
    EXPECT_EQ(r.url, "http://Example.com/a b#top");
    EXPECT_EQ(r.target.to_string(), "http://example.com/a%20b");
    EXPECT_EQ(r.method, http::method::get);
    EXPECT_EQ(r.host(), "http://example.com:80");
}

TEST(request, is_an_object_with_method_headers_and_body) {
    const request r =
        good(R"({"url": "https://h/x", "method": "put", "headers": {"A": "1", "B": ["2", "3"]}, "body": "text"})");
    EXPECT_EQ(r.url, "https://h/x");
    EXPECT_EQ(r.method, http::method::put);
    EXPECT_EQ(r.headers.get("a"), "1");
    EXPECT_EQ(r.headers.all("b"), (std::vector<std::string_view>{"2", "3"}));
    EXPECT_EQ(r.body, "text");
}

TEST(request, with_a_body_is_a_post_unless_it_says_otherwise) {
    EXPECT_EQ(good(R"({"url": "http://h/", "body": ""})").method, http::method::post);
    EXPECT_EQ(good(R"({"url": "http://h/", "body": "x", "method": "PATCH"})").method, http::method::patch);
    EXPECT_EQ(good(R"({"url": "http://h/"})").method, http::method::get);
}

TEST(request, may_have_a_method_of_its_own) {
    EXPECT_EQ(good(R"({"url": "http://h/", "method": "PURGE"})").method.name(), "PURGE");
    EXPECT_EQ(good(R"({"url": "http://h/", "method": "delete"})").method, http::method::delete_);
}

TEST(request, is_unsafe_if_it_may_do_something_twice) {
    EXPECT_FALSE(good("http://h/").is_unsafe());
    EXPECT_FALSE(good(R"({"url": "http://h/", "method": "PUT"})").is_unsafe());
    EXPECT_TRUE(good(R"({"url": "http://h/", "method": "POST"})").is_unsafe());
    EXPECT_TRUE(good(R"({"url": "http://h/", "method": "PATCH"})").is_unsafe());
    EXPECT_TRUE(good(R"({"url": "http://h/", "method": "PURGE"})").is_unsafe());
}

TEST(request, passes_over_members_that_it_does_not_know) {
    EXPECT_EQ(good(R"({"url": "http://h/", "id": 5, "comment": [1, {"x": null}]})").url, "http://h/");
}

TEST(request, refuses_members_that_look_mistyped) {
    EXPECT_EQ(why_not(R"({"url": "http://h/", "header": {}})"), "unknown member 'header'; did you mean 'headers'?");
    EXPECT_EQ(why_not(R"({"url": "http://h/", "metod": "POST"})"), "unknown member 'metod'; did you mean 'method'?");
}

TEST(request, refuses_what_is_no_url) {
    EXPECT_EQ(why_not(""), "the line is empty");
    EXPECT_EQ(why_not(" \t"), "the line is empty");
    EXPECT_EQ(why_not("ftp://h/x"), "the scheme 'ftp' is neither http nor https");
    EXPECT_EQ(why_not("file:///etc/passwd"), "the scheme 'file' is neither http nor https");
    EXPECT_EQ(why_not("http://h:0/"), "there is no port 0");
    for (const char* text :
         {"example.com", "http://", "http:///path", "http://h:99999/", "http://a b/", "# comment", "http://[::1/"})
        EXPECT_FALSE(why_not(text).empty()) << text;
    EXPECT_FALSE(why_not(std::string("http://h/\0x", 11)).empty());
}

TEST(request, refuses_what_is_no_object_of_the_kind) {
    EXPECT_EQ(why_not("{"), "begins like JSON, but is no object of it");
    EXPECT_EQ(why_not("{} x"), "begins like JSON, but is no object of it");
    EXPECT_EQ(why_not("{}"), "has no member 'url'");
    EXPECT_EQ(why_not(R"({"url": 7})"), "'url' is not a text");
    EXPECT_EQ(why_not(R"({"url": "http://h/", "body": {}})"), "'body' is not a text");
    EXPECT_EQ(why_not(R"({"url": "http://h/", "method": 1})"), "'method' is not a text");
    EXPECT_EQ(why_not(R"({"url": "http://h/", "method": "A B"})"), "'A B' is no method");
    EXPECT_EQ(why_not(R"({"url": "http://h/", "method": "CONNECT"})"), "CONNECT asks for a tunnel, not for an answer");
    EXPECT_EQ(why_not(R"({"url": "http://h/", "headers": []})"), "'headers' is not an object");
    EXPECT_EQ(why_not(R"({"url": "http://h/", "headers": {"A": 1}})"),
              "the header 'A' is neither a text nor a list of texts");
}

TEST(request, refuses_headers_that_would_break_the_message) {
    EXPECT_FALSE(why_not(R"({"url": "http://h/", "headers": {"A": "x\r\nB: y"}})").empty());
    EXPECT_FALSE(why_not(R"({"url": "http://h/", "headers": {"A B": "x"}})").empty());
    EXPECT_EQ(why_not(R"({"url": "http://h/", "headers": {"content-length": "5"}})"),
              "the header 'content-length' is up to the connection");
    EXPECT_EQ(why_not(R"({"url": "http://h/", "headers": {"Host": "other"}})"),
              "the header 'Host' is up to the connection");
    EXPECT_FALSE(why_not(R"({"url": "http://h/", "headers": {"Transfer-Encoding": "chunked"}})").empty());
}

TEST(request, refuses_bytes_that_are_no_text) {
    EXPECT_EQ(why_not("http://h/\xff"), "the line is not UTF-8: byte 10 belongs to no character");
    const auto parsed = parse("http://h/\xff");
    EXPECT_EQ(std::get<malformed_line>(parsed).url, "http://h/\xef\xbf\xbd");
}

TEST(request, survives_json_that_is_nested_as_deep_as_a_line_is_long) {
    const std::string begin = R"({"url": "http://h/", "x": )";
    const std::size_t depth = max_line_bytes / 2 - begin.size();
    EXPECT_EQ(why_not(begin + std::string(depth, '[')), "begins like JSON, but is no object of it");
    EXPECT_EQ(good(begin + std::string(depth, '[') + std::string(depth, ']') + "}").url, "http://h/");
}

TEST(malformed_line, shows_the_url_as_soon_as_there_is_one) {
    const auto url_of = [](std::string text) { return std::get<malformed_line>(parse(std::move(text))).url; };
    EXPECT_EQ(url_of("nonsense"), "nonsense");
    EXPECT_EQ(url_of(R"({"url": "ftp://h/", "x": 1})"), "ftp://h/");
    EXPECT_EQ(url_of("{broken"), "{broken");
    EXPECT_EQ(url_of("a\x1b[31m"), "a\\x1b[31m");
}

TEST(malformed_line, is_what_a_line_is_that_was_too_long) {
    const auto parsed = parse_request(line(3, std::string(long_line_kept_bytes, 'x'), max_line_bytes + 1));
    const auto& malformed = std::get<malformed_line>(parsed);
    EXPECT_EQ(malformed.message, "the line is longer than 1 MiB: 1,048,577 bytes");
    EXPECT_EQ(malformed.url, std::string(long_line_kept_bytes, 'x'));
}

TEST(dedupe_key, is_the_same_for_the_same_request) {
    EXPECT_EQ(dedupe_key(good("http://h/a")), dedupe_key(good(" HTTP://H:80/a#x ")));
    EXPECT_EQ(dedupe_key(good("http://h/a")), dedupe_key(good(R"({"url": "http://h/a"})")));
    EXPECT_NE(dedupe_key(good("http://h/a")), dedupe_key(good("http://h/b")));
    EXPECT_NE(dedupe_key(good("http://h/a")), dedupe_key(good(R"({"url": "http://h/a", "method": "HEAD"})")));
    EXPECT_NE(dedupe_key(good(R"({"url": "http://h/a", "body": "1"})")),
              dedupe_key(good(R"({"url": "http://h/a", "body": "2"})")));
    EXPECT_NE(dedupe_key(good("http://h/a")), dedupe_key(good(R"({"url": "http://h/a", "headers": {"a": "b"}})")));
}

TEST(header_option, is_a_name_and_a_value) {
    http::headers headers;
    add_header(headers, "Accept: text/html");
    add_header(headers, "X-Empty:");
    EXPECT_EQ(headers.get("accept"), "text/html");
    EXPECT_EQ(headers.get("x-empty"), "");
    EXPECT_THROW(add_header(headers, "no colon"), std::invalid_argument);
    EXPECT_THROW(add_header(headers, ": no name"), std::invalid_argument);
    EXPECT_THROW(add_header(headers, "Host: other"), std::invalid_argument);
    EXPECT_THROW(add_header(headers, "Connection: close"), std::invalid_argument);
}

}  // namespace
}  // namespace torus::cli
