// tests/cli/pace_test.cpp: what begins is spread over time, and hosts take turns.
#include "cli/fetch/pace.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "cli/fetch/schedule.hpp"

namespace torus::cli {
namespace {

using namespace std::literals;

constexpr time_point start{1h};

TEST(pace, of_zero_holds_nothing_back) {
    pace any(0);
    for (int n = 0; n < 1000; ++n) EXPECT_TRUE(any.take(start));
}

TEST(pace, spaces_slow_ones_evenly) {
    pace two(2);
    EXPECT_TRUE(two.take(start));
    EXPECT_FALSE(two.take(start));
    EXPECT_EQ(two.next(), start + 500ms);
    EXPECT_FALSE(two.take(start + 499ms));
    EXPECT_TRUE(two.take(start + 500ms));
    EXPECT_FALSE(two.take(start + 500ms));
}

TEST(pace, does_not_save_up_what_was_not_used) {
    pace two(2);
    EXPECT_TRUE(two.take(start));
    EXPECT_TRUE(two.take(start + 10s));
    EXPECT_FALSE(two.take(start + 10s));
}

TEST(pace, lets_fast_ones_through_in_bursts_of_50_milliseconds) {
    pace fast(1000);
    int burst = 0;
    while (fast.take(start)) ++burst;
    EXPECT_EQ(burst, 50);
    int taken = burst;
    for (time_point now = start; now < start + 1s; now += 1ms)
        while (fast.take(now)) ++taken;
    EXPECT_EQ(taken, 1049);
}

job request_to(const std::string& url, std::int64_t id = 0) { return job(request(id, url, http::url(url))); }

std::vector<std::int64_t> taken(schedule& s, time_point now) {
    std::vector<std::int64_t> ids;
    while (auto next = s.take(now)) ids.push_back(next->what.id);
    return ids;
}

using ids = std::vector<std::int64_t>;

TEST(schedule, is_first_come_first_served_within_a_host) {
    schedule s(0, 0);
    for (std::int64_t id = 1; id <= 4; ++id) s.add(request_to("http://a/", id));
    EXPECT_EQ(s.waiting(), 4u);
    EXPECT_EQ(taken(s, start), (ids{1, 2, 3, 4}));
    EXPECT_EQ(s.waiting(), 0u);
    EXPECT_EQ(s.weight(), 0u);
}

TEST(schedule, lets_hosts_take_turns) {
    schedule s(0, 0);
    s.add(request_to("http://a/", 1));
    s.add(request_to("http://a/", 2));
    s.add(request_to("http://a/", 3));
    s.add(request_to("http://b/", 4));
    s.add(request_to("https://a/", 5));
    EXPECT_EQ(taken(s, start), (ids{1, 4, 5, 2, 3}));
}

TEST(schedule, keeps_to_the_limit_of_each_host) {
    schedule s(2, 0);
    for (std::int64_t id = 1; id <= 4; ++id) s.add(request_to("http://a/", id));
    s.add(request_to("http://b/", 5));
    EXPECT_EQ(taken(s, start), (ids{1, 5, 2}));
    EXPECT_EQ(s.next(start), time_point::max());
    s.finished("http://a:80");
    EXPECT_EQ(s.next(start), start);
    EXPECT_EQ(taken(s, start), (ids{3}));
    s.finished("http://a:80");
    s.finished("http://a:80");
    EXPECT_EQ(taken(s, start), (ids{4}));
}

TEST(schedule, brings_jobs_back_at_their_time) {
    schedule s(0, 0);
    s.add_later(request_to("http://a/", 1), start + 2s);
    s.add_later(request_to("http://a/", 2), start + 1s);
    EXPECT_EQ(s.waiting(), 2u);
    EXPECT_EQ(s.next(start), start + 1s);
    EXPECT_EQ(taken(s, start), ids());
    EXPECT_EQ(taken(s, start + 1s), (ids{2}));
    EXPECT_EQ(taken(s, start + 5s), (ids{1}));
}

TEST(schedule, leaves_a_paused_host_alone) {
    schedule s(0, 0);
    s.add(request_to("http://a/", 1));
    s.add(request_to("http://b/", 2));
    s.pause("http://a:80", start + 3s);
    s.pause("http://a:80", start + 1s);  // the longer one counts
    EXPECT_EQ(taken(s, start), (ids{2}));
    EXPECT_EQ(taken(s, start + 1s), ids());
    EXPECT_EQ(s.next(start + 1s), start + 3s);
    EXPECT_EQ(taken(s, start + 3s), (ids{1}));
}

TEST(schedule, remembers_a_pause_of_a_host_without_jobs) {
    schedule s(0, 0);
    s.pause("http://a:80", start + 3s);
    s.add(request_to("http://a/", 1));
    EXPECT_EQ(taken(s, start + 1s), ids());
    EXPECT_EQ(taken(s, start + 3s), (ids{1}));
}

TEST(schedule, keeps_to_its_pace) {
    schedule s(0, 10);
    for (std::int64_t id = 1; id <= 3; ++id) s.add(request_to("http://a/", id));
    EXPECT_EQ(taken(s, start), (ids{1}));
    EXPECT_EQ(s.next(start), start + 100ms);
    EXPECT_EQ(taken(s, start + 100ms), (ids{2}));
    EXPECT_EQ(taken(s, start + 200ms), (ids{3}));
}

}  // namespace
}  // namespace torus::cli
