// src/sim/name_calls.hpp: the system calls on names of a simulated disk, each for places that were found before.
#pragma once

#include <string_view>

#include "sim/disk.hpp"
#include "sim/path.hpp"

namespace torus::inline v0::sim {

/// What the usual umask, 022, leaves of permissions.
constexpr unsigned unmasked(unsigned permissions) noexcept { return permissions & 07755U; }

/// What may be made at a place: 0, or a negative errno.
int may_be_made(const place& at, bool directory) noexcept;

/// @{ As the system calls of these names; 0, or a negative errno.
int make_directory(disk& on, const place& at, unsigned mode);
int unlink(disk& on, const place& at);
int remove_directory(disk& on, const place& at);
int rename(disk& on, const place& from, const place& to, unsigned flags);
int link(disk& on, const place& target, const place& at);
int make_symlink(disk& on, std::string_view target, const place& at);
/// @}

/// With all that is in it.
int remove_tree(disk& on, const place& at);

}  // namespace torus::inline v0::sim
