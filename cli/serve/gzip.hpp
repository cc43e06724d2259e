// cli/serve/gzip.hpp: a text, compressed.
#pragma once

#include <string>
#include <string_view>

namespace torus::inline v0::cli {

/// The text as `gzip -9` would have it.
std::string gzipped(std::string_view text);

}  // namespace torus::inline v0::cli
