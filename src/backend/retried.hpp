// src/backend/retried.hpp: system calls that a signal has interrupted are made again.
#pragma once

#include <cerrno>
#include <cstdint>

namespace torus::inline v0 {

/// What the call returns, or a negative errno.
template <class Call> std::int32_t retried(Call call) noexcept {
    for (;;) {
        const auto result = call();
        if (result >= 0) [[likely]]
            return static_cast<std::int32_t>(result);
        if (errno != EINTR) return -errno;
    }
}

}  // namespace torus::inline v0
