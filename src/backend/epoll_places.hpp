// src/backend/epoll_places.hpp: where an operation of the epoll backend is, in `in_backend.state`.
#pragma once

#include <cstdint>

namespace torus::inline v0 {

struct epoll_place {
    enum : std::uint32_t {
        in_line = 0,    // among its descriptor's readers, writers or pollers
        in_ended = 1,   // has its result
        on_thread = 2,  // carried by a file_job
        in_closers = 3,  // waits for the calls on its descriptor that have begun
    };
};

}  // namespace torus::inline v0
