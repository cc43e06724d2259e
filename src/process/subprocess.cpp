// src/process/subprocess.cpp: a process and its streams in one's hands.
#include <torus/process/subprocess.hpp>

#include <cerrno>
#include <system_error>
#include <utility>

#include <torus/core/error.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/thread.hpp>
#include <torus/io/pipe.hpp>

#include "process/conversation.hpp"
#include "process/spawn.hpp"

#include <signal.h>

namespace torus::inline v0 {

namespace {

/// The process goes: what is unsent to it is nobody's any more, and no error either.
void drop(const std::shared_ptr<process_state>& state) noexcept {
    if (!state) return;
    if (state->in) state->in->abort();
    const child_owner ending(std::move(state->owner));
}

template <class Stream> Stream& opened(std::optional<Stream>& stream, const char* name) {
    if (stream) return *stream;
    throw invalid_state_error(std::string("torus: the process has no pipe for its ") + name);
}

}  // namespace

process::process(std::shared_ptr<process_state> state) noexcept : state_(std::move(state)) {}

process::process(process&&) noexcept = default;

process& process::operator=(process&& other) noexcept {
    const process former(std::move(*this));
    state_ = std::move(other.state_);
    return *this;
}

process::~process() { drop(state_); }

int process::pid() const noexcept { return state_->owner.owned()->pid(); }

std::optional<int> process::returncode() const noexcept { return state_->owner.owned()->status(); }

async<int> process::wait() { return wait_for_end(state_->owner.owned()); }

async<process_output> process::communicate(std::string input, std::size_t limit) {
    return communicate_with(state_, std::move(input), limit);
}

void process::send_signal(int signal) { state_->owner.owned()->send(signal); }

void process::terminate() { send_signal(SIGTERM); }

void process::kill() { send_signal(SIGKILL); }

stream_writer& process::stdin_() { return opened(state_->in, "input"); }

stream_reader& process::stdout_() { return opened(state_->out, "output"); }

stream_reader& process::stderr_() { return opened(state_->err, "errors"); }

void process::detach() noexcept { state_->owner.detach(); }

async<process> start_process(std::shared_ptr<spawn_request> request) {
    if (event_loop::current().backend_name() == "sim")
        throw std::system_error(ENOSYS, std::system_category(), "torus: a process in a simulation, which has none");
    request->prepare();
    spawn_result started = co_await to_thread(start_program, request);
    if (started.error != 0) throw std::system_error(started.error, std::system_category(), "torus: " + started.attempt);
    const stream_options limits{.read_limit = request->options.limit};
    auto state = std::make_shared<process_state>();
    state->owner = std::move(started.owner);
    auto& [in, out, err] = started.pipes;
    if (in) state->in.emplace(open_pipe_writer(std::move(in), limits));
    if (out) state->out.emplace(open_pipe_reader(std::move(out), limits));
    if (err) state->err.emplace(open_pipe_reader(std::move(err), limits));
    co_return process(std::move(state));
}

async<process> create_subprocess_exec(std::span<const std::string> command, const process_options& options) {
    return start_process(std::make_shared<spawn_request>(command, options));
}

async<process> create_subprocess_exec(std::span<const std::string_view> command, const process_options& options) {
    return start_process(std::make_shared<spawn_request>(command, options));
}

async<process> create_subprocess_shell(std::string_view command, const process_options& options) {
    const std::array<std::string_view, 3> words{"/bin/sh", "-c", command};
    return create_subprocess_exec(std::span<const std::string_view>(words), options);
}

}  // namespace torus::inline v0
