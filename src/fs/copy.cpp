// src/fs/copy.cpp: copying files, by the kernel where it can.
#include <array>
#include <cerrno>

#include <torus/core/file_calls.hpp>
#include <torus/fs/file.hpp>
#include <torus/fs/names.hpp>

#include "fs/blocking.hpp"
#include "fs/request.hpp"

namespace torus::inline v0::fs {

namespace {

// One call copies no more, so that a cancelled task ends soon; a reflink copies no bytes, however many these are.
constexpr std::size_t copied_at_once = 16 * 1024 * 1024;  // bytes

// Where the kernel doesn't copy by itself.
constexpr std::size_t copied_by_hand = 64 * 1024;  // bytes

struct copying {
    int from;
    int to;
    bool by_hand = false;  // copy_file_range(2) has refused
};

bool means_by_hand(int error) noexcept {
    switch (error) {
    case EXDEV:       // between some file systems
    case EINVAL:      // what is no plain file
    case EOPNOTSUPP:
    case ENOSYS:
    case EPERM:
    case EBADF: return true;  // to a file that is opened to append; the copy itself then says what is wrong
    default: return false;
    }
}

std::int64_t write_piece(file_calls& disk, int to, const std::byte* bytes, std::size_t count) noexcept {
    for (std::size_t done = 0; done < count;) {
        const std::int64_t written = disk.write(to, bytes + done, count - done);
        if (written <= 0) return written < 0 ? written : -EIO;
        done += static_cast<std::size_t>(written);
    }
    return static_cast<std::int64_t>(count);
}

std::int64_t copy_by_hand(file_calls& disk, const copying& what) noexcept {
    std::array<std::byte, copied_by_hand> piece;
    std::int64_t copied = 0;
    while (copied < static_cast<std::int64_t>(copied_at_once)) {
        const std::int64_t count = disk.read(what.from, piece.data(), piece.size());
        if (count <= 0) return count < 0 ? count : copied;
        const std::int64_t written = write_piece(disk, what.to, piece.data(), static_cast<std::size_t>(count));
        if (written < 0) return written;
        copied += count;
    }
    return copied;
}

/// Copies the next piece, from one file's position to the other's: how much, 0 at the end, or a negative errno.
std::int64_t copy_piece(file_calls& disk, copying& what) noexcept {
    if (!what.by_hand) {
        const std::int64_t copied = disk.copy(what.from, what.to, copied_at_once);
        if (copied > 0) return copied;
        if (copied < 0 && !means_by_hand(static_cast<int>(-copied))) return copied;
        what.by_hand = true;  // at the end, too: files under /proc end at once for copy_file_range(2), and aren't empty
    }
    return copy_by_hand(disk, what);
}

async<> prepare_target(file& to, const file_status& source, const std::string& from) {
    const file_status target = co_await to.status();
    if (target.is_same_file(source)) throw error(EINVAL, "copy_file", from, to.path());
    if (!target.is_file()) co_return;  // a device or a pipe: neither emptied nor changed
    co_await to.truncate(0);
    const int number = to.number();
    const unsigned permissions = source.permissions;
    const auto call = [&disk = files(), number, permissions]() noexcept {
        return disk.set_permissions(number, permissions);
    };
    const std::int64_t outcome = co_await blocking(call);
    if (outcome != -EPERM) check(outcome, "copy_file", from, to.path());  // another's file keeps its permissions
}

}  // namespace

async<std::uint64_t> copy_file(std::string from, std::string to, copy_options options) {
    require_disk("copy_file", from, to);
    file source = co_await open(from);
    const file_status status = co_await source.status();
    if (status.is_directory()) throw error(EISDIR, "copy_file", from, to);
    // Not emptied by opening: it may be the same file.
    const int flags = O_WRONLY | O_CREAT | O_NOCTTY | (options.target == existing::refused ? O_EXCL : 0);
    const std::int32_t opened = co_await opening(AT_FDCWD, to.c_str(), flags, status.permissions & 0777U);
    check(opened, "copy_file", from, to);
    file target(torus::descriptor(opened), to);
    co_await prepare_target(target, status, from);
    copying work{source.number(), target.number()};
    std::uint64_t copied = 0;
    for (;;) {
        copying* const what = &work;
        const auto call = [&disk = files(), what]() noexcept { return copy_piece(disk, *what); };
        const std::int64_t outcome = co_await blocking(call);
        const std::uint64_t count = check(outcome, "copy_file", from, to);
        if (count == 0) break;
        copied += count;
    }
    co_await target.close();
    co_return copied;
}

}  // namespace torus::inline v0::fs
