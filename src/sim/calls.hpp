// src/sim/calls.hpp: the calls on simulated sockets that never wait.
#pragma once

#include <memory>

#include <torus/core/socket_calls.hpp>

#include "sim/kernel.hpp"
#include "sim/wire.hpp"

namespace torus::inline v0::sim {

/// Those of a kernel, whose sockets send by this wire. Both must outlive them.
std::unique_ptr<socket_calls> calls_of(kernel& h, wire& w);

}  // namespace torus::inline v0::sim
