// tests/http/child.hpp: other people's programs, as long as a test needs them.
#pragma once

#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <torus/core/core.hpp>
#include <torus/net/net.hpp>

namespace torus::inline v0::http::testing {

/// A program that runs; it is ended with this object. Its output can be read.
class child {
public:
    explicit child(const std::vector<std::string>& words) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) < 0) throw std::runtime_error("pipe2");
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
        std::vector<char*> arguments;
        for (const std::string& each : words) arguments.push_back(const_cast<char*>(each.c_str()));
        arguments.push_back(nullptr);
        const int failed = ::posix_spawnp(&process_, arguments[0], &actions, nullptr, arguments.data(), ::environ);
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        output_ = ::fdopen(ends[0], "r");
        if (failed != 0) throw std::runtime_error(words[0] + " is not installed");
    }
    child(const child&) = delete;
    child& operator=(const child&) = delete;
    ~child() {
        static_cast<void>(wait(SIGTERM));
        std::fclose(output_);
    }

    /// Blocks until the next line, or the end.
    std::string line() {
        std::string text;
        for (int c = std::fgetc(output_); c != EOF; c = std::fgetc(output_)) {
            text += static_cast<char>(c);
            if (c == '\n') break;
        }
        return text;
    }

    /// Blocks until the program has ended, and gives its status; sends it a signal before.
    int wait(int signal = 0) noexcept {
        if (process_ <= 0) return status_;
        if (signal != 0) ::kill(process_, signal);
        ::waitpid(std::exchange(process_, 0), &status_, 0);
        return status_;
    }

private:
    ::pid_t process_ = 0;
    int status_ = -1;
    std::FILE* output_ = nullptr;
};

/// What a program says until it ends; its status behind that, if it isn't 0.
inline async<std::string> output_of(std::vector<std::string> words) {
    const auto blocking = [words]() -> std::string {
        child program(words);
        std::string all;
        for (std::string each = program.line(); !each.empty(); each = program.line()) all += each;
        const int status = program.wait();
        return status == 0 ? all : all + "(status " + std::to_string(WEXITSTATUS(status)) + ")";
    };
    co_return co_await to_thread(blocking);
}

/// Waits until somebody accepts connections there.
inline async<> wait_for_port(std::uint16_t port) {
    for (int i = 0; i < 10'000; ++i) {
        try {
            const stream there = co_await open_connection("127.0.0.1", port);
            co_return;
        } catch (const connect_error&) {
            // not yet
        }
        co_await sleep(std::chrono::milliseconds(2));
    }
    throw std::runtime_error("nobody listens");
}

/// A port that was free a moment ago.
inline async<std::uint16_t> free_port() {
    torus::server there = co_await start_server([](stream) -> async<> { co_return; }, "127.0.0.1", 0);
    const std::uint16_t port = there.port();
    there.close();
    co_await there.wait_closed();
    co_return port;
}

}  // namespace torus::inline v0::http::testing
