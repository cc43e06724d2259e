// cli/fetch.hpp: the subcommand fetch.
#pragma once

#include <string>
#include <vector>

#include "cli/fetch/options.hpp"

namespace torus::inline v0::cli {

/// Carries out `torus fetch`.
///
/// @param words  the command line, for saying how to go on
/// @return the exit status
int fetch(const fetch_options& options, const std::vector<std::string>& words);

}  // namespace torus::inline v0::cli
