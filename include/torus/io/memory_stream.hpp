// torus/io/memory_stream.hpp: two streams connected by memory, for tests of protocols and for talking to oneself.
#pragma once

#include <cstddef>
#include <utility>

#include <torus/io/stream.hpp>

namespace torus::inline v0 {

/// What the kernel gives a socket pair in each direction, more or less.
inline constexpr std::size_t default_memory_capacity = 64 * 1024;  // bytes

/// Two connected streams: what one writes the other reads.
///
///     auto [here, there] = memory_stream_pair();
///
/// @param  capacity  bytes under way in each direction before a writer has to wait; at least one
std::pair<stream, stream> memory_stream_pair(std::size_t capacity = default_memory_capacity,
                                             const stream_options& options = {});

}  // namespace torus::inline v0
