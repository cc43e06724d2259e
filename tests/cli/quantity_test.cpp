// tests/cli/quantity_test.cpp: what people type is understood, and what isn't is refused with an example.
#include "cli/quantity.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace torus::cli {
namespace {

using namespace std::literals;

template <class Parse> std::string refusal(Parse parse, std::string_view text) {
    try {
        parse(text);
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
    return {};
}

TEST(duration, has_a_unit_or_is_in_seconds) {
    EXPECT_EQ(parse_duration("100ms"), 100ms);
    EXPECT_EQ(parse_duration("1.5s"), 1500ms);
    EXPECT_EQ(parse_duration("2m"), 2min);
    EXPECT_EQ(parse_duration("1h30m"), 90min);
    EXPECT_EQ(parse_duration("1d"), 24h);
    EXPECT_EQ(parse_duration("250us"), 250us);
    EXPECT_EQ(parse_duration("5ns"), 5ns);
    EXPECT_EQ(parse_duration("30"), 30s);
    EXPECT_EQ(parse_duration("0"), 0s);
    EXPECT_EQ(parse_duration("1S"), 1s);
}

TEST(duration, for_ever_is_as_long_as_there_is) { EXPECT_EQ(parse_duration("99999999999d"), duration::max()); }

TEST(duration, refuses_what_is_none) {
    for (const char* text : {"", "s", "1x", "-1s", "+1s", "1s1", "1 s", "nan", "inf", "1e3s", "0x1s", "1..5s", "1h30"})
        EXPECT_FALSE(refusal(parse_duration, text).empty()) << text;
    EXPECT_EQ(refusal(parse_duration, "5x"), "'5x' is not a duration; 100ms, 1.5s, 2m and 1h30m are");
}

TEST(size, counts_in_powers_of_1000_or_of_1024) {
    EXPECT_EQ(parse_size("512"), 512u);
    EXPECT_EQ(parse_size("10k"), 10'000u);
    EXPECT_EQ(parse_size("10kB"), 10'000u);
    EXPECT_EQ(parse_size("1.5M"), 1'500'000u);
    EXPECT_EQ(parse_size("64MiB"), 64u * 1024 * 1024);
    EXPECT_EQ(parse_size("64mib"), 64u * 1024 * 1024);
    EXPECT_EQ(parse_size("1Gi"), 1024u * 1024 * 1024);
    EXPECT_EQ(parse_size("2T"), 2'000'000'000'000u);
    EXPECT_EQ(parse_size("0"), 0u);
    EXPECT_EQ(parse_size("7B"), 7u);
}

TEST(size, refuses_what_is_none) {
    for (const char* text : {"", "k", "-1", "1x", "1kk", "1i", "1iB", "1 MiB", "nan", "999999999T", "10MBit"})
        EXPECT_FALSE(refusal(parse_size, text).empty()) << text;
}

TEST(count, is_a_whole_number) {
    EXPECT_EQ(parse_count("256"), 256u);
    EXPECT_EQ(parse_count("10k"), 10'000u);
    EXPECT_EQ(parse_count("1.5k"), 1'500u);
    EXPECT_EQ(parse_count("0"), 0u);
    for (const char* text : {"", "-1", "1.5", "k", "1KiB", "ten"})
        EXPECT_FALSE(refusal(parse_count, text).empty()) << text;
}

TEST(rate, is_so_many_a_second_unless_it_says_otherwise) {
    EXPECT_DOUBLE_EQ(parse_rate("100"), 100);
    EXPECT_DOUBLE_EQ(parse_rate("2.5/s"), 2.5);
    EXPECT_DOUBLE_EQ(parse_rate("30/m"), 0.5);
    EXPECT_DOUBLE_EQ(parse_rate("3600/h"), 1);
    EXPECT_DOUBLE_EQ(parse_rate("0"), 0);
    for (const char* text : {"", "-1", "1/", "1/x", "/s", "1s"})
        EXPECT_FALSE(refusal(parse_rate, text).empty()) << text;
}

TEST(duration, is_written_as_people_say_it) {
    EXPECT_EQ(format_duration(0ms), "0 ms");
    EXPECT_EQ(format_duration(120ms), "120 ms");
    EXPECT_EQ(format_duration(1300ms), "1.30 s");
    EXPECT_EQ(format_duration(9999ms), "10.0 s");
    EXPECT_EQ(format_duration(59960ms), "1 min 0 s");
    EXPECT_EQ(format_duration(130s), "2 min 10 s");
    EXPECT_EQ(format_duration(3599600ms), "1 h 0 min");
    EXPECT_EQ(format_duration(12000s), "3 h 20 min");
}

TEST(size, is_written_in_the_largest_unit_that_fits) {
    EXPECT_EQ(format_size(0), "0 bytes");
    EXPECT_EQ(format_size(1), "1 byte");
    EXPECT_EQ(format_size(1023), "1,023 bytes");
    EXPECT_EQ(format_size(16 * 1024 * 1024), "16 MiB");
    EXPECT_EQ(format_size(1536), "1.5 KiB");
}

TEST(count, is_written_in_groups_of_three) {
    EXPECT_EQ(format_count(0), "0");
    EXPECT_EQ(format_count(999), "999");
    EXPECT_EQ(format_count(1000), "1,000");
    EXPECT_EQ(format_count(1234567), "1,234,567");
    EXPECT_EQ(format_count(1, "row", "rows"), "1 row");
    EXPECT_EQ(format_count(2000, "row", "rows"), "2,000 rows");
}

}  // namespace
}  // namespace torus::cli
