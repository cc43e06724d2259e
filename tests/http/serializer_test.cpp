// tests/http/serializer_test.cpp: what is sent, and what is not.
#include "http/serializer.hpp"

#include "transcript.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace torus::http {
namespace {

using namespace std::string_literals;
using enum framing_kind;

template <class Head>
std::string sent(const Head& head, body_framing body = {}) {
    std::string out = "before";
    append_head(out, head, body);
    return out.substr(6);
}

template <class Head>
void expect_refused(const Head& head, body_framing body = {}) {
    std::string out = "before";
    EXPECT_THROW(append_head(out, head, body), std::invalid_argument);
    EXPECT_EQ(out, "before");
}

const headers host{{"Host", "h"}};

TEST(a_request, is_written_with_what_announces_its_body) {
    const request_head post(method::post, "/a?b", host);
    EXPECT_EQ(sent(post), "POST /a?b HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(sent(post, {length, 5}), "POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(sent(post, {length, 0}), "POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(sent(post, {chunked}), "POST /a?b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    const request_head own(method::put, "/", {{"Host", "h"}, {"content-length", "5"}});
    EXPECT_EQ(sent(own, {length, 5}), "PUT / HTTP/1.1\r\nHost: h\r\ncontent-length: 5\r\n\r\n");
}

TEST(a_request, is_refused_if_it_could_be_misread) {
    for (const auto& target : {""s, "/a b"s, "/a\r\nX: y"s, "/\0"s, "/\x7f"s, "/\xc3\xa4"s, "/a\tb"s})
        expect_refused(request_head(method::get, target, host));
    expect_refused(request_head(method::get, "/"));
    expect_refused(request_head(method::get, "/", {{"Host", "a"}, {"Host", "b"}}));
    expect_refused(request_head(method::get, "/", {{"Host", "a/b"}}));
    expect_refused(request_head(method::post, "/", {{"Host", "h"}, {"Transfer-Encoding", "chunked"}}), {chunked});
    expect_refused(request_head(method::post, "/", {{"Host", "h"}, {"Content-Length", "5"}}), {chunked});
    expect_refused(request_head(method::post, "/", {{"Host", "h"}, {"Content-Length", "5"}}), {length, 6});
    expect_refused(request_head(method::post, "/", {{"Host", "h"}, {"Content-Length", "x"}}), {length, 6});
    expect_refused(request_head(method::post, "/", {{"Host", "h"}, {"Content-Length", "5"}, {"Content-Length", "5"}}),
                   {length, 5});
    expect_refused(request_head(method::post, "/", {{"Host", "h"}, {"Content-Length", "5"}}));
    expect_refused(request_head(method::post, "/", host), {until_close});
    request_head old(method::post, "/", host);
    old.version = version::http_1_0;
    expect_refused(old, {chunked});
    old.headers.clear();
    EXPECT_EQ(sent(old), "POST / HTTP/1.0\r\n\r\n");
}

TEST(a_response, is_written_with_its_phrase) {
    EXPECT_EQ(sent(response_head(404), {length, 0}), "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(sent(response_head(299), {length, 0}), "HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n");
    response_head own(200);
    own.reason = "Fine";
    EXPECT_EQ(sent(own, {chunked}), "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n");
    EXPECT_EQ(sent(response_head(200), {until_close}), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(sent(response_head(200, {{"connection", "Close"}}), {until_close}),
              "HTTP/1.1 200 OK\r\nconnection: Close\r\n\r\n");
    EXPECT_EQ(sent(response_head(304, {{"Content-Length", "5"}})),
              "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(sent(response_head(204)), "HTTP/1.1 204 No Content\r\n\r\n");
    EXPECT_EQ(sent(response_head(100)), "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST(a_response, is_refused_if_it_could_be_misread) {
    for (int status : {100, 101, 204, 304}) {
        expect_refused(response_head(status), {length, 0});
        expect_refused(response_head(status), {chunked});
        expect_refused(response_head(status), {until_close});
    }
    expect_refused(response_head(204, {{"Content-Length", "0"}}));
    expect_refused(response_head(100, {{"Content-Length", "0"}}));
    for (int status : {-1, 0, 99, 1000}) expect_refused(response_head(status));
    expect_refused(response_head(200, {{"Transfer-Encoding", "gzip"}}), {length, 5});
    expect_refused(response_head(200, {{"Content-Length", "4"}}), {length, 5});
    expect_refused(response_head(200, {{"Content-Length", "4"}}), {until_close});
    response_head injected(200);
    injected.reason = "OK\r\nSet-Cookie: x";
    expect_refused(injected, {length, 0});
    response_head old(200);
    old.version = version::http_1_0;
    expect_refused(old, {chunked});
}

TEST(chunks, are_written_as_they_are_read) {
    std::string out;
    append_head(out, request_head(method::post, "/", host), {chunked});
    append_chunk_start(out, 26);
    out.append("abcdefghijklmnopqrstuvwxyz").append(chunk_end);
    append_chunk_start(out, 1);
    out.append("!").append(chunk_end);
    append_body_end(out, {{"Digest", "x"}});
    EXPECT_NE(out.find("\r\n1a\r\nabc"), std::string::npos);
    EXPECT_EQ(request_transcript(out, 999, 999).text, "POST / 1.1 keep \"abcdefghijklmnopqrstuvwxyz!\" {Digest: x} ; ");
}

TEST(chunks, are_refused_if_they_would_end_the_body_or_confuse_its_reader) {
    std::string out;
    EXPECT_THROW(append_chunk_start(out, 0), std::invalid_argument);
    for (auto name : {"Content-Length", "transfer-encoding", "Host", "Authorization", "Set-Cookie", "Trailer"})
        EXPECT_THROW(append_body_end(out, {{name, "x"}}), std::invalid_argument) << name;
    EXPECT_EQ(out, "");
    append_body_end(out);
    EXPECT_EQ(out, "0\r\n\r\n");
}

TEST(a_head, is_read_as_it_was_written) {
    const request_head head(method("PROPFIND"), "/x?y=%20", {{"Host", "h:1"}, {"A", ""}, {"B", "x\ty"}, {"a", "2"}});
    const std::string text = sent(head, {length, 2}) + "hi";
    request_parser parser;
    recorder<request_parser> r(parser);
    r.feed(text);
    EXPECT_EQ(r.end().text, "PROPFIND /x?y=%20 1.1 keep \"hi\" ; ");
    EXPECT_EQ(parser.head().headers.size(), 5u);
    EXPECT_EQ(parser.head().headers.get("b"), "x\ty");
}

}  // namespace
}  // namespace torus::http
