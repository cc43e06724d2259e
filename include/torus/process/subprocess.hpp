// torus/process/subprocess.hpp: starting programs, talking to them, and waiting for their ends.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <torus/core/async.hpp>
#include <torus/io/reader.hpp>
#include <torus/io/writer.hpp>
#include <torus/process/options.hpp>

namespace torus::inline v0 {

/// The most that `communicate` keeps of each stream, unless it is told otherwise. More than people look at, and little
/// enough that a child which never stops does not take all memory.
inline constexpr std::size_t default_output_limit = std::size_t{64} * 1024 * 1024;  // bytes

/// What a process has written.
class process_output {
public:
    process_output(std::string out_text, std::string err_text) noexcept
        : out(std::move(out_text)), err(std::move(err_text)) {}

    std::string out;
    std::string err;
};

/// A child process.
///
///     auto ls = co_await create_subprocess_exec("ls", "-l", "/", process_options{.out = torus::pipe});
///     auto [out, err] = co_await ls.communicate();
///     if (ls.returncode() != 0) ...
///
/// Destroying it kills the process if it still runs, and sees to it that nothing is left of it; with it goes its group,
/// if it leads one. `detach()` is for those that are to live on.
///
/// It is known by a descriptor of its own (pidfd_open(2)): no signal ever hits another process that has got its number.
class process {
public:
    process(process&&) noexcept;
    process& operator=(process&&) noexcept;
    ~process();

    int pid() const noexcept;

    /// How it has ended: its exit status, or minus the number of the signal that killed it; nothing while it runs. 255 if
    /// somebody else in this program has taken the status away (waitpid(-1), or SIGCHLD is ignored); that is reported.
    std::optional<int> returncode() const noexcept;

    /// Waits for its end; any number of tasks may. A child that writes to a pipe which nobody reads may never end: then
    /// `communicate` is right.
    /// @return as returncode()
    /// @throws std::system_error  what poll(2) reports
    /// @cancel ends the wait only; the process goes on
    /// @source asyncio.subprocess.Process.wait
    async<int> wait();

    /// Sends `input` and the end of it, reads what the process writes to its pipes, and waits for its end. A process that
    /// doesn't want all of the input is no error.
    /// @throws limit_overrun_error    it has written more than `limit` to one of them; it goes on
    /// @throws std::invalid_argument  input without a pipe for it, or after communicate() has sent its end
    /// @cancel the process goes on; nothing is lost: a further call sends and reads the rest, and returns all of it
    /// @source asyncio.subprocess.Process.communicate
    async<process_output> communicate(std::string input = {}, std::size_t limit = default_output_limit);

    /// Sends a signal. Nothing happens if the process has ended.
    /// @throws std::system_error  EINVAL: no such signal; EPERM: it runs as somebody else
    void send_signal(int signal);
    /// SIGTERM: asks it to end.
    void terminate();
    /// SIGKILL: ends it.
    void kill();

    /// @{ The other ends of its pipes. To end its input, close the stream.
    ///
    ///     while (auto line = co_await ping.stdout_().next()) print("> ", *line);
    ///
    /// The C library has macros of the names without the underscore.
    /// @throws invalid_state_error  it has no pipe there, or communicate() has ended its input
    stream_writer& stdin_();
    stream_reader& stdout_();
    stream_reader& stderr_();
    /// @}

    /// The process goes on whatever becomes of this object. While the loop runs, its end is noticed and nothing is left.
    void detach() noexcept;

private:
    friend async<process> start_process(std::shared_ptr<class spawn_request> request);
    explicit process(std::shared_ptr<class process_state> state) noexcept;

    std::shared_ptr<class process_state> state_;
};

/// Something of a command line.
template <class T>
concept command_part = std::convertible_to<const T&, std::string_view> || std::same_as<T, process_options>;

/// Starts a program with arguments; options come last.
///
///     auto sort = co_await create_subprocess_exec("sort", "-n", process_options{.in = torus::pipe, .out = torus::pipe});
///
/// Without a slash in its name the program is looked for in the folders of PATH. Of this process's open files the child
/// gets its standard streams only. It has the signal mask of this thread, and dies of SIGPIPE as programs do.
///
/// @throws std::system_error      the program cannot be run, or the working directory not be entered: ENOENT, EACCES …;
///                                ENOSYS in a simulation
/// @throws std::invalid_argument  a zero byte in an argument, no program, or options that contradict each other
/// @cancel takes effect at once; if the child has begun, it is killed
/// @cost   a thread of the loop's pool for as long as the kernel takes to start a program, about half a millisecond
/// @source asyncio.create_subprocess_exec
template <command_part... Rest>
async<process> create_subprocess_exec(std::string_view program, const Rest&... rest);

/// The same for a command line in a row: a vector of strings.
/// @cancel as above
async<process> create_subprocess_exec(std::span<const std::string> command, const process_options& options = {});
/// @cancel as above
async<process> create_subprocess_exec(std::span<const std::string_view> command, const process_options& options = {});

/// Starts a shell (/bin/sh) with a command. Never glue text of others into one.
/// @throws as create_subprocess_exec(); that the shell finds no program is told by its exit status, 127
/// @cancel as create_subprocess_exec()
/// @source asyncio.create_subprocess_shell
async<process> create_subprocess_shell(std::string_view command, const process_options& options = {});

// ------------------------------------------------------------------------------------------------------------------

/// A command line while it is taken apart.
template <std::size_t Most> class command_words {
public:
    void add(std::string_view word) noexcept { words[count++] = word; }
    void add(const process_options& given) noexcept { options = given; }

    std::array<std::string_view, Most> words;
    std::size_t count = 0;
    process_options options;
};

/// Whether options, if there are any, are the last of these.
template <class... Rest> consteval bool options_come_last() {
    const bool is_option[] = {std::same_as<Rest, process_options>..., false};
    for (std::size_t i = 0; i + 1 < sizeof...(Rest); ++i)
        if (is_option[i]) return false;
    return true;
}

template <command_part... Rest>
async<process> create_subprocess_exec(std::string_view program, const Rest&... rest) {
    static_assert(options_come_last<Rest...>(), "the options come after the arguments");
    command_words<1 + sizeof...(Rest)> command;
    command.add(program);
    (command.add(rest), ...);
    const std::span<const std::string_view> words(command.words.data(), command.count);
    return create_subprocess_exec(words, command.options);
}

}  // namespace torus::inline v0
