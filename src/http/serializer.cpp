// src/http/serializer.cpp: writes nothing that could be read in two ways.
#include "http/serializer.hpp"

#include "http/authority.hpp"
#include "http/grammar.hpp"
#include "torus/http/token.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>

namespace torus::inline v0::http {
namespace {

constexpr std::string_view line_end = "\r\n";

[[noreturn]] void refuse(const char* why) {
    throw std::invalid_argument(std::string("cannot send this message: ") + why);
}

template <int Base = 10>
void append_number(std::string& out, std::uint64_t number) {
    std::array<char, 20> digits;  // 2^64 has 20 of them
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number, Base).ptr);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append(line_end);
}

// No space, no control character, ASCII: whatever else it is, it stays one word of the request line.
bool is_target(std::string_view target) noexcept {
    return !target.empty() && std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// The fields that only the serializer may write, or only if they say what it would have said.
void require_consistent(const headers& fields, body_framing body) {
    if (fields.contains("transfer-encoding")) refuse("Transfer-Encoding is not the sender's to set");
    bool is_first = true;
    for (const field f : fields) {
        if (!equals_ignoring_case(f.name, "content-length")) continue;
        const auto length = parse_decimal(f.value);
        if (!length || !is_first) refuse("malformed Content-Length");
        if (body.kind == framing_kind::length && *length != body.length)
            refuse("Content-Length isn't that of the body");
        if (body.kind == framing_kind::chunked || body.kind == framing_kind::until_close)
            refuse("Content-Length with a body whose length isn't known");
        is_first = false;
    }
}

// Fields of the message, then the one for its body.
void append_fields(std::string& out, const headers& fields, body_framing body) {
    for (const field f : fields) append_field(out, f.name, f.value);
    switch (body.kind) {
    case framing_kind::none: break;
    case framing_kind::length:
        if (fields.contains("content-length")) break;
        out.append("Content-Length: ");
        append_number(out, body.length);
        out.append(line_end);
        break;
    case framing_kind::chunked: append_field(out, "Transfer-Encoding", "chunked"); break;
    case framing_kind::until_close:
        if (!fields.contains_token("connection", "close")) append_field(out, "Connection", "close");
        break;
    }
    out.append(line_end);
}

void require_sendable(const request_head& head, body_framing body) {
    if (!is_target(head.target)) refuse("malformed target");
    if (body.kind == framing_kind::until_close) refuse("a request can't end by closing");
    if (body.kind == framing_kind::chunked && head.version == version::http_1_0) refuse("HTTP/1.0 has no chunks");
    if (body.kind == framing_kind::none && head.headers.contains("content-length"))
        refuse("Content-Length without a body");
    const auto hosts = head.headers.all("host");
    if (hosts.size() > 1 || (hosts.empty() && head.version == version::http_1_1)) refuse("it needs exactly one Host");
    if (!hosts.empty() && !is_host_field(hosts.front())) refuse("malformed Host");
    require_consistent(head.headers, body);
}

void require_sendable(const response_head& head, body_framing body) {
    if (head.status < 100 || head.status > 999) refuse("a status has three digits");
    if (!is_field_value(head.reason)) refuse("control character in the reason");
    if (has_no_body(head.status) && body.kind != framing_kind::none) refuse("a response of this status has no body");
    const bool has_length = head.headers.contains("content-length");
    if ((is_informational(head.status) || head.status == status::no_content) && has_length)
        refuse("a response of this status has no Content-Length");
    if (body.kind == framing_kind::chunked && head.version == version::http_1_0) refuse("HTTP/1.0 has no chunks");
    require_consistent(head.headers, body);
}

// Fields that a recipient acts upon before the body, so that behind it they could only confuse.
bool may_trail(std::string_view name) noexcept {
    constexpr std::array<std::string_view, 22> never = {"authorization",
                                                        "cache-control",
                                                        "connection",
                                                        "content-encoding",
                                                        "content-length",
                                                        "content-range",
                                                        "content-type",
                                                        "cookie",
                                                        "expect",
                                                        "host",
                                                        "if-match",
                                                        "if-none-match",
                                                        "keep-alive",
                                                        "max-forwards",
                                                        "proxy-authenticate",
                                                        "proxy-authorization",
                                                        "range",
                                                        "set-cookie",
                                                        "te",
                                                        "trailer",
                                                        "transfer-encoding",
                                                        "www-authenticate"};
    return std::none_of(never.begin(), never.end(), [&](std::string_view n) { return equals_ignoring_case(n, name); });
}

}  // namespace

void append_head(std::string& out, const request_head& head, body_framing body) {
    require_sendable(head, body);
    out.append(head.method.name()).append(" ").append(head.target).append(" ");
    out.append(to_string(head.version)).append(line_end);
    append_fields(out, head.headers, body);
}

void append_head(std::string& out, const response_head& head, body_framing body, std::string_view date) {
    require_sendable(head, body);
    out.append(to_string(head.version)).append(" ");
    append_number(out, static_cast<std::uint64_t>(head.status));
    // The space stays if there is no phrase (RFC 9112, section 4).
    out.append(" ").append(head.reason.empty() ? reason_phrase(head.status) : head.reason).append(line_end);
    if (!date.empty() && !head.headers.contains("date")) append_field(out, "date", date);
    append_fields(out, head.headers, body);
}

void append_chunk_start(std::string& out, std::size_t size) {
    if (size == 0) refuse("an empty chunk would end the body");
    append_number<16>(out, size);
    out.append(line_end);
}

void append_body_end(std::string& out, const headers& trailers) {
    for (const field f : trailers)
        if (!may_trail(f.name)) refuse("a field that may not stand in the trailers");
    out.append("0").append(line_end);
    for (const field f : trailers) append_field(out, f.name, f.value);
    out.append(line_end);
}

}  // namespace torus::inline v0::http
