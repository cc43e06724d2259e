// tests/http/chunked_test.cpp: RFC 9112, section 7: chunks, their extensions, trailers.
#include "conformance.hpp"

#include <string>

namespace torus::http {
namespace {

using namespace std::string_literals;
using enum parse_error;

class chunks : public request_conformance {};
TEST_P(chunks, hold) { check(); }

// The transcripts below are those of a chunked POST.
std::string post(std::string_view rest) { return "POST / 1.1 keep" + std::string(rest); }

INSTANTIATE_TEST_SUITE_P(
    sizes, chunks,
    ::testing::ValuesIn(std::vector<conformance_case>{
        {"7.1", "takes one chunk", chunked("5\r\nhello\r\n0\r\n\r\n"), post(" \"hello\" ; ")},
        {"7.1", "takes several chunks", chunked("3\r\nhel\r\n1\r\nl\r\n1\r\no\r\n0\r\n\r\n"), post(" \"hello\" ; ")},
        {"7.1", "takes no chunk at all", chunked("0\r\n\r\n"), post(" \"\" ; ")},
        {"7.1", "takes digits of both cases", chunked("a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n"),
         post(" \"01234567890123456789a\" ; ")},
        {"7.1", "takes zeros in front", chunked("0005\r\nhello\r\n000\r\n\r\n"), post(" \"hello\" ; ")},
        {"7.1", "takes line ends in the data", chunked("7\r\na\r\n\r\nb\n\r\n0\r\n\r\n"), post(" \"a\r\n\r\nb\n\" ; ")},
        {"7.1", "takes sixteen digits", chunked("0000000000000001\r\nx\r\n0\r\n\r\n"), post(" \"x\" ; ")},
        {"7.1", "refuses seventeen digits", chunked("00000000000000001\r\nx\r\n0\r\n\r\n"), post(""),
         chunk_size_overflow},
        {"7.1", "takes the greatest size", chunked("7fffffffffffffff\r\nx"), post(" \"x\"…"), truncated},
        {"7.1", "refuses a size beyond 63 bits", chunked("8000000000000000\r\nx"), post(""), chunk_size_overflow},
        {"7.1", "refuses a size beyond 64 bits", chunked("ffffffffffffffff0\r\nx"), post(""), chunk_size_overflow},
        {"7.1", "refuses a missing size", chunked("\r\nhello\r\n0\r\n\r\n"), post(""), bad_chunk_size},
        {"7.1", "refuses a prefix 0x", chunked("0x5\r\nhello\r\n0\r\n\r\n"), post(""), bad_chunk_size},
        {"7.1", "refuses a minus", chunked("-5\r\nhello\r\n0\r\n\r\n"), post(""), bad_chunk_size},
        {"7.1", "refuses a plus", chunked("+5\r\nhello\r\n0\r\n\r\n"), post(""), bad_chunk_size},
        {"7.1", "refuses a space before the size", chunked(" 5\r\nhello\r\n0\r\n\r\n"), post(""), bad_chunk_size},
        {"7.1", "refuses a space behind the size", chunked("5 \r\nhello\r\n0\r\n\r\n"), post(""), bad_chunk_size},
        {"7.1", "refuses letters", chunked("5g\r\nhello\r\n0\r\n\r\n"), post(""), bad_chunk_size},
        {"7.1", "refuses an underscore in the size", chunked("1_0\r\n"), post(""), bad_chunk_size},
        {"7.1", "refuses a lone LF behind the size", chunked("5\nhello\r\n0\r\n\r\n"), post(""), bare_lf},
        {"7.1", "refuses a lone CR behind the size", chunked("5\rhello\r\n0\r\n\r\n"), post(""), bare_cr},
        {"7.1", "refuses data longer than the size", chunked("4\r\nhello\r\n0\r\n\r\n"), post(" \"hell\"…"),
         bad_chunk_end},
        {"7.1", "refuses data shorter than the size", chunked("6\r\nhello\r\n0\r\n\r\n"), post(" \"hello\r\"…"),
         bare_lf},
        {"7.1", "refuses a lone LF behind the data", chunked("5\r\nhello\n0\r\n\r\n"), post(" \"hello\"…"), bare_lf},
        {"7.1", "refuses a lone CR behind the data", chunked("5\r\nhello\r0\r\n\r\n"), post(" \"hello\"…"), bare_cr},
        {"7.1", "refuses chunks without a line end between", chunked("1\r\nx1\r\ny\r\n0\r\n\r\n"), post(" \"x\"…"),
         bad_chunk_end},
        {"7.1", "misses the last chunk", chunked("5\r\nhello\r\n"), post(" \"hello\"…"), truncated},
        {"7.1", "misses the end of the last chunk", chunked("5\r\nhello\r\n0\r\n"), post(" \"hello\"…"), truncated},
        {"7.1", "stops at the end", chunked("0\r\n\r\n") + request_line("GET /b HTTP/1.1"),
         post(" \"\" ; GET /b 1.1 keep ; ")},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    extensions, chunks,
    ::testing::ValuesIn(std::vector<conformance_case>{
        {"7.1.1", "skips a name", chunked("5;a\r\nhello\r\n0\r\n\r\n"), post(" \"hello\" ; ")},
        {"7.1.1", "skips a name and a value", chunked("5;a=b\r\nhello\r\n0;c=d\r\n\r\n"), post(" \"hello\" ; ")},
        {"7.1.1", "skips a quoted value", chunked("5;a=\"b;\\\"c\"\r\nhello\r\n0\r\n\r\n"), post(" \"hello\" ; ")},
        {"7.1.1", "skips several", chunked("5;a;b=c;d\r\nhello\r\n0\r\n\r\n"), post(" \"hello\" ; ")},
        {"7.1.1", "skips white space around the semicolon", chunked("5 \t; a = b\r\nhello\r\n0\r\n\r\n"),
         post(" \"hello\" ; ")},
        {"7.1.1", "refuses a lone LF", chunked("5;a\nhello\r\n0\r\n\r\n"), post(""), bare_lf},
        {"7.1.1", "refuses a lone LF in quotes", chunked("5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"), post(""), bare_lf},
        {"7.1.1", "refuses a lone CR", chunked("5;a\rb\r\nhello\r\n0\r\n\r\n"), post(""), bare_cr},
        {"7.1.1", "refuses a control character", chunked("5;a\0\r\nhello\r\n0\r\n\r\n"s), post(""),
         bad_chunk_extension},
        {"7.1.1", "refuses what follows white space without a semicolon", chunked("5 a\r\nhello\r\n0\r\n\r\n"),
         post(""), bad_chunk_size},
        {"7.1.1", "takes 16 KiB of them", chunked("1;" + std::string(16384, 'e') + "\r\nx\r\n0\r\n\r\n"),
         post(" \"x\" ; ")},
        {"7.1.1", "refuses more than 16 KiB of them", chunked("1;" + std::string(16385, 'e') + "\r\nx\r\n0\r\n\r\n"),
         post(""), chunk_extensions_too_long},
        {"7.1.1", "counts those of all chunks together",
         chunked("1;" + std::string(16000, 'e') + "\r\nx\r\n1;" + std::string(385, 'e')), post(" \"x\"…"),
         chunk_extensions_too_long},
        {"7.1.1", "counts white space as well", chunked("1" + std::string(16386, ' ')), post(""),
         chunk_extensions_too_long},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    trailers, chunks,
    ::testing::ValuesIn(std::vector<conformance_case>{
        {"7.1.2", "takes a trailer", chunked("1\r\nx\r\n0\r\nA: b\r\n\r\n"), post(" \"x\" {A: b} ; ")},
        {"7.1.2", "takes several trailers", chunked("0\r\nA: b\r\nC:  d \r\nE:\r\n\r\n"),
         post(" \"\" {A: b} {C: d} {E: } ; ")},
        {"7.1.2", "forgets the trailers of the message before", chunked("0\r\nA: b\r\n\r\n") + chunked("0\r\n\r\n"),
         post(" \"\" {A: b} ; ") + post(" \"\" ; ")},
        {"7.1.2", "does not let a trailer decide about framing",
         chunked("0\r\nContent-Length: 5\r\n\r\n") + request_line("GET /b HTTP/1.1"),
         post(" \"\" {Content-Length: 5} ; GET /b 1.1 keep ; ")},
        {"7.1.2", "refuses a folded trailer", chunked("0\r\nA: b\r\n c\r\n\r\n"), post(""), folded_line},
        {"7.1.2", "refuses a trailer that begins with a space", chunked("0\r\n A: b\r\n\r\n"), post(""),
         bad_field_name},
        {"7.1.2", "refuses a lone LF behind a trailer", chunked("0\r\nA: b\n\r\n"), post(""), bare_lf},
        {"7.1.2", "refuses a lone LF as the end", chunked("0\r\n\n"), post(""), bare_lf},
        {"7.1.2", "refuses a lone CR as the end", chunked("0\r\n\rX"), post(""), bare_cr},
        {"7.1.2", "refuses a trailer without a colon", chunked("0\r\nGET / HTTP/1.1\r\n\r\n"), post(""),
         bad_field_name},
        {"7.1.2", "refuses a space before the colon", chunked("0\r\nA : b\r\n\r\n"), post(""), space_before_colon},
        {"7.1.2", "refuses a control character in a trailer", chunked("0\r\nA: \x01\r\n\r\n"), post(""),
         control_character},
        {"7.1.2", "misses the end of the trailers", chunked("0\r\nA: b\r\n"), post(""), truncated},
        {"7.1.2", "takes 8 KiB of trailers", chunked("0\r\nA: " + std::string(8192 - 7, 'b') + "\r\n\r\n"),
         post(" \"\" {A: " + std::string(8192 - 7, 'b') + "} ; ")},
        {"7.1.2", "refuses more than 8 KiB of trailers", chunked("0\r\nA: " + std::string(8192 - 6, 'b') + "\r\n\r\n"),
         post(""), trailers_too_large},
    }),
    name_of);

std::string many_trailers(int count) {
    std::string text = chunked("0\r\n");
    for (int i = 0; i < count; ++i) text += "A: b\r\n";
    return text + "\r\n";
}

TEST(trailers, may_be_32_and_no_more) {
    EXPECT_EQ(request_transcript(many_trailers(32), 1, 1).error, none);
    EXPECT_EQ(request_transcript(many_trailers(33), 1, 1).error, too_many_trailers);
    EXPECT_EQ(request_transcript(many_trailers(33), 9999, 1).error, too_many_trailers);
}

TEST(trailers, are_no_fields_of_the_head) {
    request_parser parser;
    recorder<request_parser> r(parser);
    r.feed(chunked("0\r\nX-Admin: yes\r\n\r\n"));
    EXPECT_FALSE(parser.head().headers.contains("x-admin"));
    EXPECT_EQ(parser.trailers().get("x-admin"), "yes");
}

TEST(a_chunked_body, comes_without_being_copied) {
    const std::string text = chunked("5\r\nhello\r\n0\r\n\r\n");
    std::span<const std::byte> input = std::as_bytes(std::span(text));
    request_parser parser;
    input = input.subspan(parser.parse(input).consumed);
    const parsed piece = parser.parse(input);
    ASSERT_EQ(piece.event, parse_event::body);
    EXPECT_EQ(static_cast<const void*>(piece.body.data()), text.data() + text.find("hello"));
}

}  // namespace
}  // namespace torus::http
