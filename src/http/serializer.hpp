// src/http/serializer.hpp: heads and chunks as they go over the wire.
#pragma once

#include "torus/http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace torus::inline v0::http {

/// How the body of a message that is sent will end.
enum class framing_kind : std::uint8_t {
    none,         // no body, and no word about one; a Content-Length that is there stays (HEAD, 304)
    length,       // Content-Length
    chunked,      // Transfer-Encoding: chunked
    until_close,  // by closing; responses only, for clients of HTTP/1.0
};

struct body_framing {
    framing_kind kind = framing_kind::none;
    std::uint64_t length = 0;  // for framing_kind::length
};

/// Both append the head to `out`, with the field that announces the body: Content-Length, Transfer-Encoding, or
/// Connection: close.
///
/// @throws std::invalid_argument  for a message that would be misread: a target or reason with a space or line end in
///     the wrong place, a Content-Length that contradicts the framing, a Transfer-Encoding of the caller's, a body where
///     the status allows none, chunks in HTTP/1.0, not exactly one Host in HTTP/1.1. Nothing has been appended then.
void append_head(std::string& out, const request_head& head, body_framing body);
/// @param date  becomes the field Date, if the head has none; nothing if it is empty
void append_head(std::string& out, const response_head& head, body_framing body, std::string_view date = {});

/// What goes before a chunk's data, which must not be empty. Behind the data goes `chunk_end`.
void append_chunk_start(std::string& out, std::size_t size);
inline constexpr std::string_view chunk_end = "\r\n";

/// What goes behind the last chunk.
///
/// @throws std::invalid_argument  if a trailer is a field that decides about framing, routing or access (RFC 9110, 6.5.1)
void append_body_end(std::string& out, const headers& trailers = {});

}  // namespace torus::inline v0::http
