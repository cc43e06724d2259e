// tests/core/in_child.hpp: running something in a child process, for what may end a process.
#pragma once

#include <cerrno>
#include <csignal>

#include <torus/core/run.hpp>

#include <sys/wait.h>
#include <unistd.h>

namespace torus::testing {

inline constexpr int ran_to_its_end = 7;
inline constexpr int was_interrupted = 8;
inline constexpr int was_cancelled = 9;

/// Runs `body` in a child process, whose exit code it gives. A child that hangs is ended by its alarm.
template <class Body> int status_of(Body body) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(60);
        ::signal(SIGINT, SIG_DFL);
        ::signal(SIGTERM, SIG_DFL);
        ::_exit(body());
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return status;
}

inline bool exited_with(int code, int status) { return WIFEXITED(status) && WEXITSTATUS(status) == code; }
inline bool killed_by(int signal, int status) { return WIFSIGNALED(status) && WTERMSIG(status) == signal; }

/// Runs main, and tells in a number how that ended.
template <class Main> int outcome_of(Main main, run_options options = {}) {
    try {
        run(main(), options);
        return ran_to_its_end;
    } catch (const keyboard_interrupt& e) {
        return e.signal() == SIGINT || e.signal() == SIGTERM ? was_interrupted : 0;
    } catch (const cancelled_error&) {
        return was_cancelled;
    }
}

}  // namespace torus::testing
