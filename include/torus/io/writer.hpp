// torus/io/writer.hpp: the writing side of a stream.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <torus/core/async.hpp>
#include <torus/io/address.hpp>
#include <torus/io/bytes.hpp>
#include <torus/io/error.hpp>
#include <torus/io/limits.hpp>
#include <torus/io/reading.hpp>
#include <torus/io/writing.hpp>

namespace torus::inline v0 {

class transport;

/// The writing side of a stream; every `stream` is one.
///
/// Bytes go out in the order of the calls. Any number of tasks may write at once, each write goes out whole. Once
/// sending has failed, what is unsent is dropped, and every later write throws that error. Nothing is dropped silently:
/// if nobody waited for what failed, the next use of the stream throws it, be it only `close()`.
class stream_writer {
public:
    /// The writing side alone, over something of yours that is only written to.
    explicit stream_writer(std::unique_ptr<transport> below, const stream_options& options = {});
    stream_writer(stream_writer&&) noexcept = default;
    stream_writer& operator=(stream_writer&& other) noexcept;
    /// Closes this side: see `stream`.
    ~stream_writer();

    /// Sends `bytes`, straight from where they are, and returns when the kernel has them; or earlier, when what it does
    /// not take yet fits below the high-water mark: then that is copied, and sent in the background.
    ///
    ///     co_await conn.write("hello\n");
    ///
    /// @param  bytes  must stay alive until the write ends
    /// @throws connection_closed  the peer is gone (now, or when an earlier write was being sent); or this side has closed
    /// @throws std::system_error  what send(2) reports
    /// @cancel all of the bytes count as written: what is unsent is copied, and goes out in order. Only if that would
    ///         break the hard cap for a write that has not even begun is the stream aborted instead (`buffer_overflow`)
    /// @cost   no allocation and one send(2), if the kernel takes all
    /// @source asyncio.StreamWriter.write, drain
    stream_writing write(bytes_view bytes);

    /// The same for several pieces, which go out as one: a head and a body, with one system call.
    /// @cancel as above
    stream_writing write(bytes_view head, bytes_view body);
    /// @param  pieces  the span must stay alive as well
    /// @cancel as above
    stream_writing write(std::span<const bytes_view> pieces);

    /// Copies `bytes`, and sends them in the background, what is written in one step of a task together.
    /// @throws buffer_overflow  they don't fit below the hard cap; none of them has been accepted
    /// @throws connection_closed, std::system_error  as write()
    void write_nowait(bytes_view bytes);

    /// Waits until everything written is in the kernel's hands.
    /// @throws connection_closed, std::system_error  as write()
    /// @cancel ends the wait only
    stream_writing flush();

    /// Sends what is unsent, then tells the peer that no more will come. Reading goes on.
    /// @throws connection_closed, std::system_error  as write()
    /// @cancel ends the wait only: it happens in the background
    async<> write_eof();

    /// Sends what is unsent, for at most the stream's close limit, then closes both sides. Harmless when repeated.
    /// @throws timeout_error  the peer did not take all in time; the connection has been aborted
    /// @throws connection_closed, std::system_error  what was unsent could not be sent, and nobody has been told yet
    /// @cancel ends the wait only: the stream closes in the background, within the same limit
    async<> close();

    /// Waits until the stream is closed, by whomever.
    /// @cancel ends the wait only
    async<> wait_closed();

    /// Closes both sides at once. What is unsent is dropped; the peer of a TCP connection gets a reset.
    void abort() noexcept;

    /// Whether it is closed, or on its way there.
    bool is_closing() const noexcept;

    /// Bytes written that the kernel has not taken yet.
    std::size_t unsent() const noexcept;

    address peer() const;
    address local() const;

protected:
    explicit stream_writer(stream_reference state) noexcept : state_(std::move(state)) {}

    stream_reference state_;

private:
    friend class stream;
};

}  // namespace torus::inline v0
