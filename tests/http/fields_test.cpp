// tests/http/fields_test.cpp: RFC 9112, section 5, and the limits of a head.
#include "conformance.hpp"

#include <string>

namespace torus::http {
namespace {

using namespace std::string_literals;
using enum parse_error;

class request_fields : public request_conformance {};
TEST_P(request_fields, hold) { check(); }

INSTANTIATE_TEST_SUITE_P(
    syntax, request_fields,
    ::testing::ValuesIn(std::vector<conformance_case>{
        {"5.1", "refuses a space before the colon", request_with("X : y\r\n"), "", space_before_colon},
        {"5.1", "refuses a tabulator before the colon", request_with("X\t: y\r\n"), "", space_before_colon},
        {"5.1", "refuses a space before the colon of Content Length", request_with("Content-Length : 5\r\n"), "",
         space_before_colon},
        {"5.1", "refuses a space before the colon of Transfer Encoding",
         request_with("Transfer-Encoding : chunked\r\n"), "", space_before_colon},
        {"5.1", "refuses a space in a name", request_with("X y: z\r\n"), "", bad_field_name},
        {"5", "refuses an empty name", request_with(": y\r\n"), "", bad_field_name},
        {"5", "refuses a line without a colon", request_with("X\r\n"), "", bad_field_name},
        {"5", "refuses a name in parentheses", request_with("(X): y\r\n"), "", bad_field_name},
        {"5", "refuses a name that is not ASCII", request_with("X\xc3\xa4: y\r\n"), "", bad_field_name},
        {"5", "refuses a quoted name", request_with("\"X\": y\r\n"), "", bad_field_name},
        {"5", "takes every character of a token in a name", request_with("!#$%&'*+-.^_`|~09azAZ: y\r\n"),
         "POST / 1.1 keep ; "},
        {"5.2", "refuses a line folded with a space", request_with("X: y\r\n z\r\n"), "", folded_line},
        {"5.2", "refuses a line folded with a tabulator", request_with("X: y\r\n\tz\r\n"), "", folded_line},
        {"5.2", "refuses a folded empty value", request_with("X:\r\n y\r\n"), "", folded_line},
        {"5.2", "refuses a folded Transfer Encoding", request_with("Transfer-Encoding:\r\n chunked\r\n"), "",
         folded_line},
        {"5.2", "refuses a fold with nothing behind it", request_with("X: y\r\n \r\n"), "", folded_line},
        {"RFC 9110 5.5", "refuses NUL in a value", request_with("X: a\0b\r\n"s), "", control_character},
        {"RFC 9110 5.5", "refuses an escape character in a value", request_with("X: a\x1b[0m\r\n"), "",
         control_character},
        {"RFC 9110 5.5", "refuses DEL in a value", request_with("X: a\x7f\r\n"), "", control_character},
        {"RFC 9110 5.5", "refuses NUL in a name", request_with("X\0: a\r\n"s), "", control_character},
        {"RFC 9110 5.5", "refuses a control character in the ninth byte", request_with("X: 123456\x01\r\n"), "",
         control_character},
        {"RFC 9110 5.5", "takes tabulators and bytes above 127 in a value", request_with("X: a\tb\xff\x80\r\n"),
         "POST / 1.1 keep ; "},
    }),
    name_of);

TEST(fields, come_in_their_order_without_the_spaces_around_their_values) {
    request_parser parser;
    recorder<request_parser> r(parser);
    r.feed("GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\na:2\r\nB:\t 3 4 \t\r\nEmpty:\r\nSpaces:   \r\n\r\n");
    const headers& fields = parser.head().headers;
    ASSERT_EQ(fields.size(), 6u);
    EXPECT_EQ(fields.all("A"), (std::vector<std::string_view>{"1", "2"}));
    EXPECT_EQ(fields[2].name, "a");
    EXPECT_EQ(fields.get("b"), "3 4");
    EXPECT_EQ(fields.get("empty"), "");
    EXPECT_EQ(fields.get("spaces"), "");
    EXPECT_FALSE(fields.get("none"));
}

std::string many_fields(int count) {
    std::string text = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (int i = 1; i < count; ++i) text += "X: y\r\n";
    return text + "\r\n";
}

TEST(fields, may_be_a_hundred_and_no_more) {
    EXPECT_EQ(request_transcript(many_fields(100), 1, 1).text, "GET / 1.1 keep ; ");
    EXPECT_EQ(request_transcript(many_fields(101), 1, 1).error, too_many_fields);
    EXPECT_EQ(request_transcript(many_fields(101), 99999, 1).error, too_many_fields);
}

std::string head_of_size(std::size_t size) {
    const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
}

TEST(a_head, may_have_64_KiB_and_no_more) {
    EXPECT_EQ(request_transcript(head_of_size(65536), 1, 1).text, "GET / 1.1 keep ; ");
    EXPECT_EQ(request_transcript(head_of_size(65536), 99999, 1).text, "GET / 1.1 keep ; ");
    const transcript whole = request_transcript(head_of_size(65537), 99999, 1);
    EXPECT_EQ(whole.error, head_too_large);
    EXPECT_EQ(whole.consumed, 65536u);
    EXPECT_EQ(whole, request_transcript(head_of_size(65537), 1, 1));
}

TEST(a_head, has_the_limits_it_was_given) {
    message_limits tight;
    tight.head_bytes = 64;
    tight.fields = 2;
    tight.target_bytes = 4;
    const auto error_of = [&](std::string_view text) { return request_transcript(text, 999, 999, tight).error; };
    EXPECT_EQ(error_of("GET /abc HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n"), none);
    EXPECT_EQ(error_of("GET /abcd HTTP/1.1\r\nHost: h\r\n\r\n"), start_line_too_long);
    EXPECT_EQ(error_of("GET / HTTP/1.1\r\nHost: h\r\nX: y\r\nY: z\r\n\r\n"), too_many_fields);
    EXPECT_EQ(error_of("GET / HTTP/1.1\r\nHost: " + std::string(64, 'h') + "\r\n\r\n"), head_too_large);
}

}  // namespace
}  // namespace torus::http
