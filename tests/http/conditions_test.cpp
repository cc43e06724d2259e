// tests/http/conditions_test.cpp: dates, ranges, entity tags, conditions, codings both sides want.
#include "torus/http/coding.hpp"
#include "torus/http/date.hpp"
#include "torus/http/etag.hpp"
#include "torus/http/range.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace torus::http {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

constexpr sys_seconds example = sys_days(1994y / November / 6) + 8h + 49min + 37s;
constexpr std::string_view example_text = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr sys_seconds today = sys_days(2025y / June / 1);

TEST(a_date, is_written_in_the_fixed_form) {
    EXPECT_EQ(format_date(example), example_text);
    EXPECT_EQ(format_date(sys_seconds()), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(format_date(sys_days(2024y / February / 29) + 23h + 59min + 59s), "Thu, 29 Feb 2024 23:59:59 GMT");
    EXPECT_EQ(format_date(sys_seconds(-1s)), "Wed, 31 Dec 1969 23:59:59 GMT");
    EXPECT_EQ(format_date(sys_seconds::max()), "Fri, 31 Dec 9999 23:59:59 GMT");
    EXPECT_EQ(format_date(sys_seconds::min()), "Sat, 01 Jan 0000 00:00:00 GMT");
}

TEST(a_date, is_read_in_three_forms) {
    EXPECT_EQ(parse_date(example_text), example);
    EXPECT_EQ(parse_date("Sunday, 06-Nov-94 08:49:37 GMT", today), example);
    EXPECT_EQ(parse_date("Sun Nov  6 08:49:37 1994"), example);
    EXPECT_EQ(parse_date("Sun Nov 16 08:49:37 1994"), example + days(10));
    EXPECT_EQ(parse_date("Thu, 31 Dec 1998 23:59:60 GMT"), sys_days(1999y / January / 1));
}

TEST(a_date, of_two_digits_is_at_most_fifty_years_ahead) {
    EXPECT_EQ(parse_date("Sunday, 06-Nov-75 00:00:00 GMT", today), sys_days(2075y / November / 6));
    EXPECT_EQ(parse_date("Sunday, 06-Nov-76 00:00:00 GMT", today), sys_days(1976y / November / 6));
}

TEST(a_date, is_refused_if_anything_is_wrong_with_it) {
    for (auto wrong :
         {"", "x", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 6 Nov 1994 08:49:37 GMT",
          "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
          "Sun, 06 Nov 1994 08:49:37 GMT ", "Son, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
          "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 06 08:49:37 1994 GMT", "Sun Nov   6 08:49:37 1994", "784111777"})
        EXPECT_FALSE(parse_date(wrong, today)) << wrong;
}

TEST(a_date, is_written_once_a_second) {
    date_cache cache;
    const auto first = cache.at(example);
    EXPECT_EQ(first, example_text);
    EXPECT_EQ(cache.at(example).data(), first.data());
    EXPECT_EQ(cache.at(example + 1s), "Sun, 06 Nov 1994 08:49:38 GMT");
    EXPECT_EQ(cache.at(example), example_text);
}

range_selection parts(std::vector<byte_range> ranges) { return {range_answer::parts, std::move(ranges)}; }

void expect_ranges(std::string_view field, std::uint64_t size, const range_selection& expected) {
    const range_selection seen = select_ranges(field, size);
    EXPECT_EQ(seen.answer, expected.answer) << field << " of " << size;
    EXPECT_EQ(seen.ranges, expected.ranges) << field << " of " << size;
}

TEST(a_range, is_read_as_RFC_9110_14_1_2_says) {
    expect_ranges("bytes=0-499", 10000, parts({{0, 499}}));
    expect_ranges("bytes=500-999", 10000, parts({{500, 999}}));
    expect_ranges("bytes=-500", 10000, parts({{9500, 9999}}));
    expect_ranges("bytes=9500-", 10000, parts({{9500, 9999}}));
    expect_ranges("bytes=0-0,-1", 10000, parts({{0, 0}, {9999, 9999}}));
    expect_ranges("bytes= 0-0 , 5-6", 10000, parts({{0, 0}, {5, 6}}));
    expect_ranges("Bytes=0-99999", 10000, parts({{0, 9999}}));
    expect_ranges("bytes=-99999", 10000, parts({{0, 9999}}));
    expect_ranges("bytes=5-99999999999999999999999", 10, parts({{5, 9}}));
    expect_ranges("bytes=500-600,601-999", 10000, parts({{500, 600}, {601, 999}}));
}

TEST(a_range, beyond_the_end_cannot_be_satisfied) {
    const range_selection none(range_answer::unsatisfiable, {});
    expect_ranges("bytes=10000-", 10000, none);
    expect_ranges("bytes=99999999999999999999-", 10000, none);
    expect_ranges("bytes=-0", 10000, none);
    expect_ranges("bytes=0-", 0, none);
    expect_ranges("bytes=10000-,0-0", 10000, parts({{0, 0}}));
    expect_ranges("bytes=-5", 0, {});
}

TEST(a_range, is_ignored_if_it_is_malformed) {
    for (auto field : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=1-2,x", "bytes=1-2,",
                       "lines=1-2", "bytes=1-2-3", "bytes=+1-2", "bytes=1 -2", "bytes 1-2", "bytes=1"})
        expect_ranges(field, 10000, {});
}

