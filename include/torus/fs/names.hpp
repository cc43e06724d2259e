// torus/fs/names.hpp: making, changing and taking away the names of files.
#pragma once

#include <cstdint>
#include <string>

#include <torus/core/async.hpp>
#include <torus/fs/error.hpp>

namespace torus::inline v0::fs {

/// What happens to a file that has the name already.
enum class existing : std::uint8_t { replaced, refused };

/// Renames a file or a directory, within a file system: at no moment is there neither or half of it.
/// @throws fs::error  EEXIST where it is to be refused; EXDEV to another file system; ENOTEMPTY, ENOENT …
/// @cancel it hasn't happened
/// @source renameat2(2); os.rename, os.replace
async<> rename(std::string from, std::string to, existing target = existing::replaced);

/// Removes a file, or a symbolic link itself.
/// @throws fs::error  ENOENT, EISDIR …
/// @cancel it hasn't happened
/// @source unlink(2); os.remove
async<> remove(std::string path);

/// Removes an empty directory.
/// @throws fs::error  ENOTEMPTY, ENOENT …
/// @cancel it hasn't happened
/// @source rmdir(2); os.rmdir
async<> remove_directory(std::string path);

/// Removes whatever has this name, a directory with everything in it; nothing is no error. Symbolic links are removed,
/// not followed, also if somebody puts them there meanwhile.
/// @return how many names are gone
/// @throws fs::error  of the first that can't be removed; ENOTEMPTY if somebody adds to it meanwhile; EINVAL of "/" and
///         what ends with "." or ".."
/// @cancel what has not been removed yet stays
/// @cost   one open descriptor for each level of directories
/// @source shutil.rmtree
async<std::uint64_t> remove_all(std::string path);

/// Makes a directory.
/// @param  permissions  less the process's umask
/// @throws fs::error  EEXIST, ENOENT …
/// @cancel it hasn't happened
/// @source mkdir(2); os.mkdir
async<> create_directory(std::string path, unsigned permissions = 0777);

/// Makes a directory, and those that lead to it; it is no error if they are there.
/// @throws fs::error  ENOTDIR where a file is in the way …
/// @cancel some may have been made
/// @source os.makedirs
async<> create_directories(std::string path, unsigned permissions = 0777);

/// Makes a symbolic link that leads to `target`, which is taken as it is and need not exist.
/// @throws fs::error  EEXIST …
/// @cancel it hasn't happened
/// @source symlink(2); os.symlink
async<> create_symlink(std::string target, std::string link);

/// Gives a file another name, on the same file system.
/// @throws fs::error  EEXIST, EXDEV …
/// @cancel it hasn't happened
/// @source link(2); os.link
async<> create_hard_link(std::string target, std::string link);

/// Where a symbolic link leads to, as it stands there.
/// @throws fs::error  EINVAL of what is no symbolic link …
/// @cancel nothing has happened
/// @source readlink(2); os.readlink
async<std::string> read_link(std::string path);

/// The absolute path without symbolic links, "." and "..".
/// @throws fs::error  ENOENT: all of it must exist
/// @cancel nothing has happened
/// @source realpath(3); os.path.realpath
async<std::string> resolve(std::string path);

/// Sets the permissions, all of 07777.
/// @throws fs::error  EPERM, ENOENT …
/// @cancel it hasn't happened
/// @source chmod(2); os.chmod
async<> set_permissions(std::string path, unsigned permissions);

struct copy_options {
    existing target = existing::replaced;
};

/// Copies a file's content and permissions; where the file system can, without moving a byte (reflinks). A target that is
/// there keeps its name and its other names; a symbolic link is followed.
/// @return bytes copied
/// @throws fs::error  EINVAL where both are the same file; EISDIR, ENOSPC …
/// @cancel part of it may have been copied; it goes on for at most some MiB
/// @source copy_file_range(2); shutil.copy
async<std::uint64_t> copy_file(std::string from, std::string to, copy_options options = {});

}  // namespace torus::inline v0::fs
