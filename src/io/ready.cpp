// src/io/ready.cpp: waiting for readiness.
#include <torus/io/ready.hpp>

#include <poll.h>

namespace torus::inline v0 {

polling readable(int descriptor) noexcept { return {descriptor, POLLIN}; }

polling writable(int descriptor) noexcept { return {descriptor, POLLOUT}; }

}  // namespace torus::inline v0
