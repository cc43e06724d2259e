// torus/fs/file.hpp: an open file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <torus/core/async.hpp>
#include <torus/fs/error.hpp>
#include <torus/fs/status.hpp>
#include <torus/fs/transfer.hpp>
#include <torus/io/bytes.hpp>
#include <torus/io/descriptor.hpp>

namespace torus::inline v0::fs {

/// How a file is opened; in quotes what Python's open() calls it.
enum class mode : std::uint8_t {
    read,              // "r": there is one
    write,             // "w": a new one, or one whose content goes
    append,            // "a": there is one or not; whatever is written goes to its end
    create,            // "x": there must be none
    update,            // "r+": there is one; it is read and written
    update_or_create,  // the same, and there is one or not
};

struct open_options {
    bool readable = false;      // what is written is read, too: "w+", "a+", "x+"
    bool follow_links = true;   // else a symbolic link at the end of the path is an error, ELOOP
    bool synchronous = false;   // each write returns when its bytes are on the disk: O_DSYNC
    bool direct = false;        // without the kernel's cache; buffers, offsets and sizes must be aligned: O_DIRECT
    unsigned permissions = 0666;  // of a new file, less the process's umask
};

/// Where `file::seek` counts from.
enum class origin : std::uint8_t { start, current, end };

/// An open file. Destroying it closes it, as `close()` does, but without waiting, and without a word about errors.
///
///     auto f = co_await fs::open("data.bin");
///     std::array<char, 4096> page;
///     while (const auto n = co_await f.read_into(page)) use(std::span(page).first(n));
///
/// Functions without an offset read and write at the file's position, and move it: one task at a time, a second one gets
/// a std::runtime_error. Those with an offset leave it alone, and any number of tasks may use them. The position is this
/// object's: no other process shares it. Pipes, terminals and the like have none; there `tell()` stays 0.
///
/// @throws fs::error  of every function: what the kernel says; EBADF after close(), and in what close() has ended
/// @cancel of every function that reads: nothing was read, the position is where it was. A transfer that the disk has
///         begun ends first, and its result wins: nothing is written into memory that has been given up
class file {
public:
    /// Takes an open descriptor over. `path` is what errors call it.
    explicit file(torus::descriptor opened, std::string path = {});
    file(file&&) noexcept = default;
    file& operator=(file&& other) noexcept;
    ~file();

    /// Reads what there is, at least one byte: at the file's position, or from `offset`.
    /// @param  into  where the bytes go; must stay alive until the read ends
    /// @return bytes read, 1 to into.size(); 0 at the end of the file, or if `into` is empty
    /// @cancel as above
    /// @cost   no allocation; one system call where the bytes are in memory
    /// @source pread(2)
    file_reading read_into(bytes_span into) { return {state_, into}; }
    file_reading read_at(std::uint64_t offset, bytes_span into) { return {state_, into, offset}; }

    /// Fills `into`.
    /// @throws incomplete_read_error  the file ends before
    /// @cancel as above; the content of `into` is then unknown
    async<> readexactly_into(bytes_span into);
    async<> readexactly_at(std::uint64_t offset, bytes_span into);

    /// Everything from the position to the end.
    /// @param  at_most  bytes; beyond them EFBIG is thrown
    /// @cancel as above
    async<std::string> read_all(std::size_t at_most = default_whole_limit);

    /// Up to `at_most` bytes; nothing only at the end.
    /// @cancel as above
    /// @source Python's file.read
    async<std::string> read(std::size_t at_most);

    /// Writes all the bytes: at the file's position, or from `offset`; at the end of a file that was opened to append.
    /// @param  bytes  must stay alive until the write ends
    /// @cancel what had not been begun is not written; `tell()` says how far a write at the position came
    /// @source pwrite(2)
    async<> write(bytes_view bytes);
    async<> write_at(std::uint64_t offset, bytes_view bytes);

    /// Returns when what was written is on the disk: all of it; or, cheaper, what is needed to read it again.
    /// @cancel it may have happened
    /// @source fsync(2), fdatasync(2)
    async<> sync();
    async<> datasync();

    /// Makes the file end after `size` bytes; what is new there is zero.
    /// @cancel nothing has happened
    /// @source ftruncate(2)
    async<> truncate(std::uint64_t size);

    /// Makes sure that there is room on the disk for these bytes, beyond the end, too.
    /// @throws fs::error  EOPNOTSUPP by file systems that can't
    /// @cancel it may have happened
    /// @source fallocate(2)
    async<> allocate(std::uint64_t offset, std::uint64_t length);

    /// Moves the position; returns where it is.
    /// @throws fs::error  EINVAL before the start, ESPIPE of what has no position
    /// @cancel it has not moved
    async<std::uint64_t> seek(std::int64_t distance, origin from = origin::start);
    std::uint64_t tell() const noexcept;

    /// @cancel nothing has happened
    async<file_status> status() const;

    /// Closes it, and says what the kernel had to say then: of a full disk or quota on network file systems. What is in
    /// flight on it ends first, with EBADF. Harmless when repeated.
    /// @cancel it is closed nevertheless
    async<> close();

    bool is_open() const noexcept;
    int number() const noexcept;  // the kernel's; -1 once closed
    const std::string& path() const noexcept;

    /// The most that `read_all` and the functions for whole files read if nothing else is said: more is likelier a
    /// mistake, or an attack, than a file that is meant to be in memory.
    static constexpr std::size_t default_whole_limit = 256 * 1024 * 1024;  // bytes

private:
    file_reference state_;
};

/// Opens a file.
///
///     auto log = co_await fs::open("app.log", fs::mode::append);
///
/// @throws fs::error  ENOENT, EACCES, EEXIST …; EINVAL where the path has a zero byte in it
/// @cancel nothing is open; a new file may have been made
/// @source openat(2); Python's open
async<file> open(std::string path, mode how = mode::read, open_options options = {});

}  // namespace torus::inline v0::fs
