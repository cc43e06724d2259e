// src/fs/status.cpp: statx(2) in our words.
#include <torus/fs/status.hpp>

#include <torus/fs/error.hpp>

#include "fs/request.hpp"
#include "fs/statx.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace torus::inline v0::fs {

namespace {

constexpr unsigned what_is_asked = STATX_BASIC_STATS | STATX_BTIME;

file_time time_of(const statx_timestamp& stamp) noexcept {
    return file_time(std::chrono::seconds(stamp.tv_sec) + std::chrono::nanoseconds(stamp.tv_nsec));
}

file_status translate(const struct statx& answer) noexcept {
    constexpr std::uint64_t block = 512;  // bytes: statx(2)
    file_status status;
    status.kind = kind_of(answer.stx_mode);
    status.permissions = answer.stx_mode & 07777U;
    status.size = answer.stx_size;
    status.allocated = answer.stx_blocks * block;
    status.device = makedev(answer.stx_dev_major, answer.stx_dev_minor);
    status.inode = answer.stx_ino;
    status.links = answer.stx_nlink;
    status.owner = answer.stx_uid;
    status.group = answer.stx_gid;
    status.modified = time_of(answer.stx_mtime);
    status.accessed = time_of(answer.stx_atime);
    status.changed = time_of(answer.stx_ctime);
    if (answer.stx_mask & STATX_BTIME) status.created = time_of(answer.stx_btime);
    return status;
}

async<std::int32_t> ask(int descriptor, const char* name, int flags, struct statx* answer) {
    request asking(verb::status, descriptor, name, what_is_asked, static_cast<unsigned>(flags));
    asking.second = answer;
    co_return co_await std::move(asking);
}

}  // namespace

kind kind_of(unsigned mode) noexcept {
    switch (mode & S_IFMT) {
    case S_IFREG: return kind::file;
    case S_IFDIR: return kind::directory;
    case S_IFLNK: return kind::symlink;
    case S_IFCHR: return kind::character_device;
    case S_IFBLK: return kind::block_device;
    case S_IFIFO: return kind::fifo;
    case S_IFSOCK: return kind::socket;
    default: return kind::unknown;
    }
}

async<file_status> status_of(int descriptor, std::string name, const char* tried, std::string path, int flags) {
    require_disk(tried, path);
    struct statx answer{};
    std::int32_t outcome = co_await ask(descriptor, name.c_str(), flags, &answer);
    if (outcome == -ECANCELED) outcome = -EBADF;  // closed meanwhile
    check(outcome, tried, path);
    co_return translate(answer);
}

async<file_status> status(std::string path) {
    std::string name = path;
    return status_of(AT_FDCWD, std::move(name), "status", std::move(path), 0);
}

async<file_status> link_status(std::string path) {
    std::string name = path;
    return status_of(AT_FDCWD, std::move(name), "status", std::move(path), AT_SYMLINK_NOFOLLOW);
}

async<bool> exists(std::string path) {
    require_disk("status", path);
    struct statx answer{};
    const std::int32_t outcome = co_await ask(AT_FDCWD, path.c_str(), 0, &answer);
    if (outcome == -ENOENT || outcome == -ENOTDIR) co_return false;
    check(outcome, "status", path);
    co_return true;
}

}  // namespace torus::inline v0::fs
