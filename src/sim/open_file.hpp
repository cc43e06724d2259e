// src/sim/open_file.hpp: what a descriptor of a simulated file stands for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/inode.hpp"

#include <fcntl.h>

namespace torus::inline v0::sim {

/// An open file description, as open(2) calls it: descriptors that were duplicated share it.
struct open_file : std::enable_shared_from_this<open_file> {
    open_file(std::shared_ptr<inode> opened, int how) : of(std::move(opened)), flags(how) {}

    bool is_readable() const noexcept { return (flags & O_ACCMODE) != O_WRONLY; }
    bool is_writable() const noexcept { return (flags & O_ACCMODE) != O_RDONLY; }

    struct entry {
        std::string name;
        std::uint64_t number = 0;
        unsigned mode = 0;
    };

    const std::shared_ptr<inode> of;
    const int flags;
    std::uint64_t position = 0;
    std::vector<entry> listing;  // what has not been listed yet, the next one last
    bool is_listed = false;
    int descriptors = 0;
};

}  // namespace torus::inline v0::sim
