// tests/core/print_test.cpp: what print writes for what it is given.
#include <torus/core/print.hpp>

#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace {

using namespace torus;
using namespace std::literals;

template <class... Parts> std::string printed(const Parts&... parts) {
    ::testing::internal::CaptureStdout();
    print(parts...);
    std::fflush(stdout);
    return ::testing::internal::GetCapturedStdout();
}

TEST(print, writes_its_parts_as_one_line) {
    EXPECT_EQ(printed("consumer ", 3, " did ", 4U, ' ', "items"s, " of "sv, 5L), "consumer 3 did 4 items of 5\n");
    EXPECT_EQ(printed(), "\n");
    EXPECT_EQ(printed(""), "\n");
}

TEST(print, writes_truth_in_words_and_characters_as_themselves) {
    EXPECT_EQ(printed(true, ' ', false), "true false\n");
    EXPECT_EQ(printed('a', static_cast<signed char>(7), static_cast<unsigned char>(8)), "a78\n");
}

TEST(print, writes_every_number_exactly) {
    EXPECT_EQ(printed(std::numeric_limits<long long>::min()), "-9223372036854775808\n");
    EXPECT_EQ(printed(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615\n");
    EXPECT_EQ(printed(0.1, ' ', 1e100, ' ', -2.5F, ' ', 3.0), "0.1 1e+100 -2.5 3\n");
    EXPECT_EQ(printed(std::numeric_limits<double>::denorm_min(), ' ', std::numeric_limits<double>::infinity()),
              "5e-324 inf\n");
}

struct room {
    std::string text() const { return "room " + std::to_string(number); }
    int number;
};

struct label : room {
    operator std::string_view() const { return "a label"; }
};

TEST(print, writes_what_an_object_says_of_itself) {
    EXPECT_EQ(printed("in ", room{7}, ", not in ", room{8}), "in room 7, not in room 8\n");
    EXPECT_EQ(printed(label{{7}}), "a label\n");
}

TEST(print, writes_text_with_zeros_whole) { EXPECT_EQ(printed("a\0b"sv), "a\0b\n"sv); }

struct empty {};

template <class T>
concept prints = requires(const T& t) { print(t); };

TEST(print, takes_neither_pointers_nor_wide_characters) {
    static_assert(!prints<int*>);
    static_assert(!prints<void*>);
    static_assert(!prints<empty>);
    static_assert(prints<std::string> && prints<const char*> && prints<short>);
}

}  // namespace
