// torus/io/reading.hpp: what reading from a stream waits for, and what its two sides share.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include <torus/core/async.hpp>
#include <torus/core/operation.hpp>
#include <torus/io/bytes.hpp>

namespace torus::inline v0 {

class stream_state;

/// A counted reference to what the sides of a stream share. It belongs to the loop's thread.
class stream_reference {
public:
    stream_reference() noexcept = default;
    explicit stream_reference(stream_state& state) noexcept;
    stream_reference(const stream_reference& other) noexcept;
    stream_reference(stream_reference&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    stream_reference& operator=(stream_reference other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~stream_reference() {
        if (state_) release();
    }

    stream_state* operator->() const noexcept { return state_; }
    stream_state& operator*() const noexcept { return *state_; }
    explicit operator bool() const noexcept { return state_; }

private:
    void release() noexcept;

    stream_state* state_ = nullptr;
};

/// What `read_into` returns. Over a socket it is the receive operation itself.
class [[nodiscard("co_await it")]] stream_reading final : public operation {
public:
    stream_reading(stream_reference from, bytes_span into) noexcept;
    stream_reading(stream_reading&& idle) noexcept;
    ~stream_reading();

    bool await_ready();
    bool await_suspend(std::coroutine_handle<> h);
    std::size_t await_resume();

private:
    enum class source : unsigned char { nothing, buffer, socket, transport };

    bytes_span room() const noexcept { return {address, length}; }

    stream_reference from_;
    std::optional<async<std::size_t>> transport_read_;  // where the stream is over something else,
    std::optional<std::size_t> at_once_;                // unless that has something without waiting
    source source_ = source::nothing;
    bool claimed_ = false;  // this is the one task that reads
};

}  // namespace torus::inline v0
