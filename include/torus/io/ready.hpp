// torus/io/ready.hpp: waiting until a descriptor can be read or written, for what reads and writes it itself.
#pragma once

#include <cstdint>

#include <torus/core/operation.hpp>

namespace torus::inline v0 {

/// What `readable` and `writable` return.
class [[nodiscard("co_await it")]] polling final : public operation {
public:
    polling(int of, std::uint32_t events) noexcept : operation(verb::poll, of, nullptr, 0, events) {}
    /// The events that came, in poll(2)'s terms.
    std::uint32_t await_resume() { return static_cast<std::uint32_t>(count("poll")); }
};

/// Waits until a read of the descriptor would not block: data, the end, or an error.
///
///     co_await readable(PQsocket(connection));
///
/// @throws connection_closed  the descriptor was closed meanwhile, by `descriptor::close()`
/// @cancel nothing has happened
/// @source poll(2); asyncio's loop.add_reader
polling readable(int descriptor) noexcept;

/// Waits until a write would not block, or would report an error.
/// @cancel nothing has happened
polling writable(int descriptor) noexcept;

}  // namespace torus::inline v0
