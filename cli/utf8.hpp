// cli/utf8.hpp: whether bytes are text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace torus::inline v0::cli {

/// Where the first byte stands that belongs to no well-formed character (RFC 3629: no surrogates, no overlong forms);
/// the size of the text if there is none.
std::size_t utf8_valid_size(std::string_view text) noexcept;

inline bool is_utf8(std::string_view text) noexcept { return utf8_valid_size(text) == text.size(); }

/// The text with U+FFFD for each byte that belongs to no character.
std::string utf8_repaired(std::string_view text);

}  // namespace torus::inline v0::cli
