// torus/http/etag.hpp: whether what the client has is still what the server has.
#pragma once

#include "torus/http/headers.hpp"
#include "torus/http/method.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace torus::inline v0::http {

enum class etag_strength : std::uint8_t { strong, weak };

/// The name of one version of a resource: `"abc"`, or `W/"abc"` if only the meaning is the same, not the bytes.
class etag {
public:
    /// @param opaque  what stands between the quotes
    /// @throws std::invalid_argument  if it has a quote, a space or a control character
    explicit etag(std::string_view opaque, etag_strength strength = etag_strength::strong);

    /// Reads one, with its quotes; nothing if it is malformed.
    static std::optional<etag> parse(std::string_view text);

    std::string_view opaque() const noexcept { return opaque_; }
    bool is_weak() const noexcept { return strength_ == etag_strength::weak; }

    /// With its quotes, as the field ETag wants it.
    std::string to_string() const;

    /// The same bytes: equal, and both strong (RFC 9110, section 8.8.3.2).
    bool matches_strongly(const etag& other) const noexcept;
    /// The same meaning.
    bool matches_weakly(const etag& other) const noexcept { return opaque_ == other.opaque_; }

private:
    std::string opaque_;
    etag_strength strength_;
};

/// What the server knows about the version it would send. A member that isn't known is left empty.
class validators {
public:
    std::optional<http::etag> etag;
    std::optional<std::chrono::sys_seconds> last_modified;

    validators() = default;
    validators(std::optional<http::etag> tag, std::optional<std::chrono::sys_seconds> modified)
        : etag(std::move(tag)), last_modified(modified) {}
};

/// What becomes of a request with conditions.
enum class condition : std::uint8_t {
    met,                  // go on
    not_modified,         // 304
    precondition_failed,  // 412
};

/// Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since, in the order of RFC 9110,
/// section 13.2.2, for a resource that exists.
condition evaluate_conditions(const method& verb, const headers& request, const validators& current);

/// Whether a Range in that request still counts: there is no If-Range, or it names exactly this version.
bool range_is_current(const headers& request, const validators& current);

}  // namespace torus::inline v0::http
