// torus/http/mime.hpp: what a file is, by the end of its name.
#pragma once

#include <string_view>

namespace torus::inline v0::http {

/// The value for Content-Type, with `charset=utf-8` for text: "text/html; charset=utf-8" for "index.HTML".
///
/// @param file_name  a name or a whole path; only what follows the last dot of its last part counts
/// @return "application/octet-stream" if the extension is unknown or missing
std::string_view mime_type(std::string_view file_name) noexcept;

}  // namespace torus::inline v0::http
