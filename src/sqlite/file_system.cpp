// src/sqlite/file_system.cpp: SQLite's files on the disk of a simulated host: https://www.sqlite.org/c3ref/vfs.html.
#include "sqlite/file_system.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <torus/core/backend.hpp>
#include <torus/core/file_calls.hpp>
#include <torus/core/thread_calls.hpp>

#include "core/world_of_thread.hpp"
#include "sqlite/file_locks.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

namespace torus::inline v0::sqlite {

namespace {

constexpr int longest_path = 512;  // bytes

class file_operation final : public operation {
public:
    using operation::operation;
};

std::int32_t open(const char* path, int flags) {
    return files().call(
        file_operation(verb::open, AT_FDCWD, path, 0, static_cast<std::uint32_t>(flags | O_CLOEXEC), 0644));
}

void close(int descriptor) { files().call(file_operation(verb::close, descriptor)); }

bool look_at(int descriptor, const char* path, struct statx& into) {
    file_operation look(verb::status, descriptor, path, 0, AT_EMPTY_PATH);
    look.second = &into;
    return files().call(look) == 0;
}

/// What has just been made, or removed, there stays so after a power failure.
int sync_directory_of(std::string_view path) {
    const std::string directory(path.substr(0, path.rfind('/') + 1));
    const int opened = open(directory.c_str(), O_RDONLY | O_DIRECTORY);
    if (opened < 0) return SQLITE_CANTOPEN;
    const bool is_synced = files().call(file_operation(verb::sync, opened)) == 0;
    close(opened);
    return is_synced ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
}

/// What SQLite has of an open file: it gives the memory.
class open_file : public sqlite3_file {
public:
    open_file(int descriptor, const char* path, std::uint64_t number, bool is_new)
        : sqlite3_file{&methods}, descriptor_(descriptor), path_(path), locks_(file_locks::of(number)),
          name_is_new_(is_new) {}

private:
    static open_file& of(sqlite3_file* file) noexcept { return *static_cast<open_file*>(file); }

    static int close(sqlite3_file* file) noexcept {
        open_file& me = of(file);
        sqlite::close(me.descriptor_);
        std::destroy_at(&me);
        return SQLITE_OK;
    }

    static int read(sqlite3_file* file, void* into, int size, sqlite3_int64 at) noexcept {
        auto* bytes = static_cast<std::byte*>(into);
        auto left = static_cast<std::size_t>(size);
        while (left > 0) {
            const std::int32_t count = files().call(
                file_operation(verb::read, of(file).descriptor_, bytes, left, 0, static_cast<std::uint64_t>(at)));
            if (count < 0) return SQLITE_IOERR_READ;
            if (count == 0) break;
            bytes += count;
            left -= static_cast<std::size_t>(count);
            at += count;
        }
        std::fill_n(bytes, left, std::byte{0});
        return left == 0 ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
    }

    static int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) noexcept {
        const auto* bytes = static_cast<const std::byte*>(from);
        for (auto left = static_cast<std::size_t>(size); left > 0;) {
            const std::int32_t count = files().call(
                file_operation(verb::write, of(file).descriptor_, bytes, left, 0, static_cast<std::uint64_t>(at)));
            if (count <= 0) return count == 0 || count == -ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
            bytes += count;
            left -= static_cast<std::size_t>(count);
            at += count;
        }
        return SQLITE_OK;
    }

    static int truncate(sqlite3_file* file, sqlite3_int64 size) noexcept {
        const int result = files().truncate(of(file).descriptor_, static_cast<std::uint64_t>(size));
        return result == 0 ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
    }

    static int sync(sqlite3_file* file, int) noexcept {
        open_file& me = of(file);
        if (files().call(file_operation(verb::sync, me.descriptor_)) != 0) return SQLITE_IOERR_FSYNC;
        return std::exchange(me.name_is_new_, false) ? sync_directory_of(me.path_) : SQLITE_OK;
    }

    static int size(sqlite3_file* file, sqlite3_int64* size) noexcept {
        struct statx status{};
        if (!look_at(of(file).descriptor_, "", status)) return SQLITE_IOERR_FSTAT;
        *size = static_cast<sqlite3_int64>(status.stx_size);
        return SQLITE_OK;
    }

    static int lock(sqlite3_file* file, int level) noexcept { return of(file).locks_.lock(level); }
    static int unlock(sqlite3_file* file, int level) noexcept {
        of(file).locks_.unlock(level);
        return SQLITE_OK;
    }
    static int check_reserved_lock(sqlite3_file* file, int* is_reserved) noexcept {
        *is_reserved = of(file).locks_.is_reserved();
        return SQLITE_OK;
    }

