// src/io/stream_state.hpp: what the two sides of a stream share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>

#include <torus/core/frame.hpp>
#include <torus/io/limits.hpp>
#include <torus/io/transport.hpp>

#include "io/input.hpp"
#include "io/notice.hpp"
#include "io/output.hpp"

namespace torus::inline v0 {

/// A connection's state, in one block. It lives as long as a side, a wait or the pump refers to it.
class stream_state {
public:
    enum side : std::uint8_t { reader = 1, writer = 2 };

    stream_state(std::unique_ptr<transport> below, const stream_options& options,
                 std::uint8_t sides = reader | writer) noexcept
        : below_(std::move(below)), options_(options), socket_(below_->socket()), sides_(sides) {}
    stream_state(const stream_state&) = delete;
    stream_state& operator=(const stream_state&) = delete;

    static void* operator new(std::size_t size) { return frame_memory::allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { frame_memory::deallocate(memory, size); }

    void retain() noexcept { ++references_; }
    void release() noexcept {
        if (--references_ == 0) delete this;
    }

    transport& below() const noexcept { return *below_; }
    bool has_below() const noexcept { return static_cast<bool>(below_); }
    int socket() const noexcept { return socket_; }
    const stream_options& options() const noexcept { return options_; }
    bool is_closing() const noexcept { return stage_ != stage::open; }
    bool is_closed() const noexcept { return stage_ == stage::closed; }

    /// Sends what is unsent within the close limit, then closes. At once, if nothing is unsent.
    void begin_close() noexcept;
    void finish_close() noexcept;

    /// Closes now. `why` is what writes will throw.
    void abort(std::exception_ptr why) noexcept;
    void abort() noexcept;
    /// The close limit has passed.
    void give_up() noexcept;

    /// Sides go: they close.
    void leave(side who) noexcept;
    void leave_both() noexcept;

    /// The transport goes on without this.
    std::unique_ptr<transport> release_below() noexcept;

    input in;
    output out;
    notice changed;  // closed, or the sending side ended

private:
    enum class stage : std::uint8_t { open, closing, closed };

    ~stream_state() = default;
    void become_closed() noexcept;

    std::unique_ptr<transport> below_;
    stream_options options_;
    int socket_;  // the transport's, if that transforms nothing
    std::uint32_t references_ = 0;
    std::uint8_t sides_;
    stage stage_ = stage::open;
    bool is_abandoned_ = false;  // nobody is left to be told of an error
};

}  // namespace torus::inline v0
