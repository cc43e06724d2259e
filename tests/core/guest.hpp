// tests/core/guest.hpp: the smallest host of a guest loop.
#pragma once

#include <torus/core/guest.hpp>
#include <torus/testing/test.hpp>

#include <poll.h>

namespace torus {

inline constexpr auto ignore = [](const auto&) {};  // how main ends

/// Between the turns, where no loop runs.
inline bool has_no_kernel() { return event_loop().backend_name() == "sim"; }

/// Whether the guest says that it has something to do.
inline bool is_readable(const guest_loop& guest) {
    pollfd descriptor{guest.fd(), POLLIN, 0};
    return ::poll(&descriptor, 1, 0) == 1;
}

inline void wait_until_readable(const guest_loop& guest) {
    pollfd descriptor{guest.fd(), POLLIN, 0};
    while (::poll(&descriptor, 1, -1) < 1) {}
}

/// Takes turns until the guest has nothing to do; false if it is done.
inline bool settle(guest_loop& guest) {
    while (is_readable(guest))
        if (!guest.run_once()) return false;
    return true;
}

/// A host that waits for nothing but its guest.
inline void drive(guest_loop& guest) {
    do wait_until_readable(guest);
    while (guest.run_once());
}

}  // namespace torus
