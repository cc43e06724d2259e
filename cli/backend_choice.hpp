// cli/backend_choice.hpp: which backends a command works on that needs a network.
#pragma once

namespace torus::inline v0::cli {

/// @throws std::invalid_argument  the environment asks for one that has no network, or that there isn't
void check_backend_choice();

}  // namespace torus::inline v0::cli
