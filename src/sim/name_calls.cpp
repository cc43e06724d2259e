// src/sim/name_calls.cpp: what may be done with names, and what Linux says where it may not.
#include "sim/name_calls.hpp"

#include <cerrno>
#include <climits>
#include <memory>
#include <string>

#include <stdio.h>

namespace torus::inline v0::sim {

namespace {

bool lies_within(const inode& one, const inode& directory) noexcept {
    for (const inode* each = &one; each; each = each->parent == each ? nullptr : each->parent)
        if (each == &directory) return true;
    return false;
}

/// Whether `moved` may take the place of what is there.
int may_replace(const inode& moved, const place& to) {
    if (moved.is_directory() && !to.found->is_directory()) return -ENOTDIR;
    if (!moved.is_directory() && to.found->is_directory()) return -EISDIR;
    return to.found->entries.empty() ? 0 : -ENOTEMPTY;
}

}  // namespace

int may_be_made(const place& at, bool directory) noexcept {
    if (at.error != 0) return at.error;
    if (at.found) return -EEXIST;
    if (at.ends_with_slash && !directory) return -ENOENT;
    return at.directory->names > 0 ? 0 : -ENOENT;
}

int make_directory(disk& on, const place& at, unsigned mode) {
    if (const int refused = may_be_made(at, true); refused != 0) return refused;
    on.add_name(*at.directory, at.name, on.make(S_IFDIR | (unmasked(mode) & 01777U)));
    return 0;
}

int unlink(disk& on, const place& at) {
    if (at.error == 0 && !at.dots.empty()) return -EISDIR;
    if (const int missing = at.existing(); missing != 0) return missing;
    if (at.found->is_directory()) return -EISDIR;
    on.remove_name(*at.directory, at.name);
    return 0;
}

int remove_directory(disk& on, const place& at) {
    if (at.error == 0 && !at.dots.empty()) return at.dots == "/" ? -EBUSY : at.dots == "." ? -EINVAL : -ENOTEMPTY;
    if (const int missing = at.existing(); missing != 0) return missing;
    if (!at.found->is_directory()) return -ENOTDIR;
    if (!at.found->entries.empty()) return -ENOTEMPTY;
    on.remove_name(*at.directory, at.name);
    return 0;
}

int rename(disk& on, const place& from, const place& to, unsigned flags) {
    if (from.error != 0) return from.error;
    if (to.error != 0) return to.error;
    if ((flags & ~static_cast<unsigned>(RENAME_NOREPLACE)) != 0) return -EINVAL;
    if (!from.dots.empty()) return -EBUSY;
    if (!to.dots.empty()) return flags != 0 ? -EEXIST : -EBUSY;
    if (!from.found) return -ENOENT;
    if (to.found && flags != 0) return -EEXIST;
    if (!from.found->is_directory() && (from.ends_with_slash || to.ends_with_slash)) return -ENOTDIR;
    if (lies_within(*to.directory, *from.found)) return -EINVAL;
    if (to.found && to.found != from.found && lies_within(*from.directory, *to.found)) return -ENOTEMPTY;
    if (to.directory->names == 0) return -ENOENT;
    if (to.found == from.found) return 0;
    if (const int refused = to.found ? may_replace(*from.found, to) : 0; refused != 0) return refused;
    on.rename(*from.directory, from.name, *to.directory, to.name);
    return 0;
}

int link(disk& on, const place& target, const place& at) {
    if (const int missing = target.existing(); missing != 0) return missing;
    if (const int refused = may_be_made(at, false); refused != 0) return refused;
    if (target.found->is_directory()) return -EPERM;
    on.add_name(*at.directory, at.name, target.found);
    return 0;
}

int make_symlink(disk& on, std::string_view target, const place& at) {
    if (target.empty()) return -ENOENT;
    if (target.size() >= PATH_MAX) return -ENAMETOOLONG;
    if (const int refused = may_be_made(at, false); refused != 0) return refused;
    std::shared_ptr<inode> made = on.make(S_IFLNK | 0777);
    made->target = target;
    on.add_name(*at.directory, at.name, std::move(made));
    return 0;
}

int remove_tree(disk& on, const place& at) {
    if (const int missing = at.existing(); missing != 0) return missing == -ENOENT ? 0 : missing;
    if (!at.dots.empty()) return -EBUSY;
    while (!at.found->entries.empty()) {
        const auto& [name, below] = *at.found->entries.begin();
        const int outcome = remove_tree(on, {.directory = at.found, .name = name, .found = below});
        if (outcome != 0) return outcome;
    }
    on.remove_name(*at.directory, at.name);
    return 0;
}

}  // namespace torus::inline v0::sim
