// torus/http/coding.hpp: the ways a body can be compressed, and which of them both sides want.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace torus::inline v0::http {

enum class content_coding : std::uint8_t { identity, gzip, deflate, br, zstd };

/// Its name in Content-Encoding: "gzip".
std::string_view to_string(content_coding coding) noexcept;

/// The coding of that name, in any case; "x-gzip" is gzip. Nothing if torus does not know it.
std::optional<content_coding> content_coding_of(std::string_view name) noexcept;

/// What a client of torus says it takes.
inline constexpr std::string_view accepted_codings = "gzip, deflate, br, zstd";

/// Chooses the coding of a response (RFC 9110, section 12.5.3).
///
/// @param accept_encoding  the request's field; empty if it has none, which means: don't compress
/// @param offered          what the server can do, best first; identity need not be among them
/// @return the offered one the client likes best, the first of them if it likes several as much; identity if it
///         takes none of them; nothing if it refuses identity too
std::optional<content_coding> negotiate_coding(std::string_view accept_encoding,
                                               std::span<const content_coding> offered) noexcept;

}  // namespace torus::inline v0::http
