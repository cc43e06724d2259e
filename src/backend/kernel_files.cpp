// src/backend/kernel_files.cpp: the kernel's files.
#include <torus/core/file_calls.hpp>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <torus/core/backend.hpp>

#include "backend/direct.hpp"
#include "backend/retried.hpp"
#include "core/world_of_thread.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace torus::inline v0 {

namespace {

class files_of_the_kernel final : public file_calls {
public:
    bool may_wait() const noexcept override { return true; }

    std::int64_t seek(int file, std::int64_t distance, int from) noexcept override {
        const off_t at = ::lseek(file, distance, from);
        return at < 0 ? -errno : at;
    }
    int duplicate(int file) noexcept override {
        return retried([&] { return ::fcntl(file, F_DUPFD_CLOEXEC, 0); });
    }
    int lock(int file, int how) noexcept override {
        return retried([&] { return ::flock(file, how | LOCK_NB); });
    }
    std::int32_t call(const operation& op) noexcept override { return direct::call(op); }
    int open_watch() noexcept override {
        return retried([] { return ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC); });
    }
    int add_watch(int watch, const char* path, std::uint32_t events) noexcept override {
        return retried([&] { return ::inotify_add_watch(watch, path, events); });
    }
    int remove_watch(int watch, int path) noexcept override {
        return retried([&] { return ::inotify_rm_watch(watch, path); });
    }
    std::int64_t read(int file, void* into, std::size_t size) noexcept override {
        return retried([&] { return ::read(file, into, size); });
    }
    std::int64_t write(int file, const void* bytes, std::size_t size) noexcept override {
        return retried([&] { return ::write(file, bytes, size); });
    }
    std::int64_t copy(int from, int to, std::size_t at_most) noexcept override {
        return retried([&] { return ::copy_file_range(from, nullptr, to, nullptr, at_most, 0); });
    }
    int truncate(int file, std::uint64_t size) noexcept override {
        return retried([&] { return ::ftruncate(file, static_cast<off_t>(size)); });
    }
    int set_owner(int file, std::uint32_t owner, std::uint32_t group) noexcept override {
        return retried([&] { return ::fchown(file, owner, group); });
    }
    int set_permissions(int file, unsigned permissions) noexcept override {
        return retried([&] { return ::fchmod(file, permissions); });
    }
    int set_permissions(const char* path, unsigned permissions) noexcept override {
        return retried([&] { return ::chmod(path, permissions); });
    }
    std::int64_t list(int directory, void* into, std::size_t size) noexcept override {
        return retried([&] { return ::getdents64(directory, into, size); });
    }
    std::int64_t read_link(const char* path, char* into, std::size_t size) noexcept override {
        return retried([&] { return ::readlink(path, into, size); });
    }
    int resolve(const char* path, char* into) noexcept override { return ::realpath(path, into) ? 0 : -errno; }
    int remove(const char* path) noexcept override {
        return retried([&] { return ::unlink(path); });
    }
    int remove_all(const char* path) noexcept override {
        std::error_code failure;
        std::filesystem::remove_all(path, failure);
        return -failure.value();
    }
};

}  // namespace

file_calls& kernel_files() noexcept {
    static files_of_the_kernel only;
    return only;
}

file_calls* backend::files() noexcept { return &kernel_files(); }

int backend::random(void* into, std::size_t size) noexcept {
    return retried([&] { return ::getrandom(into, size, 0); });
}

file_calls& files() noexcept {
    backend* const world = current_world();
    file_calls* const of_world = world ? world->files() : nullptr;
    return of_world ? *of_world : kernel_files();
}

}  // namespace torus::inline v0
