// src/sim/disk_calls.cpp: descriptors of simulated files, and what is done with them.
#include "sim/disk_calls.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "sim/name_calls.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

namespace torus::inline v0::sim {

namespace {

constexpr std::size_t largest_transfer = 0x7ffff000;  // bytes: MAX_RW_COUNT

/// Where a simulated clock begins, in the calendar: 2000-01-01.
constexpr std::int64_t beginning_of_calendar = 946'684'800;  // seconds since 1970

statx_timestamp stamp_of(time_point when) noexcept {
    constexpr std::int64_t second = 1'000'000'000;
    const std::int64_t since = (when - simulated_beginning).count();
    statx_timestamp stamp{};
    stamp.tv_sec = beginning_of_calendar + since / second;
    stamp.tv_nsec = static_cast<std::uint32_t>(since % second);
    return stamp;
}

std::uint64_t links_of(const inode& one) noexcept {
    if (!one.is_directory() || one.names == 0) return one.names;
    return 2 + static_cast<std::uint64_t>(
                   std::ranges::count_if(one.entries, [](const auto& each) { return each.second->is_directory(); }));
}

void describe(const inode& one, struct statx& answer) noexcept {
    answer = {};
    answer.stx_mask = STATX_BASIC_STATS | STATX_BTIME;
    answer.stx_blksize = content::page_size;
    answer.stx_nlink = static_cast<std::uint32_t>(links_of(one));
    answer.stx_uid = one.now.owner;
    answer.stx_gid = one.now.group;
    answer.stx_mode = static_cast<std::uint16_t>(one.now.mode);
    answer.stx_ino = one.number;
    answer.stx_size = one.is_link() ? one.target.size() : one.is_directory() ? content::page_size : one.bytes.size();
    answer.stx_blocks = one.bytes.room() / 512;
    answer.stx_atime = stamp_of(one.now.accessed);
    answer.stx_btime = stamp_of(one.created);
    answer.stx_ctime = stamp_of(one.now.changed);
    answer.stx_mtime = stamp_of(one.now.modified);
    answer.stx_dev_minor = 1;
}

}  // namespace

// ------------------------------------------------------------------------------------------------------------------
// Operations

bool disk_calls::concerns(const operation& op) const noexcept {
    switch (op.what) {
    case verb::open:
    case verb::status:
    case verb::unlink:
    case verb::make_directory:
    case verb::rename:
    case verb::link:
    case verb::symbolic_link: return true;
    default: return op.descriptor >= first_number;
    }
}

std::int32_t disk_calls::perform(const operation& op) {
    const auto other = static_cast<int>(op.offset);  // the second directory
    switch (op.what) {
    case verb::open: return open(op);
    case verb::status: return status(op);
    case verb::unlink: {
        const place at = find(op.descriptor, op.address, last_link::only_name);
        return op.flags & AT_REMOVEDIR ? remove_directory(*disk_, at) : unlink(*disk_, at);
    }
    case verb::make_directory:
        return make_directory(*disk_, find(op.descriptor, op.address, last_link::only_name),
                              static_cast<unsigned>(op.offset));
    case verb::rename:
        return rename(*disk_, find(op.descriptor, op.address, last_link::only_name),
                      find(other, op.second, last_link::only_name), op.flags);
    case verb::link:
        return link(*disk_, find(op.descriptor, op.address, last_link::itself),
                    find(other, op.second, last_link::only_name));
    case verb::symbolic_link:
        return make_symlink(*disk_, static_cast<const char*>(op.address),
                            find(op.descriptor, op.second, last_link::only_name));
    default: break;
    }
    open_file* const on = find(op.descriptor);
    if (!on) return -EBADF;
    std::uint64_t at = op.offset;
    std::uint64_t* const position = at == current_position ? &on->position : &at;
    switch (op.what) {
    case verb::nop: return 0;
    case verb::read: return static_cast<std::int32_t>(read_at(*on, position, op.address, op.length));
    case verb::write: return static_cast<std::int32_t>(write_at(*on, position, op.address, op.length));
    case verb::sync: return disk_->sync(*on->of);
    case verb::allocate: return allocate(op);
    default: return -ENOTSOCK;
    }
}

/// A program that has been killed finds nothing any more.
open_file* disk_calls::find(int number) const noexcept { return is_silenced_ ? nullptr : open_.find(number); }

place disk_calls::find(int directory, const void* path, last_link last) const {
    if (is_silenced_) return {.error = -EIO};
    const std::string_view name = static_cast<const char*>(path);
    std::shared_ptr<inode> start = disk_->root();
    if (directory != AT_FDCWD && !name.starts_with('/')) {
        const open_file* const opened = find(directory);
        if (!opened) return {.error = -EBADF};
        start = opened->of;
    }
    return find_place(disk_->root(), start, name, last);
}

int disk_calls::add(const std::shared_ptr<open_file>& one) {
    const int number = open_.add(one);
    if (number >= 0 && one->descriptors++ == 0) disk_->opened(*one->of);
    return number;
}

void disk_calls::close(int number) noexcept {
    const std::shared_ptr<open_file> closed = open_.take(number);
    if (!closed || --closed->descriptors > 0) return;
    closed->of->lock.drop(*closed);
    disk_->closed(*closed->of);
}

void disk_calls::close_all() noexcept {
    for (const int each : open_.numbers()) close(each);
    is_silenced_ = false;
}

void disk_calls::forget() noexcept {
    for (const auto& each : open_.places())
        if (each) each->of->lock.drop(*each);
    open_ = {};
    is_silenced_ = true;
}

int disk_calls::open(const operation& op) {
    const auto flags = static_cast<int>(op.flags);
    if ((flags & O_TMPFILE) == O_TMPFILE) return open_unnamed(op);
    const bool creates = (flags & O_CREAT) != 0;
    const bool is_exclusive = creates && (flags & O_EXCL) != 0;
    if (creates && (flags & O_DIRECTORY)) return -EINVAL;
    const bool follows = !is_exclusive && !(flags & O_NOFOLLOW);
    const last_link last = creates ? (follows ? last_link::created : last_link::only_name)
                                   : (follows ? last_link::followed : last_link::itself);
    const place at = find(op.descriptor, op.address, last);
    if (at.error != 0) return at.error;
    if (creates && at.ends_with_slash) return -EISDIR;
    if (at.found && is_exclusive) return -EEXIST;
    if (const int missing = at.existing(); missing != -ENOENT || !creates)
        return missing != 0 ? missing : open_existing(at, flags);
    if (const int refused = may_be_made(at, false); refused != 0) return refused;
    const std::shared_ptr<inode> made = disk_->make(S_IFREG | unmasked(static_cast<unsigned>(op.offset)));
    const int number = add(std::make_shared<open_file>(made, flags));
    if (number >= 0) disk_->add_name(*at.directory, at.name, made);
    return number;
}

/// A file without a name: O_TMPFILE.
int disk_calls::open_unnamed(const operation& op) {
    const place at = find(op.descriptor, op.address, last_link::followed);
    if (const int missing = at.existing(); missing != 0) return missing;
    if (!at.found->is_directory()) return -ENOTDIR;
    if ((op.flags & O_ACCMODE) == O_RDONLY) return -EINVAL;
    const std::shared_ptr<inode> made = disk_->make(S_IFREG | unmasked(static_cast<unsigned>(op.offset)));
    return add(std::make_shared<open_file>(made, static_cast<int>(op.flags) & ~O_TMPFILE));
}

int disk_calls::open_existing(const place& at, int flags) {
    const bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_TRUNC | O_CREAT)) != 0;
    if (at.found->is_link()) return flags & O_DIRECTORY ? -ENOTDIR : -ELOOP;
    if (at.found->is_directory() && writes) return -EISDIR;
    if (!at.found->is_directory() && (flags & O_DIRECTORY)) return -ENOTDIR;
    const int number = add(std::make_shared<open_file>(at.found, flags));
    if (number >= 0 && (flags & O_TRUNC) && at.found->bytes.size() > 0) disk_->resize(*at.found, 0);
    return number;
}

