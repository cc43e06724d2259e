// src/backend/wake_event.cpp: the calls on an eventfd.
#include "backend/wake_event.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace torus::inline v0 {

wake_event::wake_event() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::system_category(), "torus: eventfd");
}

wake_event::~wake_event() { ::close(descriptor_); }

void wake_event::ring() noexcept {
    const int saved = errno;
    const std::uint64_t one = 1;
    // It could fail only after 2^64 - 2 rings without a reader.
    while (::write(descriptor_, &one, sizeof one) < 0 && errno == EINTR) {}
    errno = saved;
}

void wake_event::silence() noexcept {
    std::uint64_t rings = 0;
    while (::read(descriptor_, &rings, sizeof rings) < 0 && errno == EINTR) {}
}

}  // namespace torus::inline v0
