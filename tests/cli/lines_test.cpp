// tests/cli/lines_test.cpp: bytes become the same lines however they arrive.
#include "cli/fetch/lines.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace torus::cli {
namespace {

/// The lines of an input that arrives in pieces of that size.
std::vector<line> cut(std::string_view input, std::size_t piece) {
    line_splitter splitter;
    std::vector<line> lines;
    for (std::size_t at = 0; at < input.size(); at += piece) {
        splitter.feed(input.substr(at, piece));
        while (auto next = splitter.next()) lines.push_back(*next);
    }
    splitter.finish();
    while (auto next = splitter.next()) lines.push_back(*next);
    return lines;
}

std::vector<std::string> texts(std::string_view input) {
    std::vector<std::string> found;
    for (const line& each : cut(input, input.size() + 1)) found.push_back(each.text);
    line_counter counter;
    for (char c : input) counter.feed(std::string_view(&c, 1));
    EXPECT_EQ(counter.lines(), static_cast<std::int64_t>(found.size())) << input;
    for (std::size_t piece : {1u, 2u, 3u, 7u}) {
        std::vector<std::string> again;
        for (const line& each : cut(input, piece)) again.push_back(each.text);
        EXPECT_EQ(again, found) << "in pieces of " << piece;
    }
    return found;
}

using strings = std::vector<std::string>;

TEST(lines, end_with_lf_or_crlf_or_the_input) {
    EXPECT_EQ(texts("a\nb\r\nc"), (strings{"a", "b", "c"}));
    EXPECT_EQ(texts("a\nb\n"), (strings{"a", "b"}));
    EXPECT_EQ(texts("a\r\n"), (strings{"a"}));
    EXPECT_EQ(texts("a\r"), (strings{"a"}));
    EXPECT_EQ(texts("a\rb\n"), (strings{"a\rb"}));
}

TEST(lines, may_be_empty) {
    EXPECT_EQ(texts(""), strings());
    EXPECT_EQ(texts("\n"), (strings{""}));
    EXPECT_EQ(texts("a\n\nb\n"), (strings{"a", "", "b"}));
    EXPECT_EQ(texts("a\n\n"), (strings{"a", ""}));
    EXPECT_EQ(texts("\r\n\r\n"), (strings{"", ""}));
}

TEST(lines, begin_behind_a_byte_order_mark) {
    EXPECT_EQ(texts("\xef\xbb\xbf"
                    "a\nb\n"),
              (strings{"a", "b"}));
    EXPECT_EQ(texts("\xef\xbb\xbf"), strings());
    EXPECT_EQ(texts("\xef\xbb\xbf\n"), (strings{""}));
    EXPECT_EQ(texts("a\n\xef\xbb\xbf"
                    "b\n"),
              (strings{"a", "\xef\xbb\xbf"
                            "b"}));
    EXPECT_EQ(texts("axb"), (strings{"axb"}));
}

TEST(lines, are_numbered_from_one) {
    const std::vector<line> lines = cut("a\n\nb", 2);
    ASSERT_EQ(lines.size(), 3u);
    for (std::size_t at = 0; at < lines.size(); ++at) EXPECT_EQ(lines[at].id, static_cast<std::int64_t>(at + 1));
}

TEST(lines, may_be_as_long_as_the_limit) {
    const std::string longest(max_line_bytes, 'x');
    for (const std::string& input : {longest, longest + "\n", longest + "\r\n", "\xef\xbb\xbf" + longest + "\r\n"}) {
        const std::vector<line> lines = cut(input, 65536);
        ASSERT_EQ(lines.size(), 1u);
        EXPECT_FALSE(lines[0].is_too_long());
        EXPECT_EQ(lines[0].text, longest);
    }
}

TEST(lines, that_are_longer_are_only_begun) {
    const std::string too_long(max_line_bytes + 1, 'x');
    for (const std::string& input : {too_long + "\nnext\n", too_long + "\r\nnext"}) {
        const std::vector<line> lines = cut(input, 65536);
        ASSERT_EQ(lines.size(), 2u);
        EXPECT_TRUE(lines[0].is_too_long());
        EXPECT_EQ(lines[0].text, std::string(long_line_kept_bytes, 'x'));
        EXPECT_EQ(lines[1].text, "next");
    }
    const std::vector<line> endless = cut(std::string(5 * max_line_bytes, 'x'), 65536);
    ASSERT_EQ(endless.size(), 1u);
    EXPECT_EQ(endless[0].size, 5 * max_line_bytes);
}

}  // namespace
}  // namespace torus::cli
