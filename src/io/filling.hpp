// src/io/filling.hpp: receiving into a stream's buffer.
#pragma once

#include <cstddef>
#include <optional>

#include <torus/core/operation.hpp>

#include "io/stream_state.hpp"

namespace torus::inline v0 {

/// Receives more into the buffer, for the task that has the reader's turn. False at the end. True may also mean that
/// nothing has come yet: the caller looks, and tries again.
///
/// A stream that waits with an empty buffer holds no memory for it: it waits for a sign that there is something, and
/// only then takes memory to receive into.
class [[nodiscard("co_await it")]] filling final : public operation {
public:
    explicit filling(stream_state& of) noexcept : operation(verb::receive, of.socket()), of_(of) {}
    filling(filling&& idle) noexcept : operation(static_cast<operation&&>(idle)), of_(idle.of_) {}

    bool await_ready();
    bool await_suspend(std::coroutine_handle<> h);
    bool await_resume();

private:
    bool receive_now();
    bool note(std::size_t received);

    stream_state& of_;
    std::optional<async<std::size_t>> transport_read_;
    std::optional<std::size_t> at_once_;
};

}  // namespace torus::inline v0
