// src/sim/inode.hpp: a file, a directory or a symbolic link of a simulated disk: as it is now, and as the disk has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <torus/core/clock.hpp>

#include "sim/content.hpp"
#include "sim/file_lock.hpp"

#include <sys/stat.h>

namespace torus::inline v0::sim {

struct inode;

/// Names in a directory.
using name_map = std::map<std::string, std::shared_ptr<inode>, std::less<>>;

/// What is known of a file apart from its names and its bytes.
struct attributes {
    unsigned mode = 0;  // kind and permissions, as in stat(2)
    std::uint32_t owner = 0;
    std::uint32_t group = 0;
    time_point modified{};
    time_point accessed{};
    time_point changed{};
};

/// Bytes written at `at`; or, without any, cut or grown to that size.
struct file_change {
    std::uint64_t at = 0;
    std::vector<std::byte> bytes;
};

struct inode : std::enable_shared_from_this<inode> {
    inode(std::uint64_t called, const attributes& made) : number(called), now(made), durable(made) {}

    bool is_directory() const noexcept { return S_ISDIR(now.mode); }
    bool is_file() const noexcept { return S_ISREG(now.mode); }
    bool is_link() const noexcept { return S_ISLNK(now.mode); }
    bool is_in_use() const noexcept { return names > 0 || opens > 0; }

    const std::uint64_t number;
    attributes now;
    attributes durable;
    const time_point created = now.changed;
    std::uint64_t names = 0;  // in directories
    std::uint64_t opens = 0;  // by programs

    // Of files.
    content bytes;
    content durable_bytes;
    file_lock lock;
    std::vector<file_change> unsynced;

    // Of symbolic links.
    std::string target;

    // Of directories.
    name_map entries;
    name_map durable_entries;
    inode* parent = nullptr;  // while it has a name, which is this
    std::string name;
};

}  // namespace torus::inline v0::sim
