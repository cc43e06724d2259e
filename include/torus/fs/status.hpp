// torus/fs/status.hpp: what is known of a file without reading it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <torus/core/async.hpp>

namespace torus::inline v0::fs {

/// What a name may stand for.
enum class kind : std::uint8_t { file, directory, symlink, character_device, block_device, fifo, socket, unknown };

using file_time = std::chrono::sys_time<std::chrono::nanoseconds>;

/// What stat(1) shows.
struct file_status {
    fs::kind kind = fs::kind::unknown;
    unsigned permissions = 0;  // 07777 at most
    std::uint64_t size = 0;    // bytes; 0 of many files under /proc, whatever is in them
    std::uint64_t allocated = 0;  // bytes on the disk
    std::uint64_t device = 0;
    std::uint64_t inode = 0;  // with the device, what tells one file from another
    std::uint64_t links = 0;
    std::uint32_t owner = 0;
    std::uint32_t group = 0;
    file_time modified;
    file_time accessed;
    file_time changed;  // anything of it, its permissions too
    std::optional<file_time> created;  // where the file system knows

    bool is_file() const noexcept { return kind == fs::kind::file; }
    bool is_directory() const noexcept { return kind == fs::kind::directory; }
    bool is_symlink() const noexcept { return kind == fs::kind::symlink; }
    bool is_same_file(const file_status& other) const noexcept {
        return device == other.device && inode == other.inode;
    }
};

/// Asks about what `path` stands for; of a symbolic link, about what it leads to.
///
///     const auto size = (co_await fs::status("data.bin")).size;
///
/// @throws fs::error  ENOENT where there is nothing, EACCES where the way there is closed
/// @cancel nothing has happened
/// @source statx(2); os.stat
async<file_status> status(std::string path);

/// The same, but of a symbolic link about itself.
/// @throws fs::error  as status()
/// @cancel nothing has happened
/// @source os.lstat
async<file_status> link_status(std::string path);

/// Whether there is anything; of a symbolic link, where it leads to. It may have changed when this returns: to make sure
/// that a file is new, open it with `mode::create`.
/// @throws fs::error  it can't be told: EACCES, EIO
/// @cancel nothing has happened
/// @source os.path.exists
async<bool> exists(std::string path);

}  // namespace torus::inline v0::fs
