// cli/fetch/jsonl_scan.hpp: what an earlier start has left in a file of lines.
#pragma once

#include <cstdint>

#include "cli/fetch/output_file.hpp"
#include "cli/fetch/store.hpp"

namespace torus::inline v0::cli {

/// Goes through the rows of a file, on a thread that may block, and through the log of the run.
///
/// A torn last line is cut off. If there are rows which are to be fetched again, the file is written anew without them,
/// and `rows` is the new one then.
///
/// @param lines  of the input: ids beyond are none
/// @throws output_refused  a line in it is no row
earlier_rows scan_rows(output_file& rows, output_file& log, std::int64_t lines, again which);

}  // namespace torus::inline v0::cli
