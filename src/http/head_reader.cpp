// src/http/head_reader.cpp: llhttp over a whole head, between checks of our own.
#include "http/head_reader.hpp"

#include "http/authority.hpp"
#include "http/grammar.hpp"
#include "http/head_text.hpp"
#include "torus/http/token.hpp"
#include "torus/http/url.hpp"

#include <algorithm>
#include <new>

#include <llhttp.h>

namespace torus::inline v0::http {
namespace {

// What llhttp reports while it walks over a head. It has the head in one piece, so each part comes in one piece too.
struct findings {
    head_text fields;
    std::string_view target;
    std::string_view reason;
    std::string_view name;
    std::string_view value;
    bool has_empty_name = false;  // which llhttp 8 takes
    bool is_out_of_memory = false;
};

findings& found_by(llhttp_t* parser) noexcept { return *static_cast<findings*>(parser->data); }

int on_target(llhttp_t* parser, const char* at, std::size_t size) noexcept {
    found_by(parser).target = {at, size};
    return HPE_OK;
}

int on_reason(llhttp_t* parser, const char* at, std::size_t size) noexcept {
    found_by(parser).reason = {at, size};
    return HPE_OK;
}

int on_name(llhttp_t* parser, const char* at, std::size_t size) noexcept {
    findings& found = found_by(parser);
    found.name = {at, size};
    found.value = {at + size, 0};
    return HPE_OK;
}

int on_value(llhttp_t* parser, const char* at, std::size_t size) noexcept {
    found_by(parser).value = trimmed({at, size});
    return HPE_OK;
}

int on_field(llhttp_t* parser) noexcept {
    findings& found = found_by(parser);
    found.has_empty_name = found.name.empty();
    if (found.has_empty_name) return HPE_USER;
    try {
        found.fields.add(found.name, found.value);
        return HPE_OK;
    } catch (const std::bad_alloc&) {  // must not fly through C
        found.is_out_of_memory = true;
        return HPE_USER;
    }
}

// What follows is our business: see framing.cpp and chunk_decoder.cpp.
int on_head(llhttp_t*) noexcept { return HPE_PAUSED; }

const llhttp_settings_t settings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_url = on_target;
    s.on_status = on_reason;
    s.on_header_field = on_name;
    s.on_header_value = on_value;
    s.on_header_value_complete = on_field;
    s.on_headers_complete = on_head;
    return s;
}();

// llhttp has one error for all that can be wrong with a field; the line says which it is.
parse_error diagnosed_field(std::string_view text, const char* at) noexcept {
    const auto offset = std::min<std::size_t>(static_cast<std::size_t>(at - text.data()), text.size());
    const std::size_t line_end = text.substr(0, offset).rfind('\n');
    std::string_view line = text.substr(line_end == std::string_view::npos ? 0 : line_end + 1);
    line = line.substr(0, line.find('\r'));
    const std::string_view name = line.substr(0, line.find(':'));
    if (is_token(name) && name.size() < line.size()) return parse_error::bad_field_value;
    const bool space = !name.empty() && is_blank(name.back()) && is_token(trimmed(name)) && name.size() < line.size();
    return space ? parse_error::space_before_colon : parse_error::bad_field_name;
}

parse_error translated(llhttp_errno_t error, std::string_view text, const char* at) noexcept {
    switch (error) {
    case HPE_PAUSED: return parse_error::none;
    case HPE_INVALID_METHOD: return parse_error::unknown_method;
    case HPE_INVALID_CONSTANT: return parse_error::unknown_method;  // a method of RTSP; our check saw "HTTP/"
    case HPE_INVALID_URL: return parse_error::bad_target;
    case HPE_INVALID_VERSION: return parse_error::bad_version;
    case HPE_INVALID_STATUS: return parse_error::bad_status_line;
    case HPE_UNEXPECTED_SPACE: return parse_error::folded_line;
    case HPE_INVALID_CONTENT_LENGTH: return parse_error::bad_content_length;
    case HPE_INVALID_TRANSFER_ENCODING: return parse_error::bad_transfer_encoding;
    case HPE_INVALID_HEADER_TOKEN: return diagnosed_field(text, at);
    default: return parse_error::unrecognised;
    }
}

// The one error whose meaning depends on the state: a second Content-Length, or one beside Transfer-Encoding.
parse_error about_length(const llhttp_t& parser) noexcept {
    return (parser.flags & F_TRANSFER_ENCODING) != 0 ? parse_error::length_and_encoding
                                                     : parse_error::duplicate_content_length;
}

// Lets llhttp read the head; afterwards `parser` knows method and status, `found` the rest.
parse_error walk(llhttp_type_t type, llhttp_t& parser, findings& found) {
    const std::string_view text = found.fields.text();
    llhttp_init(&parser, type, &settings);
    parser.data = &found;
    const llhttp_errno_t error = llhttp_execute(&parser, text.data(), text.size());
    if (found.is_out_of_memory) throw std::bad_alloc();
    if (found.has_empty_name) return parse_error::bad_field_name;
    if (error == HPE_UNEXPECTED_CONTENT_LENGTH) return about_length(parser);
    return translated(error, text, llhttp_get_error_pos(&parser));
}

std::string_view first_line(std::string_view text) noexcept { return text.substr(0, text.find('\r')); }

// "HTTP/1.1", and nothing else that llhttp would take for it.
parse_error read_version(std::string_view text, version& found) noexcept {
    if (text.size() != 8 || !text.starts_with("HTTP/") || !is_digit(text[5]) || text[6] != '.' || !is_digit(text[7]))
        return parse_error::bad_version;
    if (text[5] != '1' || text[7] > '1') return parse_error::unsupported_version;
    found = text[7] == '0' ? version::http_1_0 : version::http_1_1;
    return parse_error::none;
}

// The four forms of RFC 9112, section 3.2, as far as llhttp is too generous with them.
bool is_target_for(const method& verb, std::string_view target) {
    if (verb == method::connect) return is_connect_target(target);
    if (target.find('#') != std::string_view::npos) return false;  // a fragment stays with the client
    if (target.starts_with('/')) return true;
    if (target.starts_with('*')) return target == "*" && verb == method::options;
    const auto absolute = url::parse(target);
    return absolute && absolute->kind() != host_kind::none && !absolute->user_info();
}

// method SP target SP version: one space each, nothing missing.
parse_error check_request_line(std::string_view line, request_head& head) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return parse_error::bad_request_line;
    const std::string_view verb = line.substr(0, first);
    if (!is_token(verb) || line.find(' ', first + 1) != last || last == first + 1) return parse_error::bad_request_line;
    if (line == "PRI * HTTP/2.0") return parse_error::http2_preface;
    if (const parse_error error = read_version(line.substr(last + 1), head.version); error != parse_error::none)
        return error;
    const auto known = method::parse(verb);
    if (!known || verb == "PRI") return parse_error::unknown_method;  // llhttp would wait for the rest of a preface
    head.method = *known;
    return parse_error::none;
}

