// cli/fetch/row.cpp: what became of a line.
#include "cli/fetch/row.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <vector>

#include <torus/http/base64.hpp>
#include <torus/http/method.hpp>
#include <torus/http/status.hpp>

#include "cli/json_text.hpp"
#include "cli/utf8.hpp"

namespace torus::inline v0::cli {

namespace {

std::string in_small_letters(std::string_view name) {
    std::string low(name);
    for (char& c : low)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return low;
}

void add_time(json_object& to, std::string_view name, const std::optional<double>& milliseconds) {
    if (milliseconds) to.add(name, *milliseconds);
    else to.add_null(name);
}

void add_text(json_object& to, std::string_view name, const std::string& text) {
    if (text.empty()) to.add_null(name);
    else to.add(name, text);
}

/// Whether a body is written as text. Of control characters each becomes six; bytes that are mostly such are no text, and
/// a body of 16 MiB of them would take a hundred.
bool is_text(std::string_view body) { return is_utf8(body) && json_size(body) <= 2 * body.size() + 2; }

void add_body(json_object& to, const result_row& row) {
    if (!row.status) to.add_null("body");
    else if (is_text(row.body)) to.add("body", row.body);
    else to.add("body_base64", http::base64_encode(row.body));
}

/// About as many bytes as a row's line has, but for its body. More is no mistake.
constexpr std::size_t usual_column_bytes = 2048;

}  // namespace

bool is_retryable_status(int status) noexcept {
    return status == http::status::too_many_requests || status == http::status::bad_gateway ||
           status == http::status::service_unavailable || status == http::status::gateway_timeout;
}

second_try second_try_of(error_class error, std::optional<int> status, std::string_view method) noexcept {
    if (error == error_class::input) return second_try::useless;  // the line is what it was
    if (error == error_class::none && !(status && is_retryable_status(*status))) return second_try::useless;
    const auto parsed = http::method::parse(method);
    const bool idempotent = parsed && parsed->is_idempotent();
    const bool never_arrived = error == error_class::dns || error == error_class::refused || error == error_class::tls;
    const bool turned_away = status == http::status::too_many_requests;
    return idempotent || never_arrived || turned_away ? second_try::harmless : second_try::unsafe;
}

bool result_row::is_failure() const noexcept {
    return error != error_class::none || (status && is_retryable_status(*status));
}

std::string headers_as_json(const http::headers& headers) {
    json_object object;
    std::vector<std::string> seen;
    for (const auto [name, value] : headers) {
        const std::string low = in_small_letters(name);
        bool before = false;
        for (const std::string& other : seen) before = before || other == low;
        if (before) continue;
        seen.push_back(low);
        const std::vector<std::string_view> values = headers.all(name);
        if (values.size() == 1) {
            object.add(low, values.front());
            continue;
        }
        std::string list;
        for (std::string_view one : values) {
            list += list.empty() ? '[' : ',';
            append_json(list, one);
        }
        object.add_raw(low, list + ']');
    }
    return std::move(object).finish();
}

std::string iso_time(wall_time when) {
    const auto day = std::chrono::floor<std::chrono::days>(when);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(when - day);
    std::array<char, 40> text{};
    const int size =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                      static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string as_json_line(const result_row& row) {
    json_object line;
    line.reserve(usual_column_bytes + row.headers.size() + 2 * row.body.size());
    line.add("id", row.id);
    add_text(line, "error", std::string(to_string(row.error)));
    if (row.status) line.add("status", static_cast<std::int64_t>(*row.status));
    else line.add_null("status");
    line.add("method", row.method);
    line.add("url", row.url);
    add_text(line, "final_url", row.final_url);
    add_text(line, "message", row.message);
    if (row.headers.empty()) line.add_null("headers");
    else line.add_raw("headers", row.headers);
    add_body(line, row);
    add_text(line, "sha256", row.sha256);
    if (row.status) line.add("size", static_cast<std::int64_t>(row.body.size()));
    else line.add_null("size");
    line.add("attempts", static_cast<std::int64_t>(row.attempts));
    if (row.attempts > 0) line.add("started_at", iso_time(row.started_at));
    else line.add_null("started_at");
    add_time(line, "dns_ms", row.timings.dns);
    add_time(line, "connect_ms", row.timings.connect);
    add_time(line, "tls_ms", row.timings.tls);
    add_time(line, "first_byte_ms", row.timings.first_byte);
    add_time(line, "total_ms", row.timings.total);
    return std::move(line).finish() + '\n';
}

namespace {

/// Takes what is expected off the front.
bool take(std::string_view& text, std::string_view expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
}

std::optional<std::int64_t> take_integer(std::string_view& text) {
    std::int64_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

/// A word in quotes, without escapes in it; empty for null.
std::optional<std::string_view> take_word(std::string_view& text) {
    if (take(text, "null")) return std::string_view();
    if (!take(text, "\"")) return std::nullopt;
    const std::size_t end = text.find('"');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end + 1);
    return word;
}

}  // namespace

std::optional<row_summary> parse_row_summary(std::string_view line) {
    row_summary row;
    if (!take(line, "{\"id\":")) return std::nullopt;
    const auto id = take_integer(line);
    if (!id || *id < 1 || !take(line, ",\"error\":")) return std::nullopt;
    row.id = *id;
    const auto word = take_word(line);
    const auto error = word ? parse_error_class(*word) : std::nullopt;
    if (!error || !take(line, ",\"status\":")) return std::nullopt;
    row.error = *error;
    if (!take(line, "null")) {
        const auto status = take_integer(line);
        if (!status || *status < 100 || *status > 999) return std::nullopt;
        row.status = static_cast<int>(*status);
    }
    if (!take(line, ",\"method\":")) return std::nullopt;
    const auto method = take_word(line);
    if (!method || method->empty()) return std::nullopt;
    row.method = *method;
    return row;
}

}  // namespace torus::inline v0::cli