int disk_calls::status(const operation& op) const {
    auto& answer = *static_cast<struct statx*>(op.second);
    const auto* const path = static_cast<const char*>(op.address);
    if (*path == '\0' && (op.flags & AT_EMPTY_PATH)) {
        const open_file* const opened = find(op.descriptor);
        if (!opened) return -EBADF;
        describe(*opened->of, answer);
        return 0;
    }
    const bool follows = !(op.flags & AT_SYMLINK_NOFOLLOW);
    const place at = find(op.descriptor, path, follows ? last_link::followed : last_link::itself);
    if (at.existing() == 0) describe(*at.found, answer);
    return at.existing();
}

std::int64_t disk_calls::read_at(open_file& from, std::uint64_t* position, void* into, std::size_t size) {
    if (!from.is_readable()) return -EBADF;
    if (from.of->is_directory()) return -EISDIR;
    const std::span bytes(static_cast<std::byte*>(into), std::min(size, largest_transfer));
    const std::int64_t count = disk_->read(*from.of, *position, bytes);
    if (count > 0) *position += static_cast<std::uint64_t>(count);
    return count;
}

std::int64_t disk_calls::write_at(open_file& to, std::uint64_t* position, const void* bytes, std::size_t size) {
    if (!to.is_writable()) return -EBADF;
    if (to.flags & O_APPEND) *position = to.of->bytes.size();
    const std::span all(static_cast<const std::byte*>(bytes), std::min(size, largest_transfer));
    if (*position > INT64_MAX - all.size()) return -EFBIG;
    const std::int64_t count = disk_->write(*to.of, *position, all);
    if (count > 0) *position += static_cast<std::uint64_t>(count);
    if (count > 0 && (to.flags & O_DSYNC) && disk_->sync(*to.of) < 0) return -EIO;
    return count;
}

