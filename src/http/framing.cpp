// src/http/framing.cpp: the fields that decide about the connection, read strictly.
#include "http/framing.hpp"

#include "http/authority.hpp"
#include "http/grammar.hpp"
#include "torus/http/token.hpp"

#include <optional>

namespace torus::inline v0::http {
namespace {

// What a walk over the fields found.
struct facts {
    std::optional<std::uint64_t> length;
    std::optional<std::string_view> host;
    bool has_two_hosts = false;
    bool has_encoding = false;
    bool ends_in_chunked = false;
    bool has_other_coding = false;
    bool close = false;
    bool keep_alive = false;
    bool connection_upgrade = false;
    bool upgrade = false;
    bool expect_continue = false;
};

parse_error note_length(std::string_view value, facts& found) {
    if (found.length) return parse_error::duplicate_content_length;
    found.length = parse_decimal(value);
    // The top bit stays free, so that whoever computes with a length in a signed number gets no surprise.
    if (!found.length || *found.length > INT64_MAX) return parse_error::bad_content_length;
    return parse_error::none;
}

parse_error note_encoding(std::string_view list, facts& found) {
    found.has_encoding = true;
    for (std::string_view coding; take_member(list, coding);) {
        if (coding.empty() || found.ends_in_chunked) return parse_error::bad_transfer_encoding;
        if (equals_ignoring_case(coding, "chunked")) found.ends_in_chunked = true;
        else found.has_other_coding = true;
    }
    return parse_error::none;
}

void note_connection(std::string_view list, facts& found) {
    for (std::string_view option; take_member(list, option);) {
        if (equals_ignoring_case(option, "close")) found.close = true;
        else if (equals_ignoring_case(option, "keep-alive")) found.keep_alive = true;
        else if (equals_ignoring_case(option, "upgrade")) found.connection_upgrade = true;
    }
}

// One comparison for most fields: that of the size.
parse_error note(field f, facts& found) {
    const auto is = [&](std::string_view name) { return equals_ignoring_case(f.name, name); };
    switch (f.name.size()) {
    case 4:
        if (!is("host")) break;
        found.has_two_hosts |= found.host.has_value();
        found.host = f.value;
        break;
    case 6:
        if (is("expect")) found.expect_continue = equals_ignoring_case(f.value, "100-continue");
        break;
    case 7:
        if (is("upgrade")) found.upgrade = true;
        break;
    case 10:
        if (is("connection")) note_connection(f.value, found);
        break;
    case 14:
        if (is("content-length")) return note_length(f.value, found);
        break;
    case 17:
        if (is("transfer-encoding")) return note_encoding(f.value, found);
        break;
    default: break;
    }
    return parse_error::none;
}

parse_error walk(const headers& fields, version v, facts& found) {
    for (const field f : fields)
        if (const parse_error error = note(f, found); error != parse_error::none) return error;
    if (!found.has_encoding) return parse_error::none;
    if (found.length) return parse_error::length_and_encoding;
    if (!found.ends_in_chunked) return parse_error::bad_transfer_encoding;
    if (found.has_other_coding) return parse_error::unsupported_transfer_encoding;
    return v == version::http_1_0 ? parse_error::encoding_in_http_1_0 : parse_error::none;
}

// Host decides who answers, so two opinions about it are one too many (RFC 9112, section 3.2).
parse_error judge_host(const facts& found, version v) {
    if (found.has_two_hosts) return parse_error::duplicate_host;
    if (!found.host) return v == version::http_1_1 ? parse_error::missing_host : parse_error::none;
    return is_host_field(*found.host) ? parse_error::none : parse_error::bad_host;
}

bool stays_open(const facts& found, version v) noexcept {
    return !found.close && (v == version::http_1_1 || found.keep_alive);
}

}  // namespace

parse_error frame_request(const request_head& head, message_framing& framing) {
    facts found;
    if (const parse_error error = walk(head.headers, head.version, found); error != parse_error::none) return error;
    if (const parse_error error = judge_host(found, head.version); error != parse_error::none) return error;
    const bool modern = head.version == version::http_1_1;
    framing = {};
    framing.keep_alive = stays_open(found, head.version);
    framing.upgrade = modern && found.upgrade && found.connection_upgrade;
    framing.expect_continue = modern && found.expect_continue;
    if (found.has_encoding) framing.body = body_kind::chunked;
    else if (found.length) framing.body = body_kind::length;
    framing.length = found.length.value_or(0);
    return parse_error::none;
}

parse_error frame_response(const response_head& head, request_kind to, message_framing& framing) {
    facts found;
    if (const parse_error error = walk(head.headers, head.version, found); error != parse_error::none) return error;
    framing = {};
    framing.keep_alive = stays_open(found, head.version);
    if (head.status == status::switching_protocols || (to == request_kind::connect && is_success(head.status))) {
        framing.body = body_kind::tunnel;
        framing.upgrade = head.status == status::switching_protocols;
        framing.keep_alive = false;
    } else if (to == request_kind::head || has_no_body(head.status)) {
        framing.body = body_kind::none;
    } else if (found.has_encoding) {
        framing.body = body_kind::chunked;
    } else if (found.length) {
        framing.body = body_kind::length;
        framing.length = *found.length;
    } else {
        framing.body = body_kind::until_close;
        framing.keep_alive = false;
    }
    return parse_error::none;
}

}  // namespace torus::inline v0::http
