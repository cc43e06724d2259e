// cli/fetch/descriptor_limit.hpp: as many open files as connections need.
#pragma once

#include <cstddef>

namespace torus::inline v0::cli {

/// Descriptors beside those of the connections: standard streams, the output and its log, the loop, the resolver's
/// sockets, and connections that are about to be closed while others open. Of a small limit these are half.
inline constexpr std::size_t other_descriptors = 64;

/// Raises the soft limit of open files so that `connections` fit, as far as the hard one lets it.
/// @return how many connections fit: `connections`, or less
std::size_t raise_descriptor_limit(std::size_t connections) noexcept;

/// The part of it that is arithmetic: how many connections fit into a limit.
std::size_t connections_within(std::size_t limit) noexcept;

}  // namespace torus::inline v0::cli
