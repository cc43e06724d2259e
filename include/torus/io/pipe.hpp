// torus/io/pipe.hpp: streams over pipes, terminals, and whatever else standard input and output may be.
#pragma once

#include <memory>

#include <torus/io/descriptor.hpp>
#include <torus/io/limits.hpp>
#include <torus/io/reader.hpp>
#include <torus/io/stream.hpp>
#include <torus/io/transport.hpp>
#include <torus/io/writer.hpp>

namespace torus::inline v0 {

/// Reads from a pipe, a FIFO, a terminal, a socket, a device or a file, from where it stands.
///
///     stream_reader events = open_pipe_reader(descriptor(::open("/run/events", O_RDONLY | O_CLOEXEC)));
///
/// Waiting never blocks the loop, yet O_NONBLOCK is not set on what other processes may share with this one: a pipe or
/// terminal is opened anew where that is possible, and otherwise read when it has something.
///
/// @throws std::system_error  EBADF: nothing is open there
/// @source asyncio's loop.connect_read_pipe
stream_reader open_pipe_reader(descriptor from, const stream_options& options = {});

/// Writes to it. A write after the last reader has gone throws `connection_closed`.
/// @throws std::system_error  as open_pipe_reader()
/// @source asyncio's loop.connect_write_pipe
stream_writer open_pipe_writer(descriptor to, const stream_options& options = {});

/// Both at once: one stream that reads from the one and writes to the other.
/// @throws std::system_error  as open_pipe_reader()
stream open_pipes(descriptor from, descriptor to, const stream_options& options = {});

/// @{ The process's standard input, output and error, whatever they are. The stream reads and writes a duplicate:
/// closing it leaves the descriptor open, and what <cstdio> or <iostream> have buffered is theirs.
///
///     stream_reader in = stdin_reader();
///     while (auto line = co_await in.next()) co_await handle(*line);
///
/// @throws std::system_error  as open_pipe_reader()
stream_reader stdin_reader(const stream_options& options = {});
stream_writer stdout_writer(const stream_options& options = {});
stream_writer stderr_writer(const stream_options& options = {});
/// @}

/// What is under these streams. Either may be missing: reading is then at its end, writing throws.
/// @throws std::system_error  as open_pipe_reader()
std::unique_ptr<transport> pipe_transport(descriptor from, descriptor to);

}  // namespace torus::inline v0
