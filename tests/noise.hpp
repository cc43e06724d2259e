// tests/noise.hpp: bytes to send whose order shows.
#pragma once

#include <cstddef>
#include <string>

namespace torus::inline v0::testing {

/// `size` bytes, none of which looks like its neighbours.
inline std::string noise(std::size_t size) {
    std::string text(size, '\0');
    unsigned state = 1;
    for (char& each : text) {
        state = state * 1664525u + 1013904223u;
        each = static_cast<char>(state >> 24);
    }
    return text;
}

}  // namespace torus::inline v0::testing
