// cli/serve/beneath.cpp: files of a folder, and none outside of it.
#include "cli/serve/beneath.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <torus/http/percent.hpp>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace torus::inline v0::cli {

namespace {

constexpr int read_flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

int openat2_beneath(int folder, const char* path) noexcept {
    struct open_how how{};
    how.flags = static_cast<std::uint64_t>(read_flags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    for (int tries = 0;; ++tries) {
        const long descriptor = ::syscall(SYS_openat2, folder, path, &how, sizeof how);
        // The kernel gives up when something is renamed meanwhile, and asks to be asked again.
        if (descriptor >= 0 || errno != EAGAIN || tries == 10) return static_cast<int>(descriptor);
    }
}

int open_segments(int folder, const std::string& path) noexcept {
    opened at(::openat(folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    std::string_view rest = path;
    while (at) {
        const std::size_t slash = rest.find('/');
        const std::string segment(rest.substr(0, slash));
        if (segment.empty() || segment == "..") {
            errno = ENOENT;
            return -1;
        }
        if (slash == std::string_view::npos) return ::openat(at.number(), segment.c_str(), read_flags | O_NOFOLLOW);
        at = opened(::openat(at.number(), segment.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        rest.remove_prefix(slash + 1);
    }
    return -1;
}

}  // namespace

opened::~opened() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<std::string> path_beneath(std::string_view url_path) {
    std::string path;
    while (!url_path.empty()) {
        const std::size_t slash = url_path.find('/');
        const std::optional<std::string> segment = http::percent_decode(url_path.substr(0, slash));
        url_path.remove_prefix(slash == std::string_view::npos ? url_path.size() : slash + 1);
        if (!segment || segment->starts_with('.') ||
            segment->find_first_of(std::string_view("/\0", 2)) != std::string::npos)
            return std::nullopt;
        if (segment->empty()) continue;
        path += (path.empty() ? "" : "/") + *segment;
    }
    return path.empty() ? "." : path;
}

confinement best_confinement(const opened& folder) noexcept {
    const opened probe(openat2_beneath(folder.number(), "."));
    // ENOSYS of kernels before 5.6, EPERM of containers that don't know the call.
    return probe || (errno != ENOSYS && errno != EPERM) ? confinement::kernel : confinement::segments;
}

opened open_beneath(const opened& folder, const std::string& path, confinement how) noexcept {
    if (how == confinement::kernel) return opened(openat2_beneath(folder.number(), path.c_str()));
    return opened(open_segments(folder.number(), path));
}

opened open_folder(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) throw std::system_error(errno, std::system_category(), "cannot serve " + path);
    return opened(descriptor);
}

}  // namespace torus::inline v0::cli
