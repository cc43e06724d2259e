// tests/open_descriptors.hpp: what tests compare to see whether descriptors were left open.
#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace torus {

/// How many this process has, with the one that counts them.
inline std::ptrdiff_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
}

}  // namespace torus
