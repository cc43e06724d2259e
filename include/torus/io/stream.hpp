// torus/io/stream.hpp: a buffered stream of bytes in both directions, over TCP, Unix sockets, TLS, pipes or memory.
#pragma once

#include <memory>
#include <utility>

#include <torus/core/async.hpp>
#include <torus/io/address.hpp>
#include <torus/io/limits.hpp>
#include <torus/io/reader.hpp>
#include <torus/io/transport.hpp>
#include <torus/io/writer.hpp>

namespace torus::inline v0 {

/// A connection: asyncio's reader and writer in one value.
///
///     stream conn = co_await open_connection("example.com", 80);
///     co_await conn.write("GET / HTTP/1.0\r\n\r\n");
///     std::string answer = co_await conn.read();
///     co_await conn.close();
///
/// What it can do is declared by its two sides, `stream_reader` and `stream_writer`. It holds no buffer while nothing is
/// buffered.
///
/// Destroying it closes it, as `close()` does, without waiting: what is unsent is sent in the background, for at most
/// the close limit, also while `run` ends the program. What fails then is reported to the error handler.
class stream : public stream_reader, public stream_writer {
public:
    /// A stream over something of yours.
    explicit stream(std::unique_ptr<transport> below, const stream_options& options = {});
    stream(stream&&) noexcept = default;
    stream& operator=(stream&& other) noexcept;
    ~stream();

    /// The two sides, for two tasks. When the writer goes, the peer reads the end; when both have gone, the connection is
    /// closed, as that of a stream.
    ///
    ///     auto [in, out] = std::move(conn).split();
    std::pair<stream_reader, stream_writer> split() &&;

    /// The transport without the stream, for what goes on with it: TLS, another protocol. Sends what is unsent first.
    /// @throws invalid_state_error  bytes have been received and not been read: they would be lost
    /// @throws connection_closed, std::system_error  as write()
    /// @cancel as stream_writer::flush(); the stream is then closed
    async<std::unique_ptr<transport>> take_transport() &&;

    /// What is under it: its descriptor, or what TLS has negotiated.
    transport& below() const noexcept;

    const stream_options& options() const noexcept;

    using stream_reader::abort;
    using stream_reader::local;
    using stream_reader::peer;

private:
    explicit stream(const stream_reference& state) noexcept : stream_reader(state), stream_writer(state) {}
};

}  // namespace torus::inline v0
