// src/sim/disk_calls.hpp: what a program asks of the files of its simulated host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <torus/core/file_calls.hpp>
#include <torus/core/operation.hpp>

#include "sim/disk.hpp"
#include "sim/number_table.hpp"
#include "sim/open_file.hpp"
#include "sim/path.hpp"
#include "sim/threads.hpp"

struct statx;

namespace torus::inline v0::sim {

/// The open files of one kernel, and the system calls on files and names: as operations, and as `file_calls`.
/// The working directory is the root, the umask 022; permissions are kept, but refuse nobody anything, as with root.
class disk_calls final : public file_calls {
public:
    static constexpr int first_number = 3 << 29;  // beyond those of sockets

    /// @param those  the threads that may wait for it; null where there are none
    disk_calls(std::shared_ptr<disk> on, simulated_threads* those) : disk_(std::move(on)), threads_(those) {}

    disk& on() noexcept { return *disk_; }

    /// Whether it is an operation on files.
    bool concerns(const operation& op) const noexcept;
    std::int32_t perform(const operation& op);

    bool has(int number) const noexcept { return open_.find(number) != nullptr; }
    void close(int number) noexcept;

    /// The program has been killed: its destructors run, but ask for nothing any more.
    void silence() noexcept { is_silenced_ = true; }
    /// Those that a program has left open; another one may begin.
    void close_all() noexcept;
    /// The power has failed.
    void forget() noexcept;

    bool may_wait() const noexcept override { return false; }
    std::int64_t seek(int file, std::int64_t distance, int from) noexcept override;
    int duplicate(int file) noexcept override;
    int lock(int file, int how) noexcept override;
    std::int32_t call(const operation& op) noexcept override;
    int open_watch() noexcept override;
    int add_watch(int watch, const char* path, std::uint32_t events) noexcept override;
    int remove_watch(int watch, int path) noexcept override;
    std::int64_t read(int file, void* into, std::size_t size) noexcept override;
    std::int64_t write(int file, const void* bytes, std::size_t size) noexcept override;
    std::int64_t copy(int from, int to, std::size_t at_most) noexcept override;
    int truncate(int file, std::uint64_t size) noexcept override;
    int set_owner(int file, std::uint32_t owner, std::uint32_t group) noexcept override;
    int set_permissions(int file, unsigned permissions) noexcept override;
    int set_permissions(const char* path, unsigned permissions) noexcept override;
    std::int64_t list(int directory, void* into, std::size_t size) noexcept override;
    std::int64_t read_link(const char* path, char* into, std::size_t size) noexcept override;
    int resolve(const char* path, char* into) noexcept override;
    int remove(const char* path) noexcept override;
    int remove_all(const char* path) noexcept override;

private:
    open_file* find(int number) const noexcept;
    place find(int directory, const void* path, last_link last) const;
    int add(const std::shared_ptr<open_file>& one);
    int open(const operation& op);
    int open_unnamed(const operation& op);
    int open_existing(const place& at, int flags);
    int status(const operation& op) const;
    std::int64_t read_at(open_file& from, std::uint64_t* position, void* into, std::size_t size);
    std::int64_t write_at(open_file& to, std::uint64_t* position, const void* bytes, std::size_t size);
    int allocate(const operation& op);
    void fill_listing(open_file& of);

    const std::shared_ptr<disk> disk_;
    simulated_threads* const threads_;
    number_table<open_file, first_number> open_;
    bool is_silenced_ = false;
};

}  // namespace torus::inline v0::sim
