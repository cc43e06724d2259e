// src/fs/open.cpp: modes in the kernel's words.
#include <torus/core/file_calls.hpp>
#include <torus/fs/file.hpp>

#include "fs/request.hpp"

#include <unistd.h>

namespace torus::inline v0::fs {

namespace {

int flags_of(mode how, const open_options& options) noexcept {
    const int written = options.readable ? O_RDWR : O_WRONLY;
    int flags = O_NOCTTY | O_CLOEXEC;
    switch (how) {
    case mode::read: flags |= O_RDONLY; break;
    case mode::write: flags |= written | O_CREAT | O_TRUNC; break;
    case mode::append: flags |= written | O_CREAT | O_APPEND; break;
    case mode::create: flags |= written | O_CREAT | O_EXCL; break;
    case mode::update: flags |= O_RDWR; break;
    case mode::update_or_create: flags |= O_RDWR | O_CREAT; break;
    }
    if (!options.follow_links) flags |= O_NOFOLLOW;
    if (options.synchronous) flags |= O_DSYNC;
    if (options.direct) flags |= O_DIRECT;
    return flags;
}

}  // namespace

async<file> open(std::string path, mode how, open_options options) {
    require_disk("open", path);
    const std::int32_t outcome = co_await opening(AT_FDCWD, path.c_str(), flags_of(how, options), options.permissions);
    check(outcome, "open", path);
    if (how == mode::append)
        files().seek(outcome, 0, SEEK_END);  // where the first write goes; a pipe has no such place
    co_return file(torus::descriptor(outcome), std::move(path));
}

}  // namespace torus::inline v0::fs
