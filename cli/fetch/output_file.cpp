// cli/fetch/output_file.cpp: files that a run writes: locked, complete, and on the disk.
#include "cli/fetch/output_file.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "cli/fetch/store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace torus::inline v0::cli {

namespace {

[[noreturn]] void fail_with(int code, const std::string& what) {
    throw std::system_error(code, std::system_category(), what);
}

int open_or_throw(const std::string& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, 0666);
    if (descriptor < 0) fail_with(errno, "cannot open " + path);
    return descriptor;
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// A file's name is on the disk when its folder is. Some file systems can't, and have nothing to do then.
void sync_folder(const std::string& path) {
    const int folder = open_or_throw(folder_of(path), O_RDONLY | O_DIRECTORY);
    const bool failed = ::fsync(folder) != 0 && errno != EINVAL;
    const int why = errno;
    ::close(folder);
    if (failed) fail_with(why, "cannot write " + path);
}

/// Whether the name still means the file that was opened by it: the one before may have replaced it.
bool is_still(const std::string& path, int descriptor) {
    struct stat by_name{};
    struct stat opened{};
    return ::stat(path.c_str(), &by_name) == 0 && ::fstat(descriptor, &opened) == 0 &&
           by_name.st_dev == opened.st_dev && by_name.st_ino == opened.st_ino;
}

}  // namespace

void output_file::fail(const char* what) const { fail_with(errno, std::string(what) + " " + path_); }

output_file& output_file::operator=(output_file&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(path_, other.path_);
    return *this;
}

output_file output_file::open_locked(const std::string& path) {
    for (;;) {
        output_file file(open_or_throw(path, O_RDWR | O_CREAT), path);
        struct stat status{};
        if (::fstat(file.descriptor_, &status) != 0) file.fail("cannot look at");
        if (!S_ISREG(status.st_mode)) throw output_refused(path + " is not a file");
        file.lock();
        if (is_still(path, file.descriptor_)) return file;
    }
}

void output_file::take_place_of(const std::string& path) {
    lock();
    sync();
    if (::rename(path_.c_str(), path.c_str()) != 0) fail_with(errno, "cannot replace " + path);
    path_ = path;
    sync_folder(path);
}

void output_file::lock() {
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
    if (errno == EWOULDBLOCK) throw output_refused(path_ + " is in use by another run of torus fetch");
    fail("cannot lock");
}

output_file output_file::create(const std::string& path) {
    return output_file(open_or_throw(path, O_RDWR | O_CREAT | O_TRUNC), path);
}

output_file output_file::open(const std::string& path) { return output_file(open_or_throw(path, O_RDWR), path); }

void output_file::append(std::string_view bytes) {
    const std::uint64_t before = size();
    for (std::uint64_t at = before; !bytes.empty();) {
        const ssize_t count = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            const int why = count < 0 ? errno : ENOSPC;
            if (::ftruncate(descriptor_, static_cast<off_t>(before)) != 0)
                fail_with(why, "cannot write, nor take back what was written of a line, to " + path_);
            fail_with(why, "cannot write " + path_);
        }
        at += static_cast<std::uint64_t>(count);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string output_file::read(std::uint64_t at, std::size_t bytes) const {
    std::string content(bytes, '\0');
    std::size_t have = 0;
    while (have < bytes) {
        const ssize_t count = ::pread(descriptor_, content.data() + have, bytes - have, static_cast<off_t>(at + have));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("cannot read");
        if (count == 0) break;
        have += static_cast<std::size_t>(count);
    }
    content.resize(have);
    return content;
}

std::uint64_t output_file::size() const {
    struct stat status{};
    if (::fstat(descriptor_, &status) != 0) fail("cannot look at");
    return static_cast<std::uint64_t>(status.st_size);
}

void output_file::truncate(std::uint64_t size) {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) fail("cannot shorten");
}

void output_file::sync() {
    if (::fdatasync(descriptor_) != 0) fail("cannot write");
}

void output_file::close() noexcept {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

bool file_exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

void remove_file(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail_with(errno, "cannot remove " + path);
}

void write_atomically(const std::string& path, std::string_view content) {
    output_file file = output_file::create(path + ".new");
    file.append(content);
    file.take_place_of(path);
}

}  // namespace torus::inline v0::cli