int disk_calls::allocate(const operation& op) {
    const open_file& on = *find(op.descriptor);
    if (op.flags != 0) return -EOPNOTSUPP;
    if (!on.is_writable()) return -EBADF;
    if (op.length == 0) return -EINVAL;
    if (op.offset > INT64_MAX - op.length) return -EFBIG;
    return disk_->allocate(*on.of, op.offset, op.length);
}

// ------------------------------------------------------------------------------------------------------------------
// Calls

std::int64_t disk_calls::seek(int file, std::int64_t distance, int from) noexcept {
    open_file* const on = find(file);
    if (!on) return -EBADF;
    const std::uint64_t base = from == SEEK_END ? on->of->bytes.size() : from == SEEK_CUR ? on->position : 0;
    std::int64_t target = 0;
    if (__builtin_add_overflow(static_cast<std::int64_t>(base), distance, &target)) return -EOVERFLOW;
    if (target < 0) return -EINVAL;
    on->position = static_cast<std::uint64_t>(target);
    return target;
}

int disk_calls::duplicate(int file) noexcept {
    open_file* const same = find(file);
    return same ? add(same->shared_from_this()) : -EBADF;
}

int disk_calls::lock(int file, int how) noexcept {
    const open_file* const on = find(file);
    if (!on) return -EBADF;
    if (how & (LOCK_SH | LOCK_EX)) return on->of->lock.take(*on, (how & LOCK_EX) != 0);
    on->of->lock.drop(*on);
    return 0;
}

/// What the program that asks doesn't live to see has not happened.
std::int32_t disk_calls::call(const operation& op) noexcept {
    if (op.what == verb::close) {
        const bool is_open = has(op.descriptor);
        close(op.descriptor);
        return is_open ? 0 : -EBADF;
    }
    if (threads_) threads_->rest(disk_->delay());
    return perform(op);
}

int disk_calls::open_watch() noexcept { return -ENOSYS; }
int disk_calls::add_watch(int, const char*, std::uint32_t) noexcept { return -ENOSYS; }
int disk_calls::remove_watch(int, int) noexcept { return -ENOSYS; }

std::int64_t disk_calls::read(int file, void* into, std::size_t size) noexcept {
    open_file* const on = find(file);
    return on ? read_at(*on, &on->position, into, size) : -EBADF;
}

std::int64_t disk_calls::write(int file, const void* bytes, std::size_t size) noexcept {
    open_file* const on = find(file);
    return on ? write_at(*on, &on->position, bytes, size) : -EBADF;
}

std::int64_t disk_calls::copy(int from, int to, std::size_t at_most) noexcept {
    open_file* const source = find(from);
    open_file* const target = find(to);
    if (!source || !target || (target->flags & O_APPEND)) return -EBADF;
    if (source->of == target->of) return -EINVAL;
    const std::uint64_t size = source->of->bytes.size();
    const std::uint64_t left = size - std::min(size, source->position);
    std::vector<std::byte> piece(static_cast<std::size_t>(std::min<std::uint64_t>(left, at_most)));
    std::uint64_t position = source->position;
    const std::int64_t count = read_at(*source, &position, piece.data(), piece.size());
    if (count <= 0) return count;
    const std::int64_t written = write_at(*target, &target->position, piece.data(), static_cast<std::size_t>(count));
    if (written > 0) source->position += static_cast<std::uint64_t>(written);
    return written;
}

