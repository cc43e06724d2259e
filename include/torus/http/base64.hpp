// torus/http/base64.hpp: bytes as 64 harmless characters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace torus::inline v0::http {

/// The usual alphabet, with padding (RFC 4648, section 4).
std::string base64_encode(std::string_view bytes);

/// Nothing if it isn't what `base64_encode` returns for some bytes: padding is required, line ends are not skipped.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace torus::inline v0::http