TEST(a_range, is_ignored_if_it_costs_more_than_the_whole) {
    expect_ranges("bytes=0-,0-", 10000, {});
    std::string many = "bytes=0-0";
    for (int i = 1; i < 16; ++i)
        many.append(",").append(std::to_string(2 * i)).append("-").append(std::to_string(2 * i));
    EXPECT_EQ(select_ranges(many, 10000).ranges.size(), 16u);
    expect_ranges(many + ",100-100", 10000, {});
}

TEST(a_range, is_announced) {
    EXPECT_EQ(content_range({0, 499}, 1234), "bytes 0-499/1234");
    EXPECT_EQ(unsatisfied_range(1234), "bytes */1234");
    EXPECT_EQ((byte_range{5, 5}).size(), 1u);
}

TEST(an_etag, is_compared_as_RFC_9110_8_8_3_2_says) {
    const etag w1("1", etag_strength::weak);
    const etag w2("2", etag_strength::weak);
    const etag s1("1");
    EXPECT_TRUE(!w1.matches_strongly(w1) && w1.matches_weakly(w1));
    EXPECT_TRUE(!w1.matches_strongly(w2) && !w1.matches_weakly(w2));
    EXPECT_TRUE(!w1.matches_strongly(s1) && w1.matches_weakly(s1));
    EXPECT_TRUE(s1.matches_strongly(s1) && s1.matches_weakly(s1));
}

TEST(an_etag, is_read_and_written) {
    EXPECT_EQ(etag("a-b").to_string(), "\"a-b\"");
    EXPECT_EQ(etag("a", etag_strength::weak).to_string(), "W/\"a\"");
    EXPECT_EQ(etag::parse("W/\"\"")->to_string(), "W/\"\"");
    for (auto wrong : {"", "\"", "a", "\"a", "a\"", "w/\"a\"", "W/a", "\"a\"b\"", "\"a b\""})
        EXPECT_FALSE(etag::parse(wrong)) << wrong;
    EXPECT_THROW(etag("a\"b"), std::invalid_argument);
    EXPECT_THROW(etag("a\nb"), std::invalid_argument);
}

