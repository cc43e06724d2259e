// src/io/descriptor.cpp: closing a descriptor so that nothing of it stays in the kernel.
#include <torus/io/descriptor.hpp>

#include <torus/core/loop.hpp>

#include <unistd.h>

namespace torus::inline v0 {

void descriptor::close() noexcept {
    const int number = release();
    if (number < 0) return;
    if (running.loop) running.loop->world().close(number);
    else ::close(number);
}

}  // namespace torus::inline v0
