// tests/http/framing_test.cpp: RFC 9112, sections 6 and 9, for requests: where a body ends, and what follows it.
#include "conformance.hpp"

#include <string>

namespace torus::http {
namespace {

using enum parse_error;

class request_framing : public request_conformance {};
TEST_P(request_framing, holds) { check(); }

std::string te(std::string_view value, std::string_view body = "0\r\n\r\n") {
    return request_with("Transfer-Encoding: " + std::string(value) + "\r\n", body);
}

std::string cl(std::string_view value, std::string_view body = "") {
    return request_with("Content-Length: " + std::string(value) + "\r\n", body);
}

INSTANTIATE_TEST_SUITE_P(
    transfer_encoding, request_framing,
    ::testing::ValuesIn(std::vector<conformance_case>{
        {"6.1", "takes chunked", te("chunked", "5\r\nhello\r\n0\r\n\r\n"), "POST / 1.1 keep \"hello\" ; "},
        {"6.1", "takes chunked in any case", te("ChUnKeD", "5\r\nhello\r\n0\r\n\r\n"), "POST / 1.1 keep \"hello\" ; "},
        {"6.1", "takes chunked with spaces around it", te("  chunked  "), "POST / 1.1 keep \"\" ; "},
        {"6.1", "refuses a length before the encoding",
         request_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "", length_and_encoding},
        {"6.1", "refuses a length behind the encoding",
         request_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), "", length_and_encoding},
        {"6.1", "refuses chunked twice in a list", te("chunked, chunked"), "", bad_transfer_encoding},
        {"6.1", "refuses chunked twice in two fields",
         request_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "",
         bad_transfer_encoding},
        {"6.1", "refuses chunked before another coding", te("chunked, gzip"), "", bad_transfer_encoding},
        {"6.1", "refuses chunked before another field",
         request_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", "0\r\n\r\n"), "",
         bad_transfer_encoding},
        {"6.1", "does not undo a coding before chunked", te("gzip, chunked"), "", unsupported_transfer_encoding},
        {"6.1", "does not undo a coding in a field before chunked",
         request_with("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "",
         unsupported_transfer_encoding},
        {"6.1", "refuses a coding alone", te("gzip"), "", bad_transfer_encoding},
        {"6.1", "refuses identity", te("identity"), "", bad_transfer_encoding},
        {"6.1", "refuses what only ends like chunked", te("xchunked"), "", bad_transfer_encoding},
        {"6.1", "refuses what only begins like chunked", te("chunkedx"), "", bad_transfer_encoding},
        {"6.1", "refuses a quoted chunked", te("\"chunked\""), "", bad_transfer_encoding},
        {"6.1", "refuses chunked with a parameter", te("chunked;a=b"), "", bad_transfer_encoding},
        {"6.1", "refuses an empty encoding", te(""), "", bad_transfer_encoding},
        {"6.1", "refuses an empty member behind chunked", te("chunked,"), "", bad_transfer_encoding},
        {"6.1", "refuses an empty member before chunked", te(",chunked"), "", bad_transfer_encoding},
        {"6.1", "refuses a control character in the encoding",
         te("\x0b"
            "chunked"),
         "", control_character},
        {"6.1", "refuses an encoding in HTTP 1 0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "",
         encoding_in_http_1_0},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    content_length, request_framing,
    ::testing::ValuesIn(std::vector<conformance_case>{
        {"6.2", "takes a length", cl("5", "hello"), "POST / 1.1 keep \"hello\" ; "},
        {"6.2", "takes a length of nothing", cl("0"), "POST / 1.1 keep \"\" ; "},
        {"6.2", "takes zeros in front of a length", cl("0005", "hello"), "POST / 1.1 keep \"hello\" ; "},
        {"6.2", "takes spaces around a length", cl(" 5 ", "hello"), "POST / 1.1 keep \"hello\" ; "},
        {"6.2", "refuses a plus", cl("+5", "hello"), "", bad_content_length},
        {"6.2", "refuses a minus", cl("-5", "hello"), "", bad_content_length},
        {"6.2", "refuses a hexadecimal length", cl("0x5", "hello"), "", bad_content_length},
        {"6.2", "refuses a fraction", cl("5.0", "hello"), "", bad_content_length},
        {"6.2", "refuses an exponent", cl("5e0", "hello"), "", bad_content_length},
        {"6.2", "refuses a space in a length", cl("5 5", "hello"), "", bad_content_length},
        {"6.2", "refuses an empty length", cl(""), "", bad_content_length},
        {"6.2", "refuses words", cl("five", "hello"), "", bad_content_length},
        {"6.2", "refuses a list of lengths", cl("5, 5", "hello"), "", bad_content_length},
        {"6.2", "refuses a list of different lengths", cl("5,6", "hello"), "", bad_content_length},
        {"6.2", "refuses a length beyond 63 bits", cl("9223372036854775808"), "", bad_content_length},
        {"6.2", "refuses a length beyond 64 bits", cl("18446744073709551616"), "", bad_content_length},
        {"6.2", "takes the greatest length", cl("9223372036854775807", "x"), "POST / 1.1 keep \"x\"…", truncated},
        {"6.3", "refuses two different lengths", request_with("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
         "", duplicate_content_length},
        {"6.3", "refuses the same length twice", request_with("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
         "", duplicate_content_length},
        {"6.3", "sees no body without a length", request_with(""), "POST / 1.1 keep ; "},
        {"6.3", "takes a body with GET", "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi",
         "GET / 1.1 keep \"hi\" ; "},
        {"6.3", "takes a body with CONNECT for what it is",
         "CONNECT h:1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi", "CONNECT h:1 1.1 keep \"hi\" ; "},
        {"8", "misses the rest of a body", cl("5", "hell"), "POST / 1.1 keep \"hell\"…", truncated},
        {"8", "misses all of a body", cl("5"), "POST / 1.1 keep", truncated},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    connections, request_framing,
    ::testing::ValuesIn(std::vector<conformance_case>{
        {"9.3", "keeps a connection of HTTP 1 1", request_with(""), "POST / 1.1 keep ; "},
        {"9.3", "closes on request", request_with("Connection: close\r\n"), "POST / 1.1 close ; "},
        {"9.3", "closes on request in any case", request_with("connection: Close\r\n"), "POST / 1.1 close ; "},
        {"9.3", "closes on request in a list", request_with("Connection: foo, close ,bar\r\n"), "POST / 1.1 close ; "},
        {"9.3", "closes if both are asked for", request_with("Connection: keep-alive, close\r\n"),
         "POST / 1.1 close ; "},
        {"9.3", "closes if two fields ask for both", request_with("Connection: close\r\nConnection: keep-alive\r\n"),
         "POST / 1.1 close ; "},
        {"9.3", "does not close for a word like close", request_with("Connection: closed\r\n"), "POST / 1.1 keep ; "},
        {"9.3", "closes a connection of HTTP 1 0", "GET / HTTP/1.0\r\n\r\n", "GET / 1.0 close ; "},
        {"9.3", "keeps a connection of HTTP 1 0 on request", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
         "GET / 1.0 keep ; "},
        {"9.3", "does not listen to Proxy Connection", "GET / HTTP/1.0\r\nProxy-Connection: keep-alive\r\n\r\n",
         "GET / 1.0 close ; "},
        {"9.3.2", "takes pipelined requests one by one",
         request_line("GET /a HTTP/1.1") + cl("2", "hi") + te("chunked", "1\r\nx\r\n0\r\n\r\n") +
             request_line("GET /b HTTP/1.1"),
         "GET /a 1.1 keep ; POST / 1.1 keep \"hi\" ; POST / 1.1 keep \"x\" ; GET /b 1.1 keep ; "},
        {"9.3.2", "does not take a body for the next request",
         cl("28", "GET /x HTTP/1.1\r\nHost: h\r\n\r\n") + request_line("GET /y HTTP/1.1"),
         "POST / 1.1 keep \"GET /x HTTP/1.1\r\nHost: h\r\n\r\n\" ; GET /y 1.1 keep ; "},
        {"9.3.2", "refuses garbage behind a request", cl("2", "hi") + "garbage\r\n\r\n", "POST / 1.1 keep \"hi\" ; ",
         bad_request_line},
        {"RFC 9110 7.8", "sees a proposal to upgrade",
         request_with("Connection: Upgrade\r\nUpgrade: websocket\r\n") + "\x81", "POST / 1.1 keep upgrade ; "},
        {"RFC 9110 7.8", "reads the body of a request to upgrade",
         request_with("Connection: upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n", "hi\xff"),
         "POST / 1.1 keep upgrade \"hi\" ; "},
        {"RFC 9110 7.8", "wants Upgrade to be named in Connection", request_with("Upgrade: websocket\r\n"),
         "POST / 1.1 keep ; "},
        {"RFC 9110 7.8", "wants a protocol to upgrade to", request_with("Connection: upgrade\r\n"),
         "POST / 1.1 keep ; "},
        {"RFC 9110 7.8", "ignores an upgrade in HTTP 1 0",
         "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "GET / 1.0 close ; "},
        {"RFC 9110 10.1.1", "sees that the client waits",
         request_with("Expect: 100-Continue\r\nContent-Length: 2\r\n", "hi"), "POST / 1.1 keep expects \"hi\" ; "},
        {"RFC 9110 10.1.1", "ignores an expectation in HTTP 1 0",
         "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n", "POST / 1.0 close \"\" ; "},
    }),
    name_of);

}  // namespace
}  // namespace torus::http