TEST(a_condition, is_evaluated_in_the_order_of_RFC_9110_13_2_2) {
    using enum condition;
    const validators now(etag("v2"), example);
    const std::string before = format_date(example - 1s);
    const std::string same(example_text);
    const auto evaluate = [&](headers h, method m = method::get) { return evaluate_conditions(m, h, now); };
    EXPECT_EQ(evaluate({}), met);
    EXPECT_EQ(evaluate({{"If-None-Match", "\"v1\", W/\"v2\""}}), not_modified);
    EXPECT_EQ(evaluate({{"If-None-Match", "\"v1\""}}), met);
    EXPECT_EQ(evaluate({{"If-None-Match", "*"}}), not_modified);
    EXPECT_EQ(evaluate({{"If-None-Match", "*"}}, method::put), precondition_failed);
    EXPECT_EQ(evaluate({{"If-None-Match", "\"v1\""}, {"If-Modified-Since", same}}), met);
    EXPECT_EQ(evaluate({{"If-Modified-Since", same}}), not_modified);
    EXPECT_EQ(evaluate({{"If-Modified-Since", before}}), met);
    EXPECT_EQ(evaluate({{"If-Modified-Since", same}}, method::post), met);
    EXPECT_EQ(evaluate({{"If-Modified-Since", "yesterday"}}), met);
    EXPECT_EQ(evaluate({{"If-Match", "\"v2\""}}), met);
    EXPECT_EQ(evaluate({{"If-Match", "W/\"v2\""}}), precondition_failed);
    EXPECT_EQ(evaluate({{"If-Match", "\"v1\""}}), precondition_failed);
    EXPECT_EQ(evaluate({{"If-Match", "*"}}), met);
    EXPECT_EQ(evaluate({{"If-Match", "\"v2\""}, {"If-None-Match", "\"v2\""}}), not_modified);
    EXPECT_EQ(evaluate({{"If-Unmodified-Since", before}}), precondition_failed);
    EXPECT_EQ(evaluate({{"If-Unmodified-Since", same}}), met);
    EXPECT_EQ(evaluate({{"If-Match", "\"v2\""}, {"If-Unmodified-Since", before}}), met);
    EXPECT_EQ(evaluate_conditions(method::get, {{"If-None-Match", "\"v2\""}}, {}), met);
}

TEST(a_range, counts_only_for_the_version_it_was_meant_for) {
    const validators now(etag("v2"), example);
    EXPECT_TRUE(range_is_current({}, now));
    EXPECT_TRUE(range_is_current({{"If-Range", "\"v2\""}}, now));
    EXPECT_FALSE(range_is_current({{"If-Range", "W/\"v2\""}}, now));
    EXPECT_FALSE(range_is_current({{"If-Range", "\"v1\""}}, now));
    EXPECT_TRUE(range_is_current({{"If-Range", example_text}}, now));
    EXPECT_FALSE(range_is_current({{"If-Range", format_date(example + 1s)}}, now));
    EXPECT_FALSE(range_is_current({{"If-Range", "nonsense"}}, now));
    EXPECT_FALSE(range_is_current({{"If-Range", "\"v2\""}}, {}));
}

TEST(a_coding, is_one_that_both_sides_want) {
    using enum content_coding;
    const content_coding offered[] = {br, gzip};
    const auto chosen = [&](std::string_view accept) { return negotiate_coding(accept, offered); };
    EXPECT_EQ(chosen("gzip"), gzip);
    EXPECT_EQ(chosen("x-gzip"), gzip);
    EXPECT_EQ(chosen("GZIP, BR"), br);
    EXPECT_EQ(chosen("gzip, br;q=0.9"), gzip);
    EXPECT_EQ(chosen("gzip;q=0.5, br;q=0.999"), br);
    EXPECT_EQ(chosen("gzip ; q=1.000"), gzip);
    EXPECT_EQ(chosen("*"), br);
    EXPECT_EQ(chosen("*;q=0.1, br;q=0"), gzip);
    EXPECT_EQ(chosen("*;q=0, gzip;q=0.1"), gzip);
    EXPECT_EQ(chosen("compress, *;q=0.2, identity;q=0.1"), br);
    EXPECT_EQ(chosen("br;q=0.5, identity"), identity);
    EXPECT_EQ(chosen("gzip;q=0"), identity);
    EXPECT_EQ(chosen(""), identity);
    EXPECT_EQ(chosen("deflate"), identity);
    EXPECT_EQ(chosen("identity;q=0"), std::nullopt);
    EXPECT_EQ(chosen("*;q=0"), std::nullopt);
    EXPECT_EQ(chosen("identity;q=0, gzip"), gzip);
    for (auto malformed : {"gzip;q=2", "gzip;q=-1", "gzip;q=", "gzip;q=0.1234", "gzip;q=a", "gzip;q=1.5", "gzip;q=0x"})
        EXPECT_EQ(chosen(malformed), identity) << malformed;
}

}  // namespace
}  // namespace torus::http
