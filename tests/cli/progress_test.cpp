// tests/cli/progress_test.cpp: how far it is, on one line that fits.
#include "cli/fetch/progress.hpp"

#include <gtest/gtest.h>

#include "cli/utf8.hpp"

namespace torus::cli {
namespace {

using namespace std::literals;

const palette plain(false);

progress_state halfway() {
    progress_state s;
    s.done = 6100;
    s.failed = 12;
    s.total = 10000;
    s.per_second = 950;
    return s;
}

std::size_t characters(const std::string& text) {
    std::size_t count = 0;
    for (char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    return count;
}

TEST(progress_bar, says_how_far_and_how_long) {
    EXPECT_EQ(progress_bar(halfway(), 100, plain),
              "██████████████████░░░░░░░░░░░░   61 %  6,100 done, 12 failed  950/s  5 s left");
}

TEST(progress_bar, fits_whatever_the_terminal) {
    for (std::size_t columns = 1; columns < 200; ++columns) {
        const std::string bar = progress_bar(halfway(), columns, plain);
        EXPECT_LT(characters(bar), columns) << bar;
        EXPECT_TRUE(is_utf8(bar));
    }
}

TEST(progress_bar, does_not_pretend_to_know_the_end) {
    progress_state s = halfway();
    s.total.reset();
    EXPECT_EQ(progress_bar(s, 100, plain), "6,100 done, 12 failed  950/s");
}

TEST(progress_bar, is_full_at_the_end) {
    progress_state s = halfway();
    s.done = 10000;
    EXPECT_EQ(progress_bar(s, 100, plain), "██████████████████████████████  100 %  10,000 done, 12 failed  950/s");
}

TEST(progress_bar, is_coloured_without_being_longer) {
    const std::string colored = progress_bar(halfway(), 100, palette(true));
    EXPECT_NE(colored.find("\x1b[31m12 failed\x1b[0m"), std::string::npos);
}

TEST(progress_line, says_the_same_in_words) {
    EXPECT_EQ(progress_line(halfway()), "6,100 of 10,000 done, 12 failed, 950/s, 5 s left");
    progress_state slow = halfway();
    slow.per_second = 0.5;
    EXPECT_EQ(progress_line(slow), "6,100 of 10,000 done, 12 failed, 0.5/s, 2 h 10 min left");
    slow.per_second = 0;
    EXPECT_EQ(progress_line(slow), "6,100 of 10,000 done, 12 failed, 0.0/s");
}

TEST(speedometer, follows_what_happens_now) {
    const time_point start{1h};
    speedometer speed(start);
    std::uint64_t done = 0;
    for (int tick = 1; tick <= 10; ++tick) speed.note(start + tick * 100ms, done += 100);
    EXPECT_NEAR(speed.per_second(), 1000, 1);
    for (int tick = 11; tick <= 200; ++tick) speed.note(start + tick * 100ms, done += 10);
    EXPECT_NEAR(speed.per_second(), 100, 5);
    speed.note(start, done + 1000);  // time doesn't go back
    EXPECT_NEAR(speed.per_second(), 100, 5);
}

TEST(tally, counts_what_failed_and_why) {
    tally counted;
    counted.count(error_class::none, 200, "GET");
    counted.count(error_class::none, 404, "GET");
    counted.count(error_class::none, 503, "GET");
    counted.count(error_class::timeout, std::nullopt, "GET");
    counted.count(error_class::timeout, std::nullopt, "GET");
    counted.count(error_class::too_large, 200, "GET");
    EXPECT_EQ(describe(counted), "2 fetched, 4 failed (2 timeout, 1 too_large, 1 come back later)");
    EXPECT_EQ(describe(tally()), "0 fetched, 0 failed");
}

TEST(tally, knows_which_failures_are_worth_another_try_and_which_need_courage) {
    tally counted;
    counted.count(error_class::input, std::nullopt, "GET");
    counted.count(error_class::none, 404, "POST");
    EXPECT_EQ(counted.failed, 1u);
    EXPECT_EQ(counted.harmless_to_repeat, 0u);
    EXPECT_EQ(counted.unsafe_to_repeat, 0u);
    counted.count(error_class::reset, std::nullopt, "POST");
    counted.count(error_class::none, 503, "PATCH");
    counted.count(error_class::unknown, std::nullopt, "ODD");
    EXPECT_EQ(counted.harmless_to_repeat, 0u);
    EXPECT_EQ(counted.unsafe_to_repeat, 3u);
    counted.count(error_class::refused, std::nullopt, "POST");
    counted.count(error_class::none, 429, "POST");
    counted.count(error_class::reset, std::nullopt, "PUT");
    counted.count(error_class::none, 503, "GET");
    EXPECT_EQ(counted.harmless_to_repeat, 4u);
    EXPECT_EQ(counted.unsafe_to_repeat, 3u);
}

}  // namespace
}  // namespace torus::cli
