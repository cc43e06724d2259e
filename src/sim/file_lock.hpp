// src/sim/file_lock.hpp: the locks on a simulated file.
#pragma once

#include <algorithm>
#include <cerrno>
#include <vector>

#include <sys/file.h>

namespace torus::inline v0::sim {

struct open_file;

/// Who has the file locked, as flock(2) does it: one alone, or any number together.
class file_lock {
public:
    /// Locks it for `who`, in place of the lock that he has. 0, or -EWOULDBLOCK.
    int take(const open_file& who, bool alone) {
        const auto others = holders_.size() - static_cast<std::size_t>(std::ranges::count(holders_, &who));
        if (others > 0 && (alone || alone_)) return -EWOULDBLOCK;
        drop(who);
        holders_.push_back(&who);
        alone_ = alone;
        return 0;
    }
    void drop(const open_file& who) noexcept { std::erase(holders_, &who); }

private:
    std::vector<const open_file*> holders_;
    bool alone_ = false;
};

}  // namespace torus::inline v0::sim
