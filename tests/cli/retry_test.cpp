// tests/cli/retry_test.cpp: what is tried again, how often, and when.
#include "cli/fetch/retry.hpp"

#include <gtest/gtest.h>

namespace torus::cli {
namespace {

using namespace std::literals;

constexpr std::chrono::sys_seconds now{1'700'000'000s};

request get() { return request(1, "http://h/", http::url("http://h/")); }
request post() {
    request r = get();
    r.method = http::method::post;
    return r;
}

attempt_result answered(int status, const char* retry_after = nullptr) {
    attempt_result came;
    came.status = status;
    if (retry_after) came.headers.set("Retry-After", retry_after);
    return came;
}

enum class reach { not_sent, maybe_arrived };
attempt_result failed(error_class why, reach how_far) {
    attempt_result came(why, "");
    came.may_have_arrived = how_far == reach::maybe_arrived;
    return came;
}

retry_policy policy(unsafe_requests unsafe = unsafe_requests::once) { return retry_policy(2, unsafe, 1); }
bool retried(const request& what, const attempt_result& came, unsafe_requests unsafe = unsafe_requests::once) {
    return policy(unsafe).judge(what, 1, came, now).retry_in.has_value();
}

TEST(retry, is_for_connections_that_could_not_be_made) {
    EXPECT_TRUE(retried(get(), failed(error_class::refused, reach::not_sent)));
    EXPECT_TRUE(retried(get(), failed(error_class::timeout, reach::not_sent)));
    EXPECT_TRUE(retried(get(), failed(error_class::reset, reach::not_sent)));
    EXPECT_TRUE(retried(post(), failed(error_class::refused, reach::not_sent)));
}

TEST(retry, is_for_resets_before_an_answer) {
    EXPECT_TRUE(retried(get(), failed(error_class::reset, reach::maybe_arrived)));
    attempt_result begun = answered(200);
    begun.error = error_class::reset;
    EXPECT_FALSE(retried(get(), begun));
}

TEST(retry, is_for_answers_that_ask_for_it) {
    for (int status : {429, 502, 503, 504}) EXPECT_TRUE(retried(get(), answered(status))) << status;
    for (int status : {200, 301, 404, 408, 500, 501, 505}) EXPECT_FALSE(retried(get(), answered(status))) << status;
}

TEST(retry, is_not_for_what_would_be_the_same_again) {
    for (error_class why : {error_class::dns, error_class::tls, error_class::protocol, error_class::too_large,
                            error_class::redirects, error_class::input}) {
        EXPECT_FALSE(retried(get(), failed(why, reach::not_sent)));
        EXPECT_FALSE(retried(get(), failed(why, reach::maybe_arrived)));
    }
    EXPECT_FALSE(retried(get(), failed(error_class::timeout, reach::maybe_arrived)));
}

TEST(retry, sends_nothing_twice_that_must_not_be) {
    EXPECT_FALSE(retried(post(), failed(error_class::reset, reach::maybe_arrived)));
    EXPECT_FALSE(retried(post(), answered(503)));
    EXPECT_TRUE(retried(post(), answered(429)));
    EXPECT_TRUE(retried(post(), failed(error_class::reset, reach::maybe_arrived), unsafe_requests::repeated));
    EXPECT_TRUE(retried(post(), answered(503), unsafe_requests::repeated));
}

TEST(retry, ends_with_the_last_attempt) {
    retry_policy twice = policy();
    EXPECT_TRUE(twice.judge(get(), 2, answered(503), now).retry_in);
    EXPECT_FALSE(twice.judge(get(), 3, answered(503), now).retry_in);
    retry_policy never(0, unsafe_requests::once, 1);
    EXPECT_FALSE(never.judge(get(), 1, answered(503), now).retry_in);
}

TEST(retry, waits_longer_each_time_and_never_the_same) {
    retry_policy many(100, unsafe_requests::once, 1);
    duration longest = first_backoff;
    for (int attempt = 1; attempt < 20; ++attempt) {
        const auto wait = many.judge(get(), attempt, answered(503), now).retry_in;
        ASSERT_TRUE(wait);
        EXPECT_GE(*wait, longest / 2);
        EXPECT_LE(*wait, longest);
        longest = std::min(longest * 2, longest_backoff);
    }
    EXPECT_NE(*many.judge(get(), 1, answered(503), now).retry_in, *many.judge(get(), 1, answered(503), now).retry_in);
}

TEST(retry, waits_as_long_as_the_server_asks) {
    const verdict asked = policy().judge(get(), 1, answered(429, "20"), now);
    EXPECT_EQ(asked.retry_in, 20s);
    EXPECT_EQ(asked.pause_host, 20s);
    const verdict soon = policy().judge(get(), 1, answered(503, "0"), now);
    EXPECT_GE(*soon.retry_in, first_backoff / 2);
    EXPECT_FALSE(soon.pause_host);
    EXPECT_FALSE(policy().judge(get(), 1, answered(200, "20"), now).pause_host);
}

TEST(retry, takes_a_server_at_its_word_that_asks_for_too_long) {
    const verdict tomorrow = policy().judge(get(), 1, answered(503, "86400"), now);
    EXPECT_FALSE(tomorrow.retry_in);
    EXPECT_FALSE(tomorrow.pause_host);
}

TEST(retry_after, is_seconds_or_a_date) {
    EXPECT_EQ(parse_retry_after("120", now), 120s);
    EXPECT_EQ(parse_retry_after("Tue, 14 Nov 2023 22:13:50 GMT", now), 30s);
    EXPECT_EQ(parse_retry_after("Tue, 14 Nov 2023 22:13:10 GMT", now), 0s);
    EXPECT_GT(parse_retry_after("99999999999999999999999", now), 1000h);
    for (const char* text : {"", "soon", "-1", "1.5", "1 s"}) EXPECT_FALSE(parse_retry_after(text, now)) << text;
}

}  // namespace
}  // namespace torus::cli
