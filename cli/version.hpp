// cli/version.hpp: what --version shows.
#pragma once

#include <string>

namespace torus::inline v0::cli {

/// This build: the version, the compiler, the backend that would be chosen here, and the libraries in use.
std::string version_report();

}  // namespace torus::inline v0::cli
