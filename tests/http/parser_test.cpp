// tests/http/parser_test.cpp: how the parser behaves between messages, after errors, and with memory.
#include "http/parser.hpp"

#include "transcript.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace torus::http {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

TEST(a_parser, needs_input_before_anything_came) {
    request_parser parser;
    EXPECT_EQ(parser.parse({}).event, parse_event::need_input);
    EXPECT_TRUE(parser.is_between_messages());
    EXPECT_EQ(parser.finish(), parse_event::need_input);
}

TEST(a_parser, never_takes_a_byte_of_the_next_message) {
    request_parser parser;
    const std::string text = "GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b";
    parsed step = parser.parse(bytes_of(text));
    EXPECT_EQ(step.event, parse_event::head);
    EXPECT_EQ(step.consumed, text.size() - 6);
    EXPECT_FALSE(parser.is_between_messages());
    step = parser.parse(bytes_of(text).subspan(step.consumed));
    EXPECT_EQ(step.event, parse_event::complete);
    EXPECT_EQ(step.consumed, 0u);
    EXPECT_TRUE(parser.is_between_messages());
    EXPECT_EQ(parser.head().target, "/a");
}

TEST(a_parser, stays_failed) {
    request_parser parser;
    EXPECT_EQ(parser.parse(bytes_of("nonsense\r\n\r\n")).event, parse_event::failed);
    EXPECT_EQ(parser.parse(bytes_of("GET / HTTP/1.0\r\n\r\n")).event, parse_event::failed);
    EXPECT_EQ(parser.parse({}).event, parse_event::failed);
    EXPECT_EQ(parser.finish(), parse_event::failed);
    EXPECT_EQ(parser.error(), parse_error::bad_request_line);
    EXPECT_FALSE(parser.is_between_messages());
}

TEST(a_parser, completes_a_message_whose_stream_ends_right_behind_it) {
    request_parser parser;
    EXPECT_EQ(parser.parse(bytes_of("GET / HTTP/1.0\r\n\r\n")).event, parse_event::head);
    EXPECT_EQ(parser.finish(), parse_event::complete);
    EXPECT_EQ(parser.finish(), parse_event::need_input);
}

TEST(a_parser, leaves_what_follows_an_upgrade_alone) {
    response_parser parser;
    parser.expect_response(method::get);
    const std::string head = "HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    EXPECT_EQ(parser.parse(bytes_of(head + "frames")).consumed, head.size());
    EXPECT_EQ(parser.parse(bytes_of("frames")).event, parse_event::complete);
    const parsed after = parser.parse(bytes_of("frames"));
    EXPECT_EQ(after.event, parse_event::need_input);
    EXPECT_EQ(after.consumed, 0u);
}

TEST(a_parser, gives_its_memory_back) {
    request_parser parser;
    const std::string text = "POST / HTTP/1.1\r\nHost: h\r\nX: " + std::string(10'000, 'x') +
                             "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n";
    recorder<request_parser> r(parser);
    r.feed(text);
    EXPECT_EQ(parser.trailers().get("a"), "b");
    parser.release();
    EXPECT_TRUE(parser.trailers().empty());
    EXPECT_TRUE(parser.head().headers.empty());
    r.feed("GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(parser.head().target, "/b");
}

TEST(a_parser, lets_go_of_its_head) {
    request_parser parser;
    recorder<request_parser> r(parser);
    r.feed("GET /first HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n");
    const request_head first = std::move(parser.head());
    r.feed("GET /second HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(first.target, "/first");
    EXPECT_EQ(first.headers.get("x"), "y");
    EXPECT_EQ(parser.head().target, "/second");
    EXPECT_FALSE(parser.head().headers.contains("x"));
}

TEST(a_parser, may_be_moved_between_messages) {
    request_parser parser;
    recorder<request_parser>(parser).feed("GET /first HTTP/1.1\r\nHost: h\r\n\r\nGET /sec");
    request_parser moved = std::move(parser);
    recorder<request_parser> r(moved);
    r.feed("ond HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(moved.head().target, "/second");
}

TEST(a_parser, knows_the_length_when_the_head_is_there) {
    request_parser parser;
    const std::string text = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 17000000\r\n\r\n";
    EXPECT_EQ(parser.parse(bytes_of(text)).event, parse_event::head);
    EXPECT_EQ(parser.framing().body, body_kind::length);
    EXPECT_EQ(parser.framing().length, 17'000'000u);
}

TEST(an_error, has_words_and_a_status) {
    for (int i = 0; i <= static_cast<int>(parse_error::unrecognised); ++i) {
        const auto error = static_cast<parse_error>(i);
        EXPECT_FALSE(to_string(error).empty());
        EXPECT_GE(status_of(error), 400);
    }
    EXPECT_EQ(status_of(parse_error::start_line_too_long), 414);
    EXPECT_EQ(status_of(parse_error::too_many_fields), 431);
    EXPECT_EQ(status_of(parse_error::unknown_method), 501);
    EXPECT_EQ(status_of(parse_error::unsupported_version), 505);
    EXPECT_EQ(status_of(parse_error::length_and_encoding), 400);
}

// Every byte that is wrong in a head is wrong at every place in it: nothing slips past the eight-at-a-time scan.
TEST(a_head, has_no_control_character_anywhere) {
    const std::string head = "GET /abcdefgh HTTP/1.1\r\nHost: h\r\nAbcdefghijk: lmnopqrstuvwxyz\r\n\r\n";
    for (int byte : {0x00, 0x01, 0x07, 0x08, 0x0b, 0x0c, 0x0e, 0x1f, 0x7f})
        for (std::size_t at = 0; at < head.size(); ++at) {
            if (head[at] == '\r' || head[at] == '\n') continue;
            std::string wrong = head;
            wrong[at] = static_cast<char>(byte);
            const transcript seen = request_transcript(wrong, wrong.size(), 1);
            EXPECT_EQ(seen.error, parse_error::control_character) << byte << " at " << at;
            EXPECT_EQ(seen.consumed, at);
        }
}

}  // namespace
}  // namespace torus::http
