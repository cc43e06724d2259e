// torus/http/limits.hpp: how much of a message torus is willing to hold, and why that much.
#pragma once

#include <cstddef>
#include <cstdint>

namespace torus::inline v0::http {

/// Bytes of a message head: start line, fields and their line ends. 64 KiB holds a browser's cookies of a lifetime
/// and is what a thousand connections may cost without hurting; nginx has 32 KiB, Node 16 KiB.
inline constexpr std::uint32_t max_head_bytes = 64 * 1024;

/// Fields of a head. Each costs 16 bytes beside its text, and a lookup walks over them; Apache has 100 too.
inline constexpr std::uint32_t max_fields = 100;

/// Bytes of a request target, or of a response's status line. RFC 9112, section 3 asks for at least 8000.
inline constexpr std::uint32_t max_target_bytes = 8 * 1024;

/// Bytes of all chunk extensions of one body. Nobody uses them, but they cost time and never show up in a body's
/// size, so an endless one would pass every other limit (CVE-2024-22019). 16 KiB is Node's answer.
inline constexpr std::uint32_t max_chunk_extension_bytes = 16 * 1024;

/// Bytes and number of the fields after a chunked body: a checksum and a few timings, not another head.
inline constexpr std::uint32_t max_trailer_bytes = 8 * 1024;
inline constexpr std::uint32_t max_trailer_fields = 32;

/// Empty lines forgiven before a request line. RFC 9112, section 2.2 wants at least one; more is no mistake any more.
inline constexpr std::uint8_t max_empty_lines = 4;

/// Interim (1xx) responses before the final one. Some servers send a few early hints; a thousand is an attack.
inline constexpr std::uint8_t max_interim_responses = 16;

/// Content codings on top of each other. One is usual, two are a misconfigured proxy, three are a bomb.
inline constexpr std::size_t max_content_codings = 2;

/// Bytes of a URL. No server takes a target anywhere near that long; it bounds what a list of URLs can make us copy.
inline constexpr std::size_t max_url_bytes = 64 * 1024;

/// Ranges answered in one response; who asks for more gets everything (RFC 9110, section 14.2 allows it).
inline constexpr std::size_t max_ranges = 16;

/// The limits one connection reads its messages with.
struct message_limits {
    std::uint32_t head_bytes = max_head_bytes;
    std::uint32_t fields = max_fields;
    std::uint32_t target_bytes = max_target_bytes;
    std::uint32_t chunk_extension_bytes = max_chunk_extension_bytes;
    std::uint32_t trailer_bytes = max_trailer_bytes;
    std::uint32_t trailer_fields = max_trailer_fields;
};

}  // namespace torus::inline v0::http
