// src/process/program.hpp: where a program lies.
#pragma once

#include <string>

#include "process/spawn.hpp"

namespace torus::inline v0 {

/// A path to execute from the child's working directory, or why there is none.
class found_program {
public:
    std::string path;
    int error = 0;
};

/// Looks for a name without a slash in the folders of the child's PATH, as execvp(3) does.
found_program find_program(const spawn_request& request);

}  // namespace torus::inline v0
