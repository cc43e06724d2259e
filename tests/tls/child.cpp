// tests/tls/child.cpp: starting programs, and waiting for them.
#include "child.hpp"

#include <torus/core/thread.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace torus::inline v0::tls::testing {

namespace {

std::array<descriptor, 2> connected_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) < 0)
        throw std::system_error(errno, std::system_category(), "socketpair");
    return {descriptor(ends[0]), descriptor(ends[1])};
}

int wait_for(pid_t process) {
    int status = 0;
    while (::waitpid(process, &status, 0) < 0)
        if (errno != EINTR) throw std::system_error(errno, std::system_category(), "waitpid");
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

pid_t start(std::vector<std::string>& command, const std::string& directory, int end) {
    std::vector<char*> arguments;
    for (std::string& each : command) arguments.push_back(each.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, end, 0);
    ::posix_spawn_file_actions_adddup2(&actions, end, 1);
    ::posix_spawn_file_actions_adddup2(&actions, end, 2);
    ::posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
    pid_t process = -1;
    const int failed = ::posix_spawnp(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        throw std::system_error(failed, std::system_category(), command.front() + ", which ./dev setup installs");
    return process;
}

}  // namespace

child::child(std::vector<std::string> command, const std::string& directory)
    : child(command, directory, connected_pair()) {}

child::child(std::vector<std::string>& command, const std::string& directory, std::array<descriptor, 2> ends)
    : process_(start(command, directory, ends[1].number())), talk_(socket_transport(std::move(ends[0]))) {}

child::~child() {
    if (process_ < 0) return;
    kill();
    wait_for(process_);
}

void child::kill() noexcept { ::kill(process_, SIGKILL); }

async<std::string> child::line_after(std::string prefix) {
    for (;;) {
        const std::string line = co_await talk_.readline();
        if (line.empty()) throw std::runtime_error("the program has ended without saying " + prefix);
        if (line.starts_with(prefix)) co_return line.substr(prefix.size(), line.size() - prefix.size() - 1);
    }
}

async<int> child::exit_code() {
    const pid_t process = process_;
    const int code = co_await to_thread(wait_for, process);
    process_ = -1;
    co_return code;
}

}  // namespace torus::inline v0::tls::testing
