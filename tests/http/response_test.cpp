// tests/http/response_test.cpp: RFC 9112, sections 4, 6.3 and 8, for responses.
#include "conformance.hpp"

#include <string>

namespace torus::http {
namespace {

using enum parse_error;

TEST_P(response_conformance, holds) { check(); }

std::string line(std::string_view status_line) { return std::string(status_line) + "\r\nContent-Length: 0\r\n\r\n"; }

const std::string ok = " keep \"\" ; ";

INSTANTIATE_TEST_SUITE_P(
    status_line, response_conformance,
    ::testing::ValuesIn(std::vector<conformance_case>{
        {"4", "takes the usual", line("HTTP/1.1 200 OK"), "200 1.1" + ok},
        {"4", "takes HTTP 1 0", line("HTTP/1.0 200 OK"), "200 1.0 close \"\" ; "},
        {"4", "takes an empty reason", line("HTTP/1.1 200 "), "200 1.1" + ok},
        {"4", "forgives a missing space behind the status", line("HTTP/1.1 200"), "200 1.1" + ok},
        {"4", "takes a reason of several words", line("HTTP/1.1 404 Not \t Found\xff"), "404 1.1" + ok},
        {"4", "takes an unknown status", line("HTTP/1.1 999 Go away"), "999 1.1" + ok},
        {"4", "refuses a status of two digits", line("HTTP/1.1 20 OK"), "", bad_status_line},
        {"4", "refuses a status of four digits", line("HTTP/1.1 2000 OK"), "", bad_status_line},
        {"4", "refuses a status that begins with zero", line("HTTP/1.1 099 OK"), "", bad_status_line},
        {"4", "refuses a status that is no number", line("HTTP/1.1 2x0 OK"), "", bad_status_line},
        {"4", "refuses a missing status", line("HTTP/1.1"), "", bad_status_line},
        {"4", "refuses two spaces before the status", line("HTTP/1.1  200 OK"), "", bad_status_line},
        {"4", "refuses a space before the version", line(" HTTP/1.1 200 OK"), "", bad_status_line},
        {"4", "refuses an empty line before the response", "\r\n" + line("HTTP/1.1 200 OK"), "", bad_status_line},
        {"4", "refuses a reason with a control character", line("HTTP/1.1 200 O\x08K"), "", control_character},
        {"4", "refuses a line of endless length", line("HTTP/1.1 200 " + std::string(9000, 'x')), "",
         start_line_too_long},
        {"2.3", "refuses other protocols", line("ICY 200 OK"), "", bad_status_line},
        {"2.3", "refuses lower case", line("http/1.1 200 OK"), "", bad_status_line},
        {"2.3", "refuses a version of HTTP 2", line("HTTP/2.0 200 OK"), "", unsupported_version},
        {"2.3", "refuses a version without a minor one", line("HTTP/2 200"), "", bad_version},
        {"2.2", "refuses a lone LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "", bare_lf},
        {"2.2", "refuses a lone CR", "HTTP/1.1 200 OK\rContent-Length: 0\r\n\r\n", "", bare_cr},
        {"5.2", "refuses a folded line", response_with("A: b\r\n c\r\n"), "", folded_line},
        {"5.1", "refuses a space before the colon", response_with("A : b\r\n"), "", space_before_colon},
        {"RFC 9110 5.5", "refuses a control character in a value", response_with("A: \x1b\r\n"), "", control_character},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    bodies, response_conformance,
    ::testing::ValuesIn(std::vector<conformance_case>{
        {"6.3", "takes a length", response_with("Content-Length: 5\r\n", "hello"), "200 1.1 keep \"hello\" ; "},
        {"6.3", "takes chunks", response_with("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\nA: b\r\n\r\n"),
         "200 1.1 keep \"hello\" {A: b} ; "},
        {"6.3", "reads until the close without either", response_with("", "hello"), "200 1.1 close \"hello\" ; "},
        {"6.3", "reads nothing until the close", response_with(""), "200 1.1 close \"\" ; "},
        {"6.3",
         "sees no body for HEAD",
         response_with("Content-Length: 5\r\n"),
         "200 1.1 keep ; ",
         none,
         {method::head}},
        {"6.3",
         "sees no chunks for HEAD",
         response_with("Transfer-Encoding: chunked\r\n"),
         "200 1.1 keep ; ",
         none,
         {method::head}},
        {"6.3", "sees no body until the close for HEAD", response_with(""), "200 1.1 keep ; ", none, {method::head}},
        {"6.3", "sees no body with 204", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "204 1.1 keep ; "},
        {"6.3", "sees no body with 304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "304 1.1 keep ; "},
        {"6.3", "sees no chunks with 304", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
         "304 1.1 keep ; "},
        {"6.3",
         "takes what follows 200 to CONNECT for something else",
         response_with("Content-Length: 5\r\n", "\x16\x03"),
         "200 1.1 close ; ",
         none,
         {method::connect}},
        {"6.3",
         "takes the body of a refusal to CONNECT",
         "HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno",
         "407 1.1 keep \"no\" ; ",
         none,
         {method::connect}},
        {"6.3", "refuses length and encoding",
         response_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "", length_and_encoding},
        {"6.3",
         "refuses length and encoding for HEAD too",
         response_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
         "",
         length_and_encoding,
         {method::head}},
        {"6.3", "refuses two different lengths", response_with("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
         "", duplicate_content_length},
        {"6.3", "refuses the same length twice", response_with("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
         "", duplicate_content_length},
        {"6.3", "refuses a length that is no number", response_with("Content-Length: -1\r\n"), "", bad_content_length},
        {"6.1", "refuses chunked before another coding", response_with("Transfer-Encoding: chunked, gzip\r\n"), "",
         bad_transfer_encoding},
        {"6.1", "refuses chunked twice", response_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
         "", bad_transfer_encoding},
        {"6.1", "does not undo a transfer coding", response_with("Transfer-Encoding: gzip, chunked\r\n"), "",
         unsupported_transfer_encoding},
        {"6.1", "refuses chunks in HTTP 1 0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "",
         encoding_in_http_1_0},
        {"8", "misses the rest of a body", response_with("Content-Length: 5\r\n", "hell"), "200 1.1 keep \"hell\"…",
         truncated},
        {"8", "misses the last chunk", response_with("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n"),
         "200 1.1 keep \"hello\"…", truncated},
        {"8", "misses the rest of a head", "HTTP/1.1 200 OK\r\nContent-", "", truncated},
        {"8", "misses the rest of a status line", "HTTP/1.1 2", "", truncated},
        {"8", "misses the rest of a version", "HT", "", truncated},
        {"4", "refuses what ends before its first line does and begins like none", "<html></html>", "",
         bad_status_line},
        {"8", "misses a response", "", "", none},
        {"9.2",
         "takes the responses to pipelined requests in order",
         response_with("Content-Length: 1\r\n", "a") + response_with("Content-Length: 5\r\n") +
             response_with("Content-Length: 1\r\n", "b"),
         "200 1.1 keep \"a\" ; 200 1.1 keep ; 200 1.1 keep \"b\" ; ",
         none,
         {method::get, method::head, method::get}},
        {"9.2", "refuses a response nobody asked for", response_with("Content-Length: 0\r\n") + "HTTP",
         "200 1.1 keep \"\" ; ", unexpected_response},
        {"9.2", "refuses a body behind a response without one", "HTTP/1.1 204 No\r\n\r\nbody", "204 1.1 keep ; ",
         unexpected_response},
        {"9.3", "closes on request", response_with("Connection: close\r\nContent-Length: 0\r\n"),
         "200 1.1 close \"\" ; "},
        {"9.3", "keeps a connection of HTTP 1 0 on request",
         "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", "200 1.0 keep \"\" ; "},
        {"9.3", "cannot keep a connection whose close ends the body",
         "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", "200 1.0 close \"\" ; "},
        {"RFC 9110 7.2", "does not care about Host", response_with("Host: a b\r\nHost: c\r\nContent-Length: 0\r\n"),
         "200 1.1 keep \"\" ; "},
    }),
    name_of);

std::string interims(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n";
    return text;
}

std::string shown_interims(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "(103) ";
    return text;
}

INSTANTIATE_TEST_SUITE_P(
    interim, response_conformance,
    ::testing::ValuesIn(std::vector<conformance_case>{
        {"RFC 9110 15.2", "takes 100 before the response",
         "HTTP/1.1 100 Continue\r\n\r\n" + response_with("Content-Length: 0\r\n"), "(100) 200 1.1 keep \"\" ; "},
        {"RFC 9110 15.2", "sees no body in an interim response",
         "HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\n" + response_with("Content-Length: 0\r\n"),
         "(100) 200 1.1 keep \"\" ; "},
        {"RFC 9110 15.2", "takes several before the response", interims(16) + response_with("Content-Length: 0\r\n"),
         shown_interims(16) + "200 1.1 keep \"\" ; "},
        {"RFC 9110 15.2", "refuses a flood of them", interims(17), shown_interims(16), too_many_interim_responses},
        {"RFC 9110 15.2", "misses the response behind an interim one", interims(1), "(103) ", truncated},
        {"RFC 9110 15.2.2", "takes what follows 101 for something else",
         "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n\x81\x01", "101 1.1 close upgrade ; "},
    }),
    name_of);

TEST(a_response_parser, gives_reason_and_fields) {
    response_parser parser;
    parser.expect_response(method::get);
    recorder<response_parser> r(parser);
    r.feed("HTTP/1.1 404 Nicht da\r\nServer: x\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(parser.head().reason, "Nicht da");
    EXPECT_EQ(parser.head().headers.get("server"), "x");
}

TEST(a_response_parser, counts_interim_responses_anew_for_each_response) {
    std::vector<method> four(4, method::get);
    std::string text;
    for (int i = 0; i < 4; ++i) text += interims(10) + response_with("Content-Length: 0\r\n");
    EXPECT_EQ(response_transcript(text, 7, 7, four).error, none);
}

}  // namespace
}  // namespace torus::http
