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

constexpr std::size_t most_digits = 20;  // of 2^64

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append(line_end);
}

// Writes behind a text that gets no more than `most` bytes longer: its size is looked at once, not for each piece.
class head_writer {
public:
    head_writer(std::string& out, std::size_t most) : out_(out) {
        const std::size_t begin = out.size();
        out.resize(begin + most);
        at_ = out.data() + begin;
    }
    head_writer(const head_writer&) = delete;
    head_writer& operator=(const head_writer&) = delete;
    ~head_writer() { out_.resize(static_cast<std::size_t>(at_ - out_.data())); }

    head_writer& operator<<(std::string_view text) noexcept {
        at_ += text.copy(at_, text.size());
        return *this;
    }
    head_writer& operator<<(std::uint64_t number) noexcept {
        at_ = std::to_chars(at_, at_ + most_digits, number).ptr;
        return *this;
    }
    void field(std::string_view name, std::string_view value) noexcept { *this << name << ": " << value << line_end; }

private:
    std::string& out_;
    char* at_;
};

// Room for the fields, and for the line and the fields that the serializer adds beside what they are given.
std::size_t room_for(const headers& fields) noexcept {
    constexpr std::size_t added = 160;  // bytes: "HTTP/1.1 ", "date: ", "Content-Length: ", two numbers, line ends
    std::size_t size = added;
    for (const field f : fields) size += f.name.size() + f.value.size() + 2 * line_end.size();
    return size;
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
void write_fields(head_writer& out, const headers& fields, body_framing body) noexcept {
    for (const field f : fields) out.field(f.name, f.value);
    switch (body.kind) {
    case framing_kind::none: break;
    case framing_kind::length:
        if (fields.contains("content-length")) break;
        out << "Content-Length: " << body.length << line_end;
        break;
    case framing_kind::chunked: out.field("Transfer-Encoding", "chunked"); break;
    case framing_kind::until_close:
        if (!fields.contains_token("connection", "close")) out.field("Connection", "close");
        break;
    }
    out << line_end;
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
    head_writer writer(out, head.method.name().size() + head.target.size() + room_for(head.headers));
    writer << head.method.name() << " " << head.target << " " << to_string(head.version) << line_end;
    write_fields(writer, head.headers, body);
}

void append_head(std::string& out, const response_head& head, body_framing body, std::string_view date) {
    require_sendable(head, body);
    const std::string_view reason = head.reason.empty() ? reason_phrase(head.status) : head.reason;
    head_writer writer(out, reason.size() + date.size() + room_for(head.headers));
    // The space stays if there is no phrase (RFC 9112, section 4).
    writer << to_string(head.version) << " " << static_cast<std::uint64_t>(head.status) << " " << reason << line_end;
    if (!date.empty() && !head.headers.contains("date")) writer.field("date", date);
    write_fields(writer, head.headers, body);
}

void append_chunk_start(std::string& out, std::size_t size) {
    if (size == 0) refuse("an empty chunk would end the body");
    std::array<char, most_digits> digits;
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr);
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
