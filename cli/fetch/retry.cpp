// cli/fetch/retry.cpp: whether to try again, and when.
#include "cli/fetch/retry.hpp"

#include <algorithm>
#include <charconv>

#include <torus/http/date.hpp>
#include <torus/http/status.hpp>

namespace torus::inline v0::cli {

std::optional<duration> parse_retry_after(std::string_view field, std::chrono::sys_seconds now) {
    std::uint64_t seconds = 0;
    const auto [end, fault] = std::from_chars(field.data(), field.data() + field.size(), seconds);
    if (end == field.data() + field.size() && !field.empty()) {
        constexpr std::uint64_t for_ever = std::chrono::seconds(std::chrono::years(100)).count();
        if (fault != std::errc()) seconds = for_ever;  // more digits than a number has
        return std::chrono::seconds(std::min(seconds, for_ever));
    }
    const std::optional<std::chrono::sys_seconds> date = http::parse_date(field, now);
    if (!date) return std::nullopt;
    return *date <= now ? duration::zero() : to_duration(std::chrono::duration<double>(*date - now));
}

verdict retry_policy::judge(const request& what, int attempts, const attempt_result& came,
                            std::chrono::sys_seconds now) {
    verdict result;
    std::optional<duration> asked;
    if (came.status && is_retryable_status(*came.status))
        if (const auto field = came.headers.get("retry-after")) asked = parse_retry_after(*field, now);
    const bool patient = !asked || *asked <= longest_retry_after;
    if (asked && patient && *asked > duration::zero()) result.pause_host = *asked;
    if (attempts <= retries_ && patient && is_worth_it(what, came))
        result.retry_in = std::max(backoff(attempts), asked.value_or(duration::zero()));
    return result;
}

bool retry_policy::is_worth_it(const request& what, const attempt_result& came) const {
    if (came.error == error_class::none) {
        if (!came.status || !is_retryable_status(*came.status)) return false;
        return !what.is_unsafe() || unsafe_ == unsafe_requests::repeated ||
               *came.status == http::status::too_many_requests;
    }
    if (came.status) return false;
    if (!came.may_have_arrived)
        return came.error == error_class::refused || came.error == error_class::reset ||
               came.error == error_class::timeout;
    return came.error == error_class::reset && (!what.is_unsafe() || unsafe_ == unsafe_requests::repeated);
}

// Between half of it and all of it at random, so that many who failed together don't come back together.
duration retry_policy::backoff(int attempts) {
    duration longest = first_backoff;
    for (int doubled = 1; doubled < attempts && longest < longest_backoff; ++doubled) longest *= 2;
    longest = std::min(longest, longest_backoff);
    std::uniform_int_distribution<duration::rep> jitter(longest.count() / 2, longest.count());
    return duration(jitter(random_));
}

}  // namespace torus::inline v0::cli
