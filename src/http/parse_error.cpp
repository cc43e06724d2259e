// src/http/parse_error.cpp: what to say about a broken message.
#include "http/parse_error.hpp"

#include "torus/http/status.hpp"

#include <array>
#include <cstddef>

namespace torus::inline v0::http {
namespace {

constexpr std::array<std::string_view, 38> words = {
    "nothing is wrong",
    "the stream ended inside a message",
    "its head is too large",
    "it has too many fields",
    "its first line is too long",
    "a carriage return without a line feed",
    "a line feed without a carriage return",
    "a control character in its head",
    "a field that goes on in the next line",
    "malformed request line",
    "malformed HTTP version",
    "a version of HTTP other than 1.0 and 1.1",
    "it begins an HTTP/2 connection",
    "unknown method",
    "malformed request target",
    "malformed status line",
    "a field name that is no token",
    "a space between a field's name and its colon",
    "a field value with a character that may not be there",
    "an HTTP/1.1 request without Host",
    "more than one Host",
    "a Host that names no host",
    "a Content-Length that is no number",
    "more than one Content-Length",
    "Content-Length and Transfer-Encoding together",
    "a Transfer-Encoding that doesn't end in chunked",
    "a transfer coding other than chunked",
    "Transfer-Encoding in an HTTP/1.0 message",
    "malformed chunk size",
    "a chunk size beyond all measure",
    "malformed chunk extension",
    "its chunk extensions are too long",
    "a chunk longer than its size",
    "its trailers are too large",
    "it has too many trailers",
    "too many interim responses",
    "bytes that belong to no response",
    "the end of its head was not recognised",
};
static_assert(words.size() == static_cast<std::size_t>(parse_error::unrecognised) + 1);

}  // namespace

std::string_view to_string(parse_error error) noexcept { return words[static_cast<std::size_t>(error)]; }

int status_of(parse_error error) noexcept {
    switch (error) {
    case parse_error::head_too_large:
    case parse_error::too_many_fields:
    case parse_error::trailers_too_large:
    case parse_error::too_many_trailers: return status::request_header_fields_too_large;
    case parse_error::start_line_too_long: return status::uri_too_long;
    case parse_error::chunk_size_overflow: return status::content_too_large;
    case parse_error::unknown_method:
    case parse_error::unsupported_transfer_encoding: return status::not_implemented;
    case parse_error::unsupported_version:
    case parse_error::http2_preface: return status::http_version_not_supported;
    case parse_error::unrecognised: return status::internal_server_error;
    default: return status::bad_request;
    }
}

}  // namespace torus::inline v0::http
