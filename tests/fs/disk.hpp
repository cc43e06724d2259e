// tests/fs/disk.hpp: what the tests of files share.
#pragma once

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <torus/fs/fs.hpp>
#include <torus/testing/test.hpp>

#include "scratch_folder.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

namespace torus::inline v0::testing {

/// Skips a test of real files where there are none.
inline bool without_disk() {
    if (event_loop::current().backend_name() != "sim") return false;
    [] { GTEST_SKIP() << "compares with files of the real kernel"; }();
    return true;
}

/// What is in a file, as others see it.
inline std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline std::size_t names_in(const std::string& folder) {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

inline std::size_t open_descriptors() { return names_in("/proc/self/fd"); }

/// Awaits what must throw an fs::error; its errno.
template <class What> async<int> errno_of(What what) {
    const fs::error e = co_await expect_throws<fs::error>(std::move(what));
    co_return e.code().value();
}

/// A pipe with a name: what reads from it waits until something is written.
inline std::string make_fifo(const scratch_folder& in) {
    std::string path = in / "fifo";
    if (::mkfifo(path.c_str(), 0600) != 0) throw std::system_error(errno, std::system_category(), "mkfifo");
    return path;
}

/// Files of this process can't grow beyond so many bytes, as on a full disk.
class size_limit {
public:
    explicit size_limit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &former_);
        const rlimit limited{bytes, former_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limited);
    }
    size_limit(const size_limit&) = delete;
    size_limit& operator=(const size_limit&) = delete;
    ~size_limit() {
        ::setrlimit(RLIMIT_FSIZE, &former_);
        ::signal(SIGXFSZ, handler_);
    }

private:
    rlimit former_{};
    void (*handler_)(int);
};

/// Lets tasks run, and the kernel be entered, `passes` times.
inline async<> let_kernel_run(int passes = 3) {
    for (int i = 0; i < passes; ++i) co_await sleep(std::chrono::nanoseconds(1));
}

}  // namespace torus::inline v0::testing
