// src/io/receiving.hpp: waiting for bytes of a socket.
#pragma once

#include <cstddef>

#include <torus/core/operation.hpp>
#include <torus/io/bytes.hpp>

namespace torus::inline v0 {

/// Receives into `into`, once: at least a byte, or none at the end.
class [[nodiscard]] receiving final : public operation {
public:
    receiving(int socket, bytes_span into) noexcept : operation(verb::receive, socket, into.data(), into.size()) {}
    std::size_t await_resume() { return count("recv"); }
};

}  // namespace torus::inline v0
