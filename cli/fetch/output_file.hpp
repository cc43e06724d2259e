// cli/fetch/output_file.hpp: files that a run writes: locked, complete, and on the disk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace torus::inline v0::cli {

/// An open file of the world that the thread is in. Functions wait for the disk, and throw std::system_error with the file's
/// name.
class output_file {
public:
    output_file() = default;
    output_file(output_file&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}
    output_file& operator=(output_file&& other) noexcept;
    ~output_file() { close(); }

    /// Opens or creates a file that nobody else may open so while this one is open, and finds it empty or not.
    ///
    /// The lock is flock(2)'s: it goes with the process, however that ends, and SQLite's own locks don't mind it.
    ///
    /// @throws output_refused  another process has it
    static output_file open_locked(const std::string& path);

    /// Creates a file, or empties the one that is there.
    static output_file create(const std::string& path);

    /// Opens a file for reading and appending, which must be there.
    static output_file open(const std::string& path);

    /// Gives the file another name, in place of what had it, and locks it as `open_locked` does; it survives a power
    /// failure when this returns.
    void take_place_of(const std::string& path);

    /// Appends all of it. What has been written before a failure is taken back.
    void append(std::string_view bytes);

    /// Reads from a place; fewer bytes only at the end.
    std::string read(std::uint64_t at, std::size_t bytes) const;

    std::uint64_t size() const;
    void truncate(std::uint64_t size);

    /// Returns when everything is on the disk (fdatasync(2)).
    void sync();
    void close() noexcept;

    bool is_open() const noexcept { return descriptor_ >= 0; }
    int descriptor() const noexcept { return descriptor_; }
    const std::string& path() const noexcept { return path_; }

private:
    output_file(int descriptor, std::string path) noexcept : descriptor_(descriptor), path_(std::move(path)) {}
    [[noreturn]] void fail(int code, const char* what) const;
    void lock();

    int descriptor_ = -1;
    std::string path_;
};

bool file_exists(const std::string& path);

/// Removes a file, if there is one.
void remove_file(const std::string& path);

/// Writes a file that is there with all of its content, or not at all.
void write_atomically(const std::string& path, std::string_view content);

}  // namespace torus::inline v0::cli
