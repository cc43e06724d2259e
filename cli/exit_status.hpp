// cli/exit_status.hpp: how a command ends, as a number.
#pragma once

namespace torus::inline v0::cli {

/// Exit statuses of the command; 128 and a signal's number where that ended it.
namespace exit_status {
inline constexpr int done = 0;
inline constexpr int some_failed = 1;
inline constexpr int usage = 2;     // and outputs that hold something else
inline constexpr int broken = 3;    // the output or the input failed, or no more files may be opened
inline constexpr int by_signal = 128;
}  // namespace exit_status

}  // namespace torus::inline v0::cli
