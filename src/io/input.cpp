// src/io/input.cpp: who may read, and what the end is worth.
#include "io/input.hpp"

#include <cerrno>
#include <stdexcept>

#include "io/stream_state.hpp"

namespace torus::inline v0 {

input::turn::turn(stream_state& of) : of_(of.in) {
    of_.require_usable(of);
    of_.claim();
}

void input::refuse_claim() { throw std::runtime_error("torus: another task is reading from this stream already"); }

void input::require_usable(const stream_state& of) const {
    if (error_) std::rethrow_exception(error_);
    if (of.is_closed()) throw connection_closed(ENOTCONN, "torus: a read from a stream that this side has closed");
}

void input::end(stream_state& of) {
    // The kernel reports a reset once. If a write has heard of it, reads see an end where there is none.
    if (of.out.was_reset()) guarded([&]() -> std::size_t { of.out.throw_error(); });
    ended_ = true;
}

}  // namespace torus::inline v0
