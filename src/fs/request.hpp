// src/fs/request.hpp: asking the kernel about files, with errors as values and names in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <torus/core/async.hpp>
#include <torus/core/operation.hpp>
#include <torus/io/descriptor.hpp>

#include <fcntl.h>

namespace torus::inline v0::fs {

/// One request, which gives a count or a negative errno. What it points to must outlive it: it stands in a coroutine's
/// frame beside that.
class request final : public operation {
public:
    using operation::operation;
    /// What takes two names, both relative to the working directory.
    static request with_two(verb what, const std::string& name, const std::string& other, unsigned with = 0) noexcept {
        request asked(what, AT_FDCWD, name.c_str(), 0, with, static_cast<std::uint64_t>(AT_FDCWD));
        asked.second = const_cast<char*>(other.c_str());
        return asked;
    }
    std::int32_t await_resume() { return outcome(); }
};

/// Opens a file. A descriptor that nobody has taken, since its task ended meanwhile, is closed.
class opening final : public operation {
public:
    opening(int directory, const char* name, int how, unsigned permissions = 0) noexcept
        : operation(verb::open, directory, name, 0, static_cast<unsigned>(how), permissions) {
        result = -1;
    }
    opening(opening&& idle) noexcept = default;
    ~opening() { torus::descriptor untaken(result); }

    /// A descriptor, or a negative errno.
    std::int32_t await_resume() {
        const std::int32_t opened = outcome();
        result = -1;
        return opened;
    }
};

/// Refuses what can't go to a kernel.
/// @throws fs::error  ENOSYS in a world without files; EINVAL where the path has a zero byte in it
void require_disk(std::string_view tried, const std::string& path, const std::string& other = {});

/// @throws fs::error  what a negative outcome means
std::uint64_t check(std::int64_t outcome, std::string_view tried, std::string_view path, std::string_view other = {});

/// The kernel counts in signed numbers; its -1 would mean something else to us.
inline constexpr std::uint64_t largest_offset = INT64_MAX;

}  // namespace torus::inline v0::fs
