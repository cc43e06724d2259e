// torus/http/percent.hpp: percent-encoding, "a b" to "a%20b" and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace torus::inline v0::http {

/// Where the encoded text is to stand, which decides what must be encoded.
enum class url_part : std::uint8_t {
    component,  // anywhere: only letters, digits and -._~ stay
    path,       // a whole path: '/' stays, and so do escapes that are there
    query,      // a whole query: '&', '=', '?' and '/' stay, and so do escapes that are there
};

/// Encodes what must not stand in that part of a URL.
///
///     percent_encode("50% & more");                        // 50%25%20%26%20more
///     percent_encode("/a b/%41", url_part::path);          // /a%20b/%41
std::string percent_encode(std::string_view text, url_part part = url_part::component);

/// The text behind its escapes; nothing if a '%' isn't followed by two hexadecimal digits.
///
/// The result may be any bytes, NUL and line ends too.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace torus::inline v0::http
