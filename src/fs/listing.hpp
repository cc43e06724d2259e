// src/fs/listing.hpp: an open directory and what of it has been fetched.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include <torus/fs/directory.hpp>
#include <torus/io/descriptor.hpp>

namespace torus::inline v0::fs {

class listing {
public:
    /// Of `name` in the directory `in`, opened with the first `next()`. `path` is what errors call it.
    listing(std::string path, int in, std::string name, int flags)
        : path_(std::move(path)), name_(std::move(name)), in_(in), flags_(flags) {}

    /// Opens it, if that has not happened: 0, or a negative errno.
    async<std::int32_t> open();

    async<std::optional<directory_entry>> next();

    /// Names are relative to it once it is open.
    int number() const noexcept { return opened_.number(); }
    const std::string& path() const noexcept { return path_; }
    const std::string& name() const noexcept { return name_; }

private:
    async<bool> fetch();
    std::optional<directory_entry> take();

    // getdents64(2) brings some hundred names at once; readdir(3) asks for as much.
    static constexpr std::size_t fetched_at_once = 32 * 1024;  // bytes

    std::string path_;
    std::string name_;
    int in_;
    int flags_;
    torus::descriptor opened_;
    bool in_use_ = false;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    alignas(std::max_align_t) std::array<std::byte, fetched_at_once> fetched_;
};

}  // namespace torus::inline v0::fs
