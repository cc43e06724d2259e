// cli/fetch/retry.hpp: whether to try again, and when.
#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include <torus/core/clock.hpp>

#include "cli/fetch/fetcher.hpp"

namespace torus::inline v0::cli {

/// The pause before the first retry; it doubles with each further one. Half a second is what a restarting server or a
/// full accept queue needs, and nobody notices it.
inline constexpr duration first_backoff = std::chrono::milliseconds(500);

/// The longest pause without a Retry-After: after half a minute a server is down rather than busy.
inline constexpr duration longest_backoff = std::chrono::seconds(30);

/// The longest Retry-After that is waited for. Who asks for more is taken at its word: the answer counts, and
/// --retry-failed tries again another day.
inline constexpr duration longest_retry_after = std::chrono::minutes(2);

enum class unsafe_requests : unsigned char { once, repeated };

/// What follows an attempt.
struct verdict {
    std::optional<duration> retry_in;    // nothing: the result stands
    std::optional<duration> pause_host;  // how long the whole host wants to be left alone
};

/// Decides by what is known about the failure:
///
/// - connections that could not be made, and resets before an answer, are tried again; so are 429 and 502 to 504;
/// - names that don't exist, certificates, timeouts, and everything after an answer has begun are not;
/// - requests that must not be sent twice (POST, PATCH, unknown methods) only where they cannot have arrived, or were
///   turned away (429), unless `unsafe_requests::repeated`.
class retry_policy {
public:
    /// @param retries  attempts after the first
    /// @param seed  of the jitter
    retry_policy(int retries, unsafe_requests unsafe, std::uint64_t seed)
        : retries_(retries), unsafe_(unsafe), random_(seed) {}

    /// @param attempts  how many there were, this one included
    /// @param now  what dates in Retry-After count from
    verdict judge(const request& what, int attempts, const attempt_result& came, std::chrono::sys_seconds now);

private:
    bool is_worth_it(const request& what, const attempt_result& came) const;
    duration backoff(int attempts);

    int retries_;
    unsafe_requests unsafe_;
    std::mt19937_64 random_;
};

/// How long a Retry-After asks to wait: a number of seconds, or a date; nothing if it is neither.
std::optional<duration> parse_retry_after(std::string_view field, std::chrono::sys_seconds now);

}  // namespace torus::inline v0::cli
