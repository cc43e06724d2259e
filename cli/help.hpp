// cli/help.hpp: what --help shows.
#pragma once

#include <string>
#include <string_view>

namespace torus::inline v0::cli {

extern const std::string_view torus_help;
extern const std::string_view fetch_help;
extern const std::string_view serve_help;
extern const std::string_view breakfast_help;

/// A text for standard output: headings, which are lines that begin in the first column and end with a colon, are bold
/// where the terminal can show that.
std::string styled_help(std::string_view text);

}  // namespace torus::inline v0::cli
