// cli/fetch/output_file.cpp: files that a run writes: locked, complete, and on the disk.
#include "cli/fetch/output_file.hpp"

#include <cerrno>
#include <cstddef>
#include <optional>
#include <system_error>

#include <torus/core/file_calls.hpp>
#include <torus/core/operation.hpp>

#include "cli/fetch/store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace torus::inline v0::cli {

namespace {

constexpr std::uint32_t only_data = 1;  // of a sync: fdatasync(2)

/// What is asked of the files of this world, and waited for.
class file_request final : public operation {
public:
    using operation::operation;
    std::int32_t made() { return files().call(*this); }
};

[[noreturn]] void fail_with(int code, const std::string& what) {
    throw std::system_error(code, std::system_category(), what);
}

int open_or_throw(const std::string& path, int flags) {
    const auto how = static_cast<std::uint32_t>(flags | O_CLOEXEC | O_NOCTTY);
    const int descriptor = file_request(verb::open, AT_FDCWD, path.c_str(), 0, how, 0666).made();
    if (descriptor < 0) fail_with(-descriptor, "cannot open " + path);
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
    const int why = -file_request(verb::sync, folder).made();
    file_request(verb::close, folder).made();
    if (why != 0 && why != EINVAL) fail_with(why, "cannot write " + path);
}

/// What is known of a file; nothing if there is none.
std::optional<struct statx> status_of(int descriptor, const char* path, std::uint32_t flags) {
    struct statx status{};
    file_request look(verb::status, descriptor, path, 0, flags);
    look.second = &status;
    return look.made() == 0 ? std::optional(status) : std::nullopt;
}

/// Whether the name still means the file that was opened by it: the one before may have replaced it.
bool is_still(const std::string& path, int descriptor) {
    const auto by_name = status_of(AT_FDCWD, path.c_str(), 0);
    const auto opened = status_of(descriptor, "", AT_EMPTY_PATH);
    return by_name && opened && by_name->stx_dev_major == opened->stx_dev_major &&
           by_name->stx_dev_minor == opened->stx_dev_minor && by_name->stx_ino == opened->stx_ino;
}

}  // namespace

void output_file::fail(int code, const char* what) const { fail_with(code, std::string(what) + " " + path_); }

output_file& output_file::operator=(output_file&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(path_, other.path_);
    return *this;
}

output_file output_file::open_locked(const std::string& path) {
    for (;;) {
        output_file file(open_or_throw(path, O_RDWR | O_CREAT), path);
        const auto status = status_of(file.descriptor_, "", AT_EMPTY_PATH);
        if (!status || !S_ISREG(status->stx_mode)) throw output_refused(path + " is not a file");
        file.lock();
        if (is_still(path, file.descriptor_)) return file;
    }
}

void output_file::take_place_of(const std::string& path) {
    lock();
    sync();
    file_request renaming(verb::rename, AT_FDCWD, path_.c_str(), 0, 0, static_cast<std::uint64_t>(AT_FDCWD));
    renaming.second = const_cast<char*>(path.c_str());
    if (const int why = -renaming.made(); why != 0) fail_with(why, "cannot replace " + path);
    path_ = path;
    sync_folder(path);
}

void output_file::lock() {
    const int why = -files().lock(descriptor_, LOCK_EX);
    if (why == EWOULDBLOCK) throw output_refused(path_ + " is in use by another run of torus fetch");
    if (why != 0) fail(why, "cannot lock");
}

output_file output_file::create(const std::string& path) {
    return output_file(open_or_throw(path, O_RDWR | O_CREAT | O_TRUNC), path);
}

output_file output_file::open(const std::string& path) { return output_file(open_or_throw(path, O_RDWR), path); }

void output_file::append(std::string_view bytes) {
    const std::uint64_t before = size();
    for (std::uint64_t at = before; !bytes.empty();) {
        const std::int32_t count = file_request(verb::write, descriptor_, bytes.data(), bytes.size(), 0, at).made();
        if (count <= 0) {
            const int why = count < 0 ? -count : ENOSPC;
            if (files().truncate(descriptor_, before) != 0)
                fail_with(why, "cannot write, nor take back what was written of a line, to " + path_);
            fail_with(why, "cannot write " + path_);
        }
        at += static_cast<std::uint32_t>(count);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string output_file::read(std::uint64_t at, std::size_t bytes) const {
    std::string content(bytes, '\0');
    std::size_t have = 0;
    while (have < bytes) {
        const std::int32_t count =
            file_request(verb::read, descriptor_, content.data() + have, bytes - have, 0, at + have).made();
        if (count < 0) fail(-count, "cannot read");
        if (count == 0) break;
        have += static_cast<std::size_t>(count);
    }
    content.resize(have);
    return content;
}

std::uint64_t output_file::size() const {
    const auto status = status_of(descriptor_, "", AT_EMPTY_PATH);
    if (!status) fail(EIO, "cannot look at");
    return status->stx_size;
}

void output_file::truncate(std::uint64_t size) {
    if (const int why = -files().truncate(descriptor_, size); why != 0) fail(why, "cannot shorten");
}

void output_file::sync() {
    if (const int why = -file_request(verb::sync, descriptor_, nullptr, 0, only_data).made(); why != 0)
        fail(why, "cannot write");
}

void output_file::close() noexcept {
    if (descriptor_ >= 0) file_request(verb::close, std::exchange(descriptor_, -1)).made();
}

bool file_exists(const std::string& path) { return status_of(AT_FDCWD, path.c_str(), 0).has_value(); }

void remove_file(const std::string& path) {
    if (const int why = -files().remove(path.c_str()); why != 0 && why != ENOENT)
        fail_with(why, "cannot remove " + path);
}

void write_atomically(const std::string& path, std::string_view content) {
    output_file file = output_file::create(path + ".new");
    file.append(content);
    file.take_place_of(path);
}

}  // namespace torus::inline v0::cli
