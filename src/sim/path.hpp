// src/sim/path.hpp: from a path to what is there, as path_resolution(7) says.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sim/inode.hpp"

namespace torus::inline v0::sim {

/// Where a path leads.
struct place {
    int error = 0;  // a negative errno; then nothing else is known
    std::shared_ptr<inode> directory = {};
    std::string name = {};  // in that directory; empty for ".", ".." and "/"
    std::shared_ptr<inode> found = {};  // null if nothing is there by that name
    std::string_view dots = {};  // how a path ends that has no name: ".", ".." or "/"
    bool ends_with_slash = false;  // it must be a directory

    /// What is there: or a negative errno.
    int existing() const noexcept;
};

/// What becomes of a symbolic link that the path itself names.
enum class last_link : unsigned char {
    followed,
    created,  // followed, by who may make a file there: EISDIR where a slash comes after it
    itself,  // followed only if a slash comes after it
    only_name,  // not even then, by calls that make, move and remove names
};

/// From `start`, if the path does not begin with a slash.
place find_place(const std::shared_ptr<inode>& root, const std::shared_ptr<inode>& start, std::string_view path,
                 last_link last);

/// The path of a directory from the root; empty if it has been removed.
std::string path_of(const inode& directory, const inode& root);

}  // namespace torus::inline v0::sim
