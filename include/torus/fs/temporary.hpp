// torus/fs/temporary.hpp: files and directories that go with their object.
#pragma once

#include <string>
#include <utility>

#include <torus/core/async.hpp>
#include <torus/fs/file.hpp>
#include <torus/fs/names.hpp>

namespace torus::inline v0::fs {

/// A new file with a name, for this user alone. The name goes with this object, unless it is kept.
class named_temporary_file {
public:
    named_temporary_file(named_temporary_file&& other) noexcept
        : file_(std::move(other.file_)), path_(std::exchange(other.path_, {})) {}
    named_temporary_file& operator=(named_temporary_file&& other) noexcept {
        std::swap(file_, other.file_);
        std::swap(path_, other.path_);
        return *this;
    }
    ~named_temporary_file();

    /// It is open for reading and writing.
    fs::file& file() noexcept { return file_; }
    const std::string& path() const noexcept { return path_; }

    /// Gives the file a name for good, on the same file system; this one is then gone.
    /// @throws fs::error  as rename(); the file has its temporary name still
    /// @cancel it hasn't happened
    async<> keep_as(std::string path, existing target = existing::replaced);

private:
    friend async<named_temporary_file> make_named_temporary_file(std::string, std::string, unsigned);
    named_temporary_file(fs::file opened, std::string path) noexcept
        : file_(std::move(opened)), path_(std::move(path)) {}

    fs::file file_;
    std::string path_;  // empty once it is kept
};

/// A new directory, for this user alone. It goes with this object, and everything in it, in the background; `run` waits
/// for that. What can't be removed is reported to the error handler.
class temporary_directory {
public:
    temporary_directory(temporary_directory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    temporary_directory& operator=(temporary_directory&& other) noexcept {
        std::swap(path_, other.path_);
        return *this;
    }
    ~temporary_directory();

    const std::string& path() const noexcept { return path_; }

    /// Removes it now.
    /// @throws fs::error  as remove_all(); the destructor will try again
    /// @cancel some may have been removed; the destructor removes the rest
    async<> remove();

    /// Gives the directory up: it stays.
    std::string release() noexcept { return std::exchange(path_, {}); }

private:
    friend async<temporary_directory> make_temporary_directory(std::string, std::string);
    explicit temporary_directory(std::string path) noexcept : path_(std::move(path)) {}

    std::string path_;  // empty once it is gone
};

/// @{ `folder` is where; if it is empty, what TMPDIR says, or /tmp. `prefix` is what its name begins with.

/// A file without a name, for this user alone, read and written: it is gone when it is closed, whatever happens to the
/// process.
/// @throws fs::error  ENOENT, EACCES, ENOSPC …
/// @cancel there is none
/// @source tempfile.TemporaryFile
async<file> make_temporary_file(std::string folder = {});

/// @throws fs::error  as above
/// @cancel there is none
/// @source tempfile.NamedTemporaryFile
async<named_temporary_file> make_named_temporary_file(std::string folder = {}, std::string prefix = "torus-",
                                                      unsigned permissions = 0600);

/// @throws fs::error  as above
/// @cancel there is none
/// @source tempfile.TemporaryDirectory
async<temporary_directory> make_temporary_directory(std::string folder = {}, std::string prefix = "torus-");
/// @}

}  // namespace torus::inline v0::fs