    static int control(sqlite3_file*, int, void*) noexcept { return SQLITE_NOTFOUND; }
    static int sector_size(sqlite3_file*) noexcept { return 4096; }
    /// As SQLite's own one has it: a torn write leaves what is beside it as it was.
    static int characteristics(sqlite3_file*) noexcept { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

    static int map_log_index(sqlite3_file* file, int part, int size, int extend, volatile void** at) noexcept {
        try {
            *at = of(file).locks_.map_log_index(static_cast<std::size_t>(part), static_cast<std::size_t>(size),
                                                extend != 0);
            return SQLITE_OK;
        } catch (const std::bad_alloc&) {
            return SQLITE_NOMEM;
        }
    }
    static int lock_log(sqlite3_file* file, int first, int count, int how) noexcept {
        if (how & SQLITE_SHM_LOCK) return of(file).locks_.lock_log(first, count, (how & SQLITE_SHM_SHARED) != 0);
        of(file).locks_.unlock_log(first, count);
        return SQLITE_OK;
    }
    static void order_memory(sqlite3_file*) noexcept { std::atomic_thread_fence(std::memory_order_seq_cst); }
    static int leave_log(sqlite3_file* file, int) noexcept {
        of(file).locks_.leave_log();
        return SQLITE_OK;
    }

    static constexpr sqlite3_io_methods methods{
        .iVersion = 2,
        .xClose = close,
        .xRead = read,
        .xWrite = write,
        .xTruncate = truncate,
        .xSync = sync,
        .xFileSize = size,
        .xLock = lock,
        .xUnlock = unlock,
        .xCheckReservedLock = check_reserved_lock,
        .xFileControl = control,
        .xSectorSize = sector_size,
        .xDeviceCharacteristics = characteristics,
        .xShmMap = map_log_index,
        .xShmLock = lock_log,
        .xShmBarrier = order_memory,
        .xShmUnmap = leave_log,
        .xFetch = nullptr,
        .xUnfetch = nullptr,
    };

    const int descriptor_;
    const std::string path_;
    file_locks::holder locks_;
    bool name_is_new_;  // and its directory isn't synced
};

/// The flags of open(2). A file without a name goes when it is closed.
int flags_of(const char* path, int wanted) noexcept {
    int flags = wanted & SQLITE_OPEN_READWRITE ? O_RDWR : O_RDONLY;
    if (!path) return flags | O_TMPFILE;
    if (wanted & SQLITE_OPEN_CREATE) flags |= O_CREAT;
    if (wanted & SQLITE_OPEN_EXCLUSIVE) flags |= O_EXCL | O_NOFOLLOW;
    return flags;
}

int open_there(sqlite3_vfs*, const char* path, sqlite3_file* file, int wanted, int* granted) noexcept {
    constexpr int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    file->pMethods = nullptr;  // nothing to close, unless it comes to that
    const char* const name = path ? path : "/tmp";
    int descriptor = open(name, flags_of(path, wanted));
    if (descriptor < 0 && wanted & SQLITE_OPEN_READWRITE && path && !(wanted & SQLITE_OPEN_EXCLUSIVE)) {
        wanted = (wanted & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
        descriptor = open(name, flags_of(path, wanted));
    }
    struct statx status{};
    if (descriptor < 0) return SQLITE_CANTOPEN;
    if (granted) *granted = wanted;
    try {
        if (!look_at(descriptor, "", status)) throw std::bad_alloc();
        const bool is_new = (wanted & SQLITE_OPEN_CREATE) && (wanted & journals);
        ::new (file) open_file(descriptor, name, status.stx_ino, is_new);
        return SQLITE_OK;
    } catch (const std::bad_alloc&) {
        close(descriptor);
        return SQLITE_CANTOPEN;
    }
}

int remove_there(sqlite3_vfs*, const char* path, int and_sync) noexcept {
    const int result = files().remove(path);
    if (result == -ENOENT) return SQLITE_IOERR_DELETE_NOENT;
    if (result != 0) return SQLITE_IOERR_DELETE;
    return and_sync ? sync_directory_of(path) : SQLITE_OK;
}

/// An empty file is none, as with SQLite's own one: so begins a journal.
int is_there(sqlite3_vfs*, const char* path, int question, int* answer) noexcept {
    struct statx status{};
    *answer = look_at(AT_FDCWD, path, status) && (question != SQLITE_ACCESS_EXISTS || status.stx_size > 0);
    return SQLITE_OK;
}

int complete_path(sqlite3_vfs*, const char* path, int room, char* into) noexcept {
    const std::size_t begin = path[0] == '/' ? 0 : 1;
    const std::size_t length = std::strlen(path);
    if (begin + length >= static_cast<std::size_t>(room)) return SQLITE_CANTOPEN;
    into[0] = '/';
    std::memcpy(into + begin, path, length + 1);
    return SQLITE_OK;
}

int random_bytes(sqlite3_vfs*, int size, char* into) noexcept {
    return std::max(0, current_world()->random(into, static_cast<std::size_t>(size)));
}

sqlite3_vfs in_the_world() {
    sqlite3_vfs made = *sqlite3_vfs_find(nullptr);  // what has nothing to do with files: libraries, the time
    made.szOsFile = sizeof(open_file);
    made.mxPathname = longest_path;
    made.pNext = nullptr;
    made.zName = "torus-simulated";
    made.xOpen = open_there;
    made.xDelete = remove_there;
    made.xAccess = is_there;
    made.xFullPathname = complete_path;
    made.xRandomness = random_bytes;
    return made;
}

}  // namespace

const char* file_system() {
    if (!threads().are_simulated()) return nullptr;
    static sqlite3_vfs simulated = in_the_world();
    static const int result = sqlite3_vfs_register(&simulated, 0);
    if (result != SQLITE_OK) throw std::bad_alloc();
    return simulated.zName;
}

}  // namespace torus::inline v0::sqlite
