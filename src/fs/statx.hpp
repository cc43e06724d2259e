// src/fs/statx.hpp: asking statx(2), for whoever knows a descriptor or a path.
#pragma once

#include <string>

#include <torus/core/async.hpp>
#include <torus/fs/status.hpp>

namespace torus::inline v0::fs {

/// Of `name` in a directory, or of the descriptor itself. `path` is what the error names.
/// @cancel nothing has happened
async<file_status> status_of(int descriptor, std::string name, const char* tried, std::string path, int flags);

/// What the kernel's mode word says.
kind kind_of(unsigned mode) noexcept;

}  // namespace torus::inline v0::fs
