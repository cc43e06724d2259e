// src/io/transport.cpp: what a transport does that knows no better.
#include <torus/io/transport.hpp>

namespace torus::inline v0 {

std::optional<std::size_t> transport::try_read(bytes_span) { return std::nullopt; }

std::size_t transport::try_write(std::span<const bytes_view>) { return 0; }

}  // namespace torus::inline v0
