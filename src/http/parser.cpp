// src/http/parser.cpp: heads, bodies, trailers, one after the other.
#include "http/parser.hpp"

#include "http/head_reader.hpp"
#include "http/head_text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace torus::inline v0::http {
namespace {

// A connection has one of these for as long as it lives.
static_assert(sizeof(request_parser) <= 264 && sizeof(response_parser) <= 264);

// Beside the target, a request line has a method, a version and two spaces.
constexpr std::uint32_t around_target = method::max_size + 10;

std::span<const std::byte> bytes_of(std::string_view text) noexcept {
    return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

parsed message_parser::fail(parse_error error, std::size_t consumed) noexcept {
    phase_ = phase::failed;
    error_ = error;
    return {parse_event::failed, consumed};
}

parsed message_parser::parse(bytes_view input) {
    const std::string_view text = input.text();
    switch (phase_) {
    case phase::start:
    case phase::head: return parse_head(text);
    case phase::length: return parse_length(text);
    case phase::chunks: return parse_chunks(text);
    case phase::trailers: return parse_trailers(text, 0);
    case phase::until_close:
        return {text.empty() ? parse_event::need_input : parse_event::body, text.size(), bytes_of(text)};
    case phase::ended:
        phase_ = framing_.body == body_kind::tunnel ? phase::switched : after_message();
        return {parse_event::complete};
    case phase::idle:
        if (text.empty()) return {parse_event::need_input};
        return fail(parse_error::unexpected_response, 0);
    case phase::switched: return {parse_event::need_input};  // what comes now is none of our business
    case phase::failed: break;
    }
    return {parse_event::failed};
}

parse_event message_parser::finish() noexcept {
    switch (phase_) {
    case phase::idle:
    case phase::switched: return parse_event::need_input;
    case phase::start:
        if (is_between_messages()) return parse_event::need_input;
        return fail(parse_error::truncated, 0).event;
    case phase::head: return fail(begins_like_one() ? parse_error::truncated : parse_error::bad_status_line, 0).event;
    case phase::until_close: phase_ = after_message(); return parse_event::complete;
    case phase::ended: return parse({}).event;
    case phase::failed: return parse_event::failed;
    default: return fail(parse_error::truncated, 0).event;
    }
}

/// Whether what has come of a head could be that of a message, or is something else altogether.
bool message_parser::begins_like_one() noexcept {
    const std::string_view text = head_text(fields()).text();
    const std::string_view expected = first_bytes();
    return text.substr(0, expected.size()) == expected.substr(0, text.size());
}

const headers& message_parser::trailers() const noexcept {
    static const headers none;
    return trailers_ ? *trailers_ : none;
}

parsed message_parser::parse_head(std::string_view input) {
    if (input.empty()) return {parse_event::need_input};
    head_text head(fields());
    if (phase_ == phase::start) {
        phase_ = phase::head;
        lines_ = {};
        trailers_.reset();
        head.clear();
    }
    const line_limits limits{limits_.head_bytes, limits_.target_bytes + around_target, limits_.fields + 1};
    const line_scanner::result scanned = lines_.scan(input, limits);
    if (scanned.error != parse_error::none) return fail(scanned.error, scanned.consumed);
    head.append(input.substr(0, scanned.consumed));
    if (!scanned.is_complete) return {parse_event::need_input, scanned.consumed};
    if (lines_.lines() > 0) return end_head(scanned.consumed);

    // An empty line in front of the first one.
    if (!forgives_empty_lines()) return fail(parse_error::bad_status_line, scanned.consumed);
    if (++empty_lines_ > max_empty_lines) return fail(parse_error::bad_request_line, scanned.consumed);
    phase_ = phase::start;
    parsed next = parse_head(input.substr(scanned.consumed));
    next.consumed += scanned.consumed;
    return next;
}

parsed message_parser::end_head(std::size_t consumed) {
    empty_lines_ = 0;
    head_text(fields()).expect_fields(lines_.lines() - 1);
    if (const parse_error error = read_head(limits_, framing_); error != parse_error::none)
        return fail(error, consumed);
    if (is_interim()) {
        if (++interims_ > max_interim_responses) return fail(parse_error::too_many_interim_responses, consumed);
        phase_ = phase::start;
        return {parse_event::interim, consumed};
    }
    interims_ = 0;
    start_body();
    return {parse_event::head, consumed};
}

void message_parser::start_body() noexcept {
    switch (framing_.body) {
    case body_kind::none:
    case body_kind::tunnel: phase_ = phase::ended; break;
    case body_kind::length: phase_ = framing_.length > 0 ? phase::length : phase::ended; break;
    case body_kind::chunked:
        phase_ = phase::chunks;
        chunks_ = {};
        break;
    case body_kind::until_close: phase_ = phase::until_close; break;
    }
}

parsed message_parser::parse_length(std::string_view input) noexcept {
    if (input.empty()) return {parse_event::need_input};
    const std::string_view body = input.substr(0, std::min<std::uint64_t>(framing_.length, input.size()));
    framing_.length -= body.size();
    if (framing_.length == 0) phase_ = phase::ended;
    return {parse_event::body, body.size(), bytes_of(body)};
}

parsed message_parser::parse_chunks(std::string_view input) {
    const chunk_decoder::result step = chunks_.decode(input, limits_.chunk_extension_bytes);
    switch (step.what) {
    case chunk_decoder::progress::need_input: return {parse_event::need_input, step.consumed};
    case chunk_decoder::progress::data: return {parse_event::body, step.consumed, bytes_of(step.data)};
    case chunk_decoder::progress::failed: return fail(step.error, step.consumed);
    case chunk_decoder::progress::last_chunk: break;
    }
    phase_ = phase::trailers;
    lines_ = {};
    return parse_trailers(input.substr(step.consumed), step.consumed);
}

parsed message_parser::parse_trailers(std::string_view input, std::size_t before) {
    const line_limits limits{limits_.trailer_bytes, limits_.trailer_bytes, limits_.trailer_fields};
    const line_scanner::result scanned = lines_.scan(input, limits);
    const std::size_t consumed = before + scanned.consumed;
    switch (scanned.error) {
    case parse_error::none: break;
    case parse_error::head_too_large: return fail(parse_error::trailers_too_large, consumed);
    case parse_error::too_many_fields: return fail(parse_error::too_many_trailers, consumed);
    default: return fail(scanned.error, consumed);
    }
    // Nearly always there are none, and all that comes is the empty line.
    const bool is_empty = scanned.is_complete && lines_.lines() == 0;
    if (!is_empty) {
        if (!trailers_) trailers_ = std::make_unique<headers>();
        head_text(*trailers_).append(input.substr(0, scanned.consumed));
    }
    if (!scanned.is_complete) return {parse_event::need_input, consumed};
    if (!is_empty) {
        if (const parse_error error = read_trailers(*trailers_); error != parse_error::none)
            return fail(error, consumed);
    }
    phase_ = after_message();
    return {parse_event::complete, consumed};
}

parse_error request_parser::read_head(const message_limits& limits, message_framing& framing) {
    if (const parse_error error = read_request_head(head_, limits.target_bytes); error != parse_error::none)
        return error;
    return frame_request(head_, framing);
}

void request_parser::release() noexcept {
    head_ = {};
    release_trailers();
}

parse_error response_parser::read_head(const message_limits&, message_framing& framing) {
    if (const parse_error error = read_response_head(head_); error != parse_error::none) return error;
    return frame_response(head_, to_, framing);
}

bool response_parser::is_interim() const noexcept {
    return is_informational(head_.status) && head_.status != status::switching_protocols;
}

void response_parser::expect_response(const method& to) noexcept {
    to_ = request_kind::usual;
    if (to == method::head) to_ = request_kind::head;
    if (to == method::connect) to_ = request_kind::connect;
    await_message();
}

void response_parser::release() noexcept {
    head_ = {};
    release_trailers();
}

}  // namespace torus::inline v0::http
