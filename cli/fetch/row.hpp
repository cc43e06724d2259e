// cli/fetch/row.hpp: what became of a line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <torus/http/headers.hpp>

#include "cli/fetch/error_class.hpp"

namespace torus::inline v0::cli {

using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// How long the parts of a request took, in milliseconds: of the last attempt, after redirects of the last hop, but for
/// `total`, which is everything from the beginning of the attempt on. What did not happen has no time: a connection that
/// is used again has neither dns nor connect nor tls.
struct timings {
    std::optional<double> dns;
    std::optional<double> connect;
    std::optional<double> tls;
    std::optional<double> first_byte;
    std::optional<double> total;
};

/// One row of the output: a line's end.
class result_row {
public:
    explicit result_row(std::int64_t line, std::string given = {}) : id(line), url(std::move(given)) {}

    /// Whether the exit status says so: there is an error, or the last answer asked to come back another time.
    bool is_failure() const noexcept;

    std::int64_t id;
    std::string url;
    std::string final_url;  // empty if there was no answer
    std::string method = "GET";
    std::optional<int> status;
    error_class error = error_class::none;
    std::string message;
    std::string headers;  // of the answer, as `headers_as_json` writes them; empty if there was none
    std::string body;
    std::string sha256;  // of the body, in hex; empty if there was no answer
    int attempts = 0;
    wall_time started_at{};
    cli::timings timings;
};

/// What fetching a row's request once more would be.
enum class second_try : std::uint8_t {
    useless,  // it has an answer, or its line is no request
    harmless,  // --retry-failed does it
    unsafe,  // a POST or PATCH that may have arrived: --retry-failed does it together with --retry-unsafe
};
second_try second_try_of(error_class error, std::optional<int> status, std::string_view method) noexcept;

/// The statuses that ask to come back later, which a retry is for: 429, 502, 503, 504.
bool is_retryable_status(int status) noexcept;

/// An object with names in small letters; a name that occurs several times has a list.
std::string headers_as_json(const http::headers& headers);

/// "2025-11-22T13:17:00.123Z".
std::string iso_time(wall_time when);

/// The row as a line of the format jsonl, with its end: the columns of the table, those in front that are needed to go on
/// with a run. A body that is text is `body`, one that isn't is `body_base64`.
std::string as_json_line(const result_row& row);

/// What is needed of a row to go on with a run.
class row_summary {
public:
    std::int64_t id = 0;
    error_class error = error_class::none;
    std::optional<int> status;
    std::string method;
};

/// Reads the beginning of a line that `as_json_line` has written; nothing if it hasn't.
std::optional<row_summary> parse_row_summary(std::string_view line);

}  // namespace torus::inline v0::cli
