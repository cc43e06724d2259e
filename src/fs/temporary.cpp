// src/fs/temporary.cpp: names that nobody else has, and their end.
#include <torus/fs/temporary.hpp>

#include <array>
#include <cstdlib>
#include <memory>
#include <new>

#include <torus/core/file_calls.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/thread_pool.hpp>

#include "fs/request.hpp"

namespace torus::inline v0::fs {

namespace {

constexpr unsigned private_file = 0600;
constexpr unsigned private_directory = 0700;

// Names are 64 random bits: that even one of them is taken already is no accident.
constexpr int most_tries = 10;

/// @throws fs::error  ENOSYS from kernels without random numbers
std::string random_name() {
    std::array<unsigned char, 8> bits{};
    check(event_loop::current().world().random(bits.data(), bits.size()), "getrandom", "");
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name;
    for (const unsigned char each : bits) name.append({digits[each >> 4], digits[each & 15]});
    return name;
}

std::string folder_or_default(std::string folder) {
    if (!folder.empty()) return folder;
    const char* const named = ::secure_getenv("TMPDIR");
    return named && *named ? named : "/tmp";
}

/// A directory is removed by a thread: there may be very much in it.
class background_removal final : public thread_job {
public:
    background_removal(file_calls& disk, std::string path) : disk_(disk), path_(std::move(path)) {}

    void execute() noexcept override { outcome_ = disk_.remove_all(path_.c_str()); }
    void refuse() noexcept override { execute(); }  // the loop ends, and its threads are busy
    void finished(event_loop& loop) noexcept override {
        if (outcome_ < 0) report(loop);
        release();
    }
    void returned() noexcept override { release(); }

private:
    void report(event_loop& loop) noexcept {
        try {
            const error why(-outcome_, "remove", path_);
            loop.report({"a temporary directory could not be removed", std::make_exception_ptr(why), {}});
        } catch (const std::bad_alloc&) {
            loop.report({});
        }
    }

    file_calls& disk_;
    std::string path_;
    int outcome_ = 0;
};

void remove_in_background(std::string path) noexcept {
    file_calls& disk = files();
    background_removal* job = nullptr;
    try {
        if (running.loop && disk.may_wait()) {
            job = new background_removal(disk, path);
            job->where = std::source_location::current();
            job->submit_to(running.loop->threads().queue());
            return job->release();
        }
    } catch (...) {  // no memory, no thread: then here
        if (job) job->release();
    }
    disk.remove_all(path.c_str());  // there is nobody to tell
}

}  // namespace

async<file> make_temporary_file(std::string folder) {
    folder = folder_or_default(std::move(folder));
    require_disk("make_temporary_file", folder);
    const std::int32_t outcome = co_await opening(AT_FDCWD, folder.c_str(), O_TMPFILE | O_RDWR, private_file);
    if (outcome != -EOPNOTSUPP && outcome != -EISDIR && outcome != -EINVAL) {
        check(outcome, "make_temporary_file", folder);
        co_return file(torus::descriptor(outcome), std::move(folder));
    }
    // This file system has no files without names: it goes at once.
    named_temporary_file named = co_await make_named_temporary_file(std::move(folder));
    co_await remove(named.path());
    co_return std::move(named.file());
}

async<named_temporary_file> make_named_temporary_file(std::string folder, std::string prefix, unsigned permissions) {
    folder = folder_or_default(std::move(folder));
    require_disk("make_named_temporary_file", folder, prefix);
    for (int tries = 1;; ++tries) {
        std::string path = folder + '/' + prefix + random_name();
        constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
        const std::int32_t outcome = co_await opening(AT_FDCWD, path.c_str(), flags, permissions);
        if (outcome == -EEXIST && tries < most_tries) continue;
        check(outcome, "make_named_temporary_file", path);
        file opened(torus::descriptor(outcome), path);
        co_return named_temporary_file(std::move(opened), std::move(path));
    }
}

named_temporary_file::~named_temporary_file() {
    if (!path_.empty()) files().remove(path_.c_str());  // one short call, which needs neither memory nor a loop
}

async<> named_temporary_file::keep_as(std::string path, existing target) {
    std::string from = path_;
    co_await rename(std::move(from), std::move(path), target);
    path_.clear();
}

async<temporary_directory> make_temporary_directory(std::string folder, std::string prefix) {
    folder = folder_or_default(std::move(folder));
    require_disk("make_temporary_directory", folder, prefix);
    for (int tries = 1;; ++tries) {
        std::string path = folder + '/' + prefix + random_name();
        const std::int32_t outcome =
            co_await request(verb::make_directory, AT_FDCWD, path.c_str(), 0, 0, private_directory);
        if (outcome == -EEXIST && tries < most_tries) continue;
        check(outcome, "make_temporary_directory", path);
        co_return temporary_directory(std::move(path));
    }
}

temporary_directory::~temporary_directory() {
    if (!path_.empty()) remove_in_background(std::move(path_));
}

async<> temporary_directory::remove() {
    std::string path = path_;
    if (path.empty()) co_return;
    co_await remove_all(std::move(path));
    path_.clear();
}

}  // namespace torus::inline v0::fs
