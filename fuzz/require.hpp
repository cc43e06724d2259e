// fuzz/require.hpp: how a fuzz target says that something can't be.
#pragma once

#include <cstdlib>

namespace torus {

/// Ends the process, so that the fuzzer keeps the input, unless `holds`.
inline void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace torus
