// src/backend/simulated.cpp: a world in which nothing happens but time.
#include "backend/simulated.hpp"

#include <cerrno>

#include <torus/core/loop.hpp>

#include "backend/time_limit.hpp"

#include <poll.h>
#include <unistd.h>

namespace torus::inline v0 {

void simulated_backend::begin(operation& op) noexcept {
    op.in_backend = {};
    ++in_flight_;
}

void simulated_backend::end(operation& op, std::int32_t result) noexcept {
    op.result = result;
    ended_.push_back(op);
}

void simulated_backend::submit(operation& op) noexcept {
    begin(op);
    end(op, op.what == verb::nop ? 0 : -ENOSYS);
}

/// Everything has its result as soon as it is submitted, and a result wins over a cancel.
void simulated_backend::cancel(operation&) noexcept {}

/// There are no simulated descriptors here: this one is real, made by whoever owns it.
void simulated_backend::close(int descriptor) noexcept { ::close(descriptor); }

int simulated_backend::descriptor() {
    watched_ = true;
    return wake_.descriptor();
}

void simulated_backend::wait(duration at_most) noexcept {
    if (watched_ && at_most <= duration::zero()) wake_.silence();
    if (ended_.empty() && at_most > duration::zero()) {
        pollfd woken{wake_.descriptor(), POLLIN, 0};
        if (::ppoll(&woken, 1, time_limit(at_most).pointer(), nullptr) > 0) wake_.silence();
    }
    while (operation* const op = ended_.pop_front()) {
        --in_flight_;
        running.loop->completed(*op);
    }
}

}  // namespace torus::inline v0
