// src/fs/request.cpp: where a request is refused, and how its answer becomes an exception.
#include "fs/request.hpp"

#include <torus/core/loop.hpp>
#include <torus/fs/error.hpp>

namespace torus::inline v0::fs {

void require_disk(std::string_view tried, const std::string& path, const std::string& other) {
    if (!event_loop::current().world().files()) throw error(ENOSYS, tried, path, other);
    if (path.find('\0') != std::string::npos || other.find('\0') != std::string::npos)
        throw error(EINVAL, tried, path, other);
}

std::uint64_t check(std::int64_t outcome, std::string_view tried, std::string_view path, std::string_view other) {
    if (outcome < 0) throw error(static_cast<int>(-outcome), tried, path, other);
    return static_cast<std::uint64_t>(outcome);
}

}  // namespace torus::inline v0::fs
