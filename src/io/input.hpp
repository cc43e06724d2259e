// src/io/input.hpp: the reading half of a stream's state.
#pragma once

#include <cstddef>
#include <exception>
#include <utility>

#include <torus/core/error.hpp>

#include "io/receive_buffer.hpp"

namespace torus::inline v0 {

class stream_state;

/// What has been received and not been read, and what is known of the rest.
class input {
public:
    /// The right to read, for one task at a time, while nothing is wrong.
    class turn {
    public:
        /// @throws as claim() and require_usable()
        explicit turn(stream_state& of);
        turn(const turn&) = delete;
        turn& operator=(const turn&) = delete;
        ~turn() { of_.unclaim(); }

    private:
        input& of_;
    };

    /// @throws std::runtime_error  another task reads
    void claim() {
        if (busy_) [[unlikely]]
            refuse_claim();
        busy_ = true;
    }
    void unclaim() noexcept { busy_ = false; }

    /// @throws what an earlier read has met; connection_closed if this side has closed
    void require_usable(const stream_state& of) const;

    /// Calls what receives, and remembers its error: it is every later read's as well.
    template <class Call> std::size_t guarded(Call receive) {
        try {
            return receive();
        } catch (const cancelled_error&) {
            throw;
        } catch (...) {
            fail(std::current_exception());
            throw;
        }
    }
    void fail(std::exception_ptr error) noexcept { error_ = std::move(error); }

    /// `count` bytes have been received; none means the end. Returns the same.
    /// @throws connection_closed  the end is that of a connection whose reset was noticed by a write
    std::size_t note(std::size_t count, stream_state& of) {
        if (count == 0) [[unlikely]]
            end(of);
        return count;
    }
    bool has_ended() const noexcept { return ended_; }

    receive_buffer buffer;
    bool announced = false;      // bytes are waiting in the kernel: memory for them won't lie idle
    bool skips_line = false;     // the rest of a line that was too long is dropped when it comes

private:
    [[noreturn]] static void refuse_claim();
    void end(stream_state& of);

    std::exception_ptr error_;
    bool busy_ = false;
    bool ended_ = false;
};

}  // namespace torus::inline v0
