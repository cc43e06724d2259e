// tests/cli/row_test.cpp: rows are written as lines, and enough of them is read again.
#include "cli/fetch/row.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/json_text.hpp"
#include "cli/utf8.hpp"

namespace torus::cli {
namespace {

using nlohmann::json;
using namespace std::literals;

result_row fetched() {
    result_row row(12, "http://h/\"x\"");
    row.final_url = "http://h/y";
    row.method = "POST";
    row.status = 201;
    row.headers = R"({"a":"b"})";
    row.body = "line\n\x01";
    row.sha256 = "ab";
    row.attempts = 2;
    row.started_at = wall_time(1'700'000'000'123ms);
    row.timings.connect = 1.25;
    row.timings.total = 100.5;
    return row;
}

TEST(json_line, has_every_column) {
    const std::string text = as_json_line(fetched());
    ASSERT_TRUE(text.ends_with("}\n"));
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    const json row = json::parse(text);
    const json expected = {{"id", 12},
                           {"error", nullptr},
                           {"status", 201},
                           {"method", "POST"},
                           {"url", "http://h/\"x\""},
                           {"final_url", "http://h/y"},
                           {"message", nullptr},
                           {"headers", {{"a", "b"}}},
                           {"body", "line\n\x01"},
                           {"sha256", "ab"},
                           {"size", 6},
                           {"attempts", 2},
                           {"started_at", "2023-11-14T22:13:20.123Z"},
                           {"dns_ms", nullptr},
                           {"connect_ms", 1.25},
                           {"tls_ms", nullptr},
                           {"first_byte_ms", nullptr},
                           {"total_ms", 100.5}};
    EXPECT_EQ(row, expected);
}

TEST(json_line, has_a_body_that_is_no_text_in_base64) {
    result_row row = fetched();
    row.body = "\xff\x00z"s;
    const json text = json::parse(as_json_line(row));
    EXPECT_EQ(text["body_base64"], "/wB6");
    EXPECT_FALSE(text.contains("body"));
}

TEST(json_line, is_never_much_longer_than_its_body) {
    result_row row = fetched();
    row.body = std::string(1'000'000, '\0');
    const std::string zeros = as_json_line(row);
    EXPECT_TRUE(json::parse(zeros).contains("body_base64"));
    EXPECT_LT(zeros.size(), 1'400'000u);
    row.body = std::string(1'000'000, '"');
    const std::string quotes = as_json_line(row);
    EXPECT_EQ(json::parse(quotes)["body"], row.body);
    row.body = "<p>\x01\x02 among other things</p>";
    EXPECT_EQ(json::parse(as_json_line(row))["body"], row.body);
}

TEST(json_line, has_nulls_where_nothing_came) {
    result_row row(1, "nonsense");
    row.error = error_class::input;
    row.message = "why";
    const json text = json::parse(as_json_line(row));
    for (const char* name : {"status", "final_url", "headers", "body", "sha256", "size", "started_at", "total_ms"})
        EXPECT_TRUE(text[name].is_null()) << name;
    EXPECT_EQ(text["error"], "input");
    EXPECT_EQ(text["attempts"], 0);
}

TEST(row_summary, is_read_back) {
    const auto answered = parse_row_summary(as_json_line(fetched()));
    ASSERT_TRUE(answered);
    EXPECT_EQ(answered->id, 12);
    EXPECT_EQ(answered->error, error_class::none);
    EXPECT_EQ(answered->status, 201);
    EXPECT_EQ(answered->method, "POST");
    result_row failed(3, "http://h/");
    failed.error = error_class::too_large;
    const auto without = parse_row_summary(as_json_line(failed));
    ASSERT_TRUE(without);
    EXPECT_EQ(without->error, error_class::too_large);
    EXPECT_EQ(without->status, std::nullopt);
}

TEST(row_summary, is_of_nothing_else) {
    for (const char* text :
         {"", "{}", "{\"id\":1}", "{\"id\":0,\"error\":null,\"status\":200,\"method\":\"GET\"}",
          "{\"id\":1,\"error\":\"odd\",\"status\":200,\"method\":\"GET\"}",
          "{\"id\":1,\"error\":null,\"status\":1,\"method\":\"GET\"}", "{\"id\":1,\"error\":null,\"status\":200,",
          "{\"id\":99999999999999999999,\"error\":null,\"status\":200,\"method\":\"GET\"}"})
        EXPECT_FALSE(parse_row_summary(text)) << text;
}

TEST(headers_as_json, has_small_names_and_lists_for_repeated_ones) {
    http::headers headers{{"Content-Type", "text/html"}, {"Set-Cookie", "a=1"}, {"X", "\"q\""}, {"set-cookie", "b=2"}};
    EXPECT_EQ(headers_as_json(headers), R"({"content-type":"text/html","set-cookie":["a=1","b=2"],"x":"\"q\""})");
    EXPECT_EQ(headers_as_json({}), "{}");
}

TEST(headers_as_json, is_text_whatever_the_server_sent) {
    http::headers headers{{"X", "caf\xe9"}};
    EXPECT_EQ(headers_as_json(headers), "{\"x\":\"caf\xef\xbf\xbd\"}");
}

TEST(failure, is_an_error_or_an_answer_that_asks_to_come_back) {
    result_row row(1);
    row.status = 404;
    EXPECT_FALSE(row.is_failure());
    row.status = 500;
    EXPECT_FALSE(row.is_failure());
    for (int later : {429, 502, 503, 504}) {
        row.status = later;
        EXPECT_TRUE(row.is_failure()) << later;
    }
    row.status = 200;
    row.error = error_class::too_large;
    EXPECT_TRUE(row.is_failure());
}

TEST(json_text, escapes_what_json_must_not_hold) {
    std::string text;
    append_json(text, "\"\\\n\r\t\x1f\x7f/ü\0"sv);
    EXPECT_EQ(text, "\"\\\"\\\\\\n\\r\\t\\u001f\\u007f/ü\\u0000\"");
    EXPECT_EQ(json::parse(text).get<std::string>(), "\"\\\n\r\t\x1f\x7f/ü\0"s);
}

TEST(json_text, is_as_long_as_was_said_before) {
    for (std::string_view text : {""sv, "a"sv, "\"\\\n\r\t\x1f\x7f/ü\0"sv}) {
        std::string written;
        append_json(written, text);
        EXPECT_EQ(json_size(text), written.size());
    }
}

TEST(json_text, has_no_numbers_that_json_lacks) {
    json_object object;
    object.add("a", 0.1).add("b", 1e300 * 1e300);
    EXPECT_EQ(std::move(object).finish(), R"({"a":0.1,"b":null})");
}

TEST(utf8, knows_what_a_character_is) {
    for (const char* good : {"", "a", "ü", "€", "\xf0\x9f\x8d\xa9", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"})
        EXPECT_TRUE(is_utf8(good)) << good;
    for (const char* bad : {"\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff",
                            "\xf0\x9f\x8d", "a\xc3z"})
        EXPECT_FALSE(is_utf8(bad)) << bad;
    EXPECT_EQ(utf8_repaired("a\xc3z\xff"), "a\xef\xbf\xbdz\xef\xbf\xbd");
    EXPECT_EQ(utf8_valid_size("ab\xff"), 2u);
}

TEST(iso_time, is_utc_with_milliseconds) {
    EXPECT_EQ(iso_time(wall_time()), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(iso_time(wall_time(951'782'400'007ms)), "2000-02-29T00:00:00.007Z");
}

}  // namespace
}  // namespace torus::cli