int disk_calls::truncate(int file, std::uint64_t size) noexcept {
    const open_file* const on = find(file);
    if (!on) return -EBADF;
    if (!on->is_writable()) return -EINVAL;
    disk_->resize(*on->of, size);
    return 0;
}

int disk_calls::set_owner(int file, std::uint32_t owner, std::uint32_t group) noexcept {
    const open_file* const on = find(file);
    if (!on) return -EBADF;
    disk_->set_owner(*on->of, owner, group);
    return 0;
}

int disk_calls::set_permissions(int file, unsigned permissions) noexcept {
    const open_file* const on = find(file);
    if (!on) return -EBADF;
    disk_->set_permissions(*on->of, permissions);
    return 0;
}

int disk_calls::set_permissions(const char* path, unsigned permissions) noexcept {
    const place at = find(AT_FDCWD, path, last_link::followed);
    if (at.existing() == 0) disk_->set_permissions(*at.found, permissions);
    return at.existing();
}

/// In an order of which no program may make anything.
void disk_calls::fill_listing(open_file& of) {
    of.is_listed = true;
    for (const auto& [name, below] : of.of->entries) {
        of.listing.push_back({name, below->number, below->now.mode});
        if (of.listing.size() > 1)
            std::swap(of.listing.back(), of.listing[static_cast<std::size_t>(disk_->luck().below(of.listing.size()))]);
    }
}

std::int64_t disk_calls::list(int directory, void* into, std::size_t size) noexcept {
    open_file* const on = find(directory);
    if (!on) return -EBADF;
    if (!on->of->is_directory()) return -ENOTDIR;
    if (!on->is_listed) fill_listing(*on);
    std::size_t used = 0;
    while (!on->listing.empty()) {
        const open_file::entry& next = on->listing.back();
        const std::size_t length = (offsetof(dirent64, d_name) + next.name.size() + 1 + 7) / 8 * 8;
        if (used + length > size) return used > 0 ? static_cast<std::int64_t>(used) : -EINVAL;
        std::byte* const at = static_cast<std::byte*>(into) + used;
        const auto length_there = static_cast<std::uint16_t>(length);
        const auto kind = static_cast<unsigned char>(IFTODT(next.mode));
        std::memset(at, 0, length);
        std::memcpy(at + offsetof(dirent64, d_ino), &next.number, sizeof next.number);
        std::memcpy(at + offsetof(dirent64, d_reclen), &length_there, sizeof length_there);
        std::memcpy(at + offsetof(dirent64, d_type), &kind, sizeof kind);
        std::memcpy(at + offsetof(dirent64, d_name), next.name.data(), next.name.size());
        used += length;
        on->listing.pop_back();
    }
    return static_cast<std::int64_t>(used);
}

std::int64_t disk_calls::read_link(const char* path, char* into, std::size_t size) noexcept {
    const place at = find(AT_FDCWD, path, last_link::itself);
    if (const int missing = at.existing(); missing != 0) return missing;
    if (!at.found->is_link()) return -EINVAL;
    return static_cast<std::int64_t>(at.found->target.copy(into, size));
}

int disk_calls::resolve(const char* path, char* into) noexcept {
    const place at = find(AT_FDCWD, path, last_link::followed);
    if (const int missing = at.existing(); missing != 0) return missing;
    std::string real = path_of(*at.directory, *disk_->root());
    if (real.empty()) return -ENOENT;
    if (!at.name.empty()) real += (real == "/" ? "" : "/") + at.name;
    if (real.size() >= PATH_MAX) return -ENAMETOOLONG;
    std::memcpy(into, real.c_str(), real.size() + 1);
    return 0;
}

int disk_calls::remove(const char* path) noexcept { return unlink(*disk_, find(AT_FDCWD, path, last_link::only_name)); }

int disk_calls::remove_all(const char* path) noexcept {
    return remove_tree(*disk_, find(AT_FDCWD, path, last_link::only_name));
}

}  // namespace torus::inline v0::sim