// version SP 3DIGIT [SP reason]
parse_error check_status_line(std::string_view line, response_head& head) noexcept {
    const std::string_view version = line.substr(0, line.find(' '));
    if (!version.starts_with("HTTP/")) return parse_error::bad_status_line;
    if (const parse_error error = read_version(version, head.version); error != parse_error::none) return error;
    const std::string_view rest = line.substr(version.size());
    if (rest.size() < 4 || !is_digit(rest[1]) || !is_digit(rest[2]) || !is_digit(rest[3]) || rest[1] == '0' ||
        (rest.size() > 4 && rest[4] != ' '))
        return parse_error::bad_status_line;
    return parse_error::none;
}

}  // namespace

parse_error read_request_head(request_head& head, std::uint32_t target_bytes) {
    llhttp_t parser;
    findings found{head_text(head.headers), {}, {}, {}, {}};
    parse_error error = check_request_line(first_line(found.fields.text()), head);
    if (error == parse_error::none) error = walk(HTTP_REQUEST, parser, found);
    if (error != parse_error::none) return error;
    if (found.target.size() > target_bytes) return parse_error::start_line_too_long;
    if (!is_target_for(head.method, found.target)) return parse_error::bad_target;
    head.target = found.target;
    return parse_error::none;
}

parse_error read_response_head(response_head& head) {
    llhttp_t parser;
    findings found{head_text(head.headers), {}, {}, {}, {}};
    parse_error error = check_status_line(first_line(found.fields.text()), head);
    if (error == parse_error::none) error = walk(HTTP_RESPONSE, parser, found);
    if (error != parse_error::none) return error;
    head.status = llhttp_get_status_code(&parser);
    head.reason = found.reason;
    return parse_error::none;
}

parse_error read_trailers(headers& trailers) {
    head_text fields(trailers);
    std::string_view rest = fields.text();
    for (std::size_t end; (end = rest.find('\r')) > 0 && end != std::string_view::npos; rest.remove_prefix(end + 2)) {
        const std::string_view line = rest.substr(0, end);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
            return diagnosed_field(line, line.data());
        fields.add(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    }
    return parse_error::none;
}

}  // namespace torus::inline v0::http
