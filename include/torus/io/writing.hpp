// torus/io/writing.hpp: what writing to a stream waits for.
#pragma once

#include <array>
#include <coroutine>
#include <memory>
#include <span>

#include <torus/io/bytes.hpp>
#include <torus/io/reading.hpp>

namespace torus::inline v0 {

class blocked_write;

/// What `write` and `flush` return. It is small: only a write that has to wait takes memory for that.
class [[nodiscard("co_await it")]] stream_writing {
public:
    stream_writing(stream_reference to, bytes_view head, bytes_view body) noexcept;
    stream_writing(stream_reference to, std::span<const bytes_view> pieces) noexcept;
    explicit stream_writing(stream_reference to) noexcept;  // a flush
    stream_writing(stream_writing&& idle) noexcept;
    ~stream_writing();

    bool await_ready();
    bool await_suspend(std::coroutine_handle<> h);
    void await_resume();

private:
    stream_reference to_;
    std::array<bytes_view, 2> own_;         // the pieces,
    std::span<const bytes_view> others_;    // unless they are the caller's
    std::unique_ptr<blocked_write> blocked_;
    bool flushes_ = false;
};

}  // namespace torus::inline v0
