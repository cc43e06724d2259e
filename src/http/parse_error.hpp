// src/http/parse_error.hpp: the ways a peer can break HTTP/1.1's rules.
#pragma once

#include <cstdint>
#include <string_view>

namespace torus::inline v0::http {

/// Why a message was refused. After any of these the connection is of no more use: where the next message begins is
/// anybody's guess, and guessing is how requests are smuggled.
enum class parse_error : std::uint8_t {
    none,
    truncated,                  // the stream ended inside a message
    head_too_large,
    too_many_fields,
    start_line_too_long,
    bare_cr,                    // a carriage return without its line feed
    bare_lf,                    // a line feed without its carriage return
    control_character,
    folded_line,                // a field that goes on in the next line (obs-fold)
    bad_request_line,
    bad_version,
    unsupported_version,
    http2_preface,              // what an HTTP/2 client says first
    unknown_method,
    bad_target,
    bad_status_line,
    bad_field_name,
    space_before_colon,
    bad_field_value,
    missing_host,
    duplicate_host,
    bad_host,
    bad_content_length,
    duplicate_content_length,
    length_and_encoding,        // Content-Length and Transfer-Encoding: two opinions about where the body ends
    bad_transfer_encoding,      // chunked isn't the last, or is there twice
    unsupported_transfer_encoding,
    encoding_in_http_1_0,
    bad_chunk_size,
    chunk_size_overflow,
    bad_chunk_extension,
    chunk_extensions_too_long,
    bad_chunk_end,              // the chunk's data isn't followed by a line end
    trailers_too_large,
    too_many_trailers,
    too_many_interim_responses,
    unexpected_response,        // bytes from a server that owes none
    unrecognised,               // llhttp sees no complete head where there is one; would be a mistake of ours
};

/// The error in words, to follow "the request was refused: ".
std::string_view to_string(parse_error error) noexcept;

/// The status with which a server refuses such a request.
int status_of(parse_error error) noexcept;

}  // namespace torus::inline v0::http
