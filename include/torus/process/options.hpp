// torus/process/options.hpp: what a child process is started with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <torus/io/descriptor.hpp>
#include <torus/io/limits.hpp>

namespace torus::inline v0 {

class environment;

/// What a child's standard input, output or error is.
class process_stream {
public:
    enum class kind : std::uint8_t { inherited, piped, null, with_stdout, given };

    constexpr explicit process_stream(kind what) noexcept : kind_(what) {}

    /// A file that is open here; the child gets a duplicate.
    constexpr process_stream(int descriptor) noexcept : kind_(kind::given), descriptor_(descriptor) {}
    process_stream(const descriptor& open) noexcept : process_stream(open.number()) {}

    constexpr kind what() const noexcept { return kind_; }
    constexpr int number() const noexcept { return descriptor_; }

private:
    kind kind_;
    int descriptor_ = -1;
};

/// The same as this process's.
inline constexpr process_stream inherit{process_stream::kind::inherited};
/// A pipe, whose other end is a stream: `process::stdin_()`, `stdout_()`, `stderr_()`.
inline constexpr process_stream pipe{process_stream::kind::piped};
/// Nothing to read, and whatever is written is dropped: /dev/null.
inline constexpr process_stream devnull{process_stream::kind::null};
/// For the error stream: wherever the output goes.
inline constexpr process_stream to_stdout{process_stream::kind::with_stdout};

inline constexpr int inherit_group = -1;
inline constexpr int own_group = 0;
inline constexpr int inherit_umask = -1;

/// How a process is started. Whatever it refers to is copied when the process is asked for.
struct process_options {
    process_stream in = inherit;
    process_stream out = inherit;
    process_stream err = inherit;

    /// Where the process begins, and what its program's path is relative to; empty for where this process is.
    std::string_view cwd = {};

    /// Its variables; null for those of this process. PATH among them is where the program is looked for.
    const environment* env = nullptr;

    /// The process group: `own_group`, or the number of one to join. A process that leads its own group, or session, is
    /// killed with all of it when the object goes.
    int process_group = inherit_group;
    bool start_new_session = false;

    /// Permissions that files it makes don't get, 022 say.
    int umask = inherit_umask;

    /// The read limit of its output's streams.
    std::size_t limit = default_read_limit;
};

}  // namespace torus::inline v0
