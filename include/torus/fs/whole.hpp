// torus/fs/whole.hpp: whole files at once.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <torus/core/async.hpp>
#include <torus/fs/error.hpp>
#include <torus/fs/file.hpp>
#include <torus/io/bytes.hpp>

namespace torus::inline v0::fs {

/// A file's content; bytes are not looked at, as text they are UTF-8 if the file is.
/// @param  at_most  bytes; beyond them EFBIG is thrown, before anything of the file is kept
/// @throws fs::error  ENOENT, EACCES, EISDIR, EFBIG …
/// @cancel nothing has happened
/// @source pathlib.Path.read_text, read_bytes
async<std::string> read_text(std::string path, std::size_t at_most = file::default_whole_limit);
async<std::vector<std::byte>> read_bytes(std::string path, std::size_t at_most = file::default_whole_limit);

struct write_options {
    /// The new content is written beside the file, under a name of its own, and takes its place when it is complete:
    /// whoever reads sees all of the old or all of the new. Permissions stay; so does the owner, if this process may give
    /// files away. Else the file is emptied and written where it is. What is no plain file is always written where it is.
    bool atomic = true;
    /// It is on the disk when the function returns: power may fail.
    bool durable = true;
    unsigned permissions = 0666;  // of a new file, less the process's umask
};

/// Makes `content` the content of the file. A symbolic link is followed.
///
///     co_await fs::write_text("settings.json", settings.dump());
///
/// @param  content  must stay alive until the write ends
/// @throws fs::error  ENOENT where the directory is missing, EACCES, ENOSPC …; if atomic, the file is then as it was
/// @cancel if atomic, the file is as it was, or has all of the new content; nothing else is left
/// @source pathlib.Path.write_text, write_bytes
async<> write_text(std::string path, std::string_view content, write_options options = {});
async<> write_bytes(std::string path, bytes_view content, write_options options = {});

/// Adds to the end of a file, which is made if it isn't there. Several processes may do so at once.
/// @param  content  must stay alive until the write ends
/// @throws fs::error  EACCES, ENOSPC …
/// @cancel some of it may have been written
async<> append(std::string path, bytes_view content);

}  // namespace torus::inline v0::fs
