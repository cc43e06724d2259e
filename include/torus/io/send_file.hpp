// torus/io/send_file.hpp: a file's bytes into a stream, without copies where that can be had.
#pragma once

#include <cstdint>

#include <torus/core/async.hpp>
#include <torus/io/stream.hpp>

namespace torus::inline v0 {

/// Up to the file's end.
inline constexpr std::uint64_t whole_file = ~std::uint64_t{0};

/// Sends a part of a file. On a socket the kernel sends what it has in memory by itself; what has to come from the disk
/// first, and what goes through TLS, is read and written, without blocking the loop.
///
///     co_await send_file(conn, file.number(), 0);
///
/// What was written before is sent before. The file goes out in several writes: no other task may write to this stream
/// until it ends.
///
/// @param  file    a regular file, open for reading; its own position is neither used nor moved
/// @param  offset  where to begin, in bytes
/// @param  count   bytes to send, at most
/// @return bytes sent: fewer than `count`, if the file ends before
/// @throws connection_closed, std::system_error  what sending reports; what reading reports: ESPIPE, EISDIR, EBADF
/// @cancel an unknown part has been sent: the stream is of use only to a peer who can cope with that
/// @source asyncio's loop.sendfile
async<std::uint64_t> send_file(stream& to, int file, std::uint64_t offset = 0, std::uint64_t count = whole_file);

}  // namespace torus::inline v0
