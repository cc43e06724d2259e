// cli/serve.hpp: the subcommand serve.
#pragma once

#include "cli/serve/options.hpp"

namespace torus::inline v0::cli {

/// Carries out `torus serve`: until a signal ends it.
/// @return the exit status
int serve(const serve_options& options);

}  // namespace torus::inline v0::cli
