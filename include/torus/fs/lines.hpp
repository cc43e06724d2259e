// torus/fs/lines.hpp: the lines of a file.
#pragma once

#include <torus/fs/file.hpp>
#include <torus/io/limits.hpp>
#include <torus/io/reader.hpp>

namespace torus::inline v0::fs {

/// The lines of a file, from its position on, with everything else that reads from a stream.
///
///     auto lines = fs::lines(co_await fs::open("access.log"));
///     while (auto line = co_await lines.next()) count(*line);
///
/// Each has its "\n" at its end; the last one may have none. A line longer than `limits.read_limit` is a
/// limit_overrun_error, and is skipped. Other errors are fs::error.
stream_reader lines(file from, const stream_options& limits = {});

}  // namespace torus::inline v0::fs
