// cli/serve/beneath.hpp: files of a folder, and none outside of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace torus::inline v0::cli {

/// An open descriptor of a file or folder.
class opened {
public:
    opened() noexcept = default;
    explicit opened(int descriptor) noexcept : descriptor_(descriptor) {}
    opened(opened&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    opened& operator=(opened&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~opened();

    explicit operator bool() const noexcept { return descriptor_ >= 0; }
    int number() const noexcept { return descriptor_; }

    /// Gives the descriptor to somebody who closes it.
    int release() noexcept { return std::exchange(descriptor_, -1); }

private:
    int descriptor_ = -1;
};

/// The path of a URL as a path below a folder: decoded, without empty segments, "." for the folder itself. Nothing if it
/// has a segment that begins with a dot, a NUL, or an encoded slash: such files are not for everybody, or don't exist.
std::optional<std::string> path_beneath(std::string_view url_path);

/// How a path is kept within its folder.
enum class confinement : unsigned char {
    kernel,  // openat2(2) with RESOLVE_BENEATH: symbolic links may lead anywhere within
    segments,  // one folder after the other, and no symbolic link at all: where openat2 is not to be had
};

/// What the running kernel lets us use.
confinement best_confinement(const opened& folder) noexcept;

/// Opens a file or folder below `folder` for reading, without waiting for the other end of a pipe.
/// @param path  of `path_beneath`
/// @return nothing if there is none, or it may not be read, or lies outside; errno says why
opened open_beneath(const opened& folder, const std::string& path, confinement how) noexcept;

/// Opens a folder.
/// @throws std::system_error  there is none
opened open_folder(const std::string& path);

}  // namespace torus::inline v0::cli
