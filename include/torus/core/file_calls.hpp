// torus/core/file_calls.hpp: what is asked of files beside the operations of a backend, by a kernel or a simulation of one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace torus::inline v0 {

/// The system calls on files that are no operation of a `backend`, and those that are, for threads that may wait. Each returns
/// what the kernel's call returns, or a negative errno. For every thread of this world.
class file_calls {
public:
    virtual ~file_calls() = default;

    /// Whether those below may wait for a disk, so that a thread should make them.
    virtual bool may_wait() const noexcept = 0;

    /// @{ These never wait.
    virtual std::int64_t seek(int file, std::int64_t distance, int from) noexcept = 0;  // lseek(2)
    virtual int duplicate(int file) noexcept = 0;  // F_DUPFD_CLOEXEC
    virtual int lock(int file, int how) noexcept = 0;  // flock(2), with LOCK_NB
    virtual int open_watch() noexcept = 0;  // inotify_init1(2); it is read without waiting
    virtual int add_watch(int watch, const char* path, std::uint32_t events) noexcept = 0;  // inotify_add_watch(2)
    virtual int remove_watch(int watch, int path) noexcept = 0;  // inotify_rm_watch(2)
    /// @}

    /// An operation on files; it is not cancelled.
    virtual std::int32_t call(const class operation& op) noexcept = 0;

    virtual std::int64_t read(int file, void* into, std::size_t size) noexcept = 0;  // read(2)
    virtual std::int64_t write(int file, const void* bytes, std::size_t size) noexcept = 0;  // write(2)
    virtual std::int64_t copy(int from, int to, std::size_t at_most) noexcept = 0;  // copy_file_range(2): no offsets
    virtual int truncate(int file, std::uint64_t size) noexcept = 0;  // ftruncate(2)
    virtual int set_owner(int file, std::uint32_t owner, std::uint32_t group) noexcept = 0;  // fchown(2)
    virtual int set_permissions(int file, unsigned permissions) noexcept = 0;  // fchmod(2)
    virtual int set_permissions(const char* path, unsigned permissions) noexcept = 0;  // chmod(2)
    virtual std::int64_t list(int directory, void* into, std::size_t size) noexcept = 0;  // getdents64(2)
    virtual std::int64_t read_link(const char* path, char* into, std::size_t size) noexcept = 0;  // readlink(2)
    virtual int resolve(const char* path, char* into) noexcept = 0;  // realpath(3): PATH_MAX bytes
    virtual int remove(const char* path) noexcept = 0;  // unlink(2)
    virtual int remove_all(const char* path) noexcept = 0;  // with what is in it
};

/// Those of the kernel.
file_calls& kernel_files() noexcept;

/// Those of the world that this thread is in, if it has files: that of its loop, or the one that has started it; the kernel's
/// elsewhere.
file_calls& files() noexcept;

}  // namespace torus::inline v0
