// src/process/child.cpp: signals to a child, and the end of it.
#include "process/child.hpp"

#include <cerrno>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include <torus/core/loop.hpp>
#include <torus/core/task.hpp>
#include <torus/core/time.hpp>
#include <torus/io/ready.hpp>

#include "process/pidfd.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

namespace torus::inline v0 {

namespace {

// The status of a child whose status nobody knows; asyncio's figure.
constexpr int unknown_status = 255;

// How long a child that was killed may take to be gone once nobody can wait any longer: the program ends, or no loop
// runs. Usually it is a millisecond; one that hangs in the kernel, on a dead disk say, may take for ever.
constexpr duration end_limit = std::chrono::seconds(5);

void report_of(pid_t pid, const char* what) noexcept {
    try {
        report_error({"child process " + std::to_string(pid) + what, nullptr, {}});
    } catch (const std::bad_alloc&) {
        return;  // no memory to say so
    }
}

void report_undead(pid_t pid) noexcept { report_of(pid, " was killed, but does not end"); }

/// Waits for the end of a child in the background. `run`, which cancels it, leaves one alone that is to live on, and
/// waits a while for one that was killed.
async<> fetch_status(std::shared_ptr<child> of, bool was_killed) {
    bool is_last_try = false;
    while (!of->status()) {
        try {
            if (is_last_try) co_await timeout(end_limit, readable(of->handle()));
            else co_await readable(of->handle());
        } catch (const cancelled_error&) {
            if (!was_killed || is_last_try) break;
            is_last_try = true;
        } catch (const timeout_error&) {
            report_undead(of->pid());
            break;
        }
    }
}

bool fetch_in_background(const std::shared_ptr<child>& of, bool was_killed) noexcept {
    if (!running.loop) return false;
    try {
        // Eager, so that a cancellation by `run`, which ends, finds it begun.
        spawn(fetch_status(of, was_killed), task_options{.name = "end of a child process", .eager = true});
        return true;
    } catch (...) {
        return false;
    }
}

void fetch_now(child& of) noexcept {
    pollfd handle{of.handle(), POLLIN, 0};
    const auto limit = static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(end_limit).count());
    while (::poll(&handle, 1, limit) < 0 && errno == EINTR) {}
    if (!of.status()) report_undead(of.pid());
}

}  // namespace

std::optional<int> child::status() noexcept {
    if (status_) return status_;
    siginfo_t info{};
    int result = 0;
    do {
        result = ::waitid(P_PIDFD, static_cast<id_t>(handle_.number()), &info, WEXITED | WNOHANG);
    } while (result < 0 && errno == EINTR);
    if (result < 0) {
        status_ = unknown_status;
        report_of(pid_,
                  " has ended, but its status is unknown: somebody else has waited for it, or SIGCHLD is ignored");
    } else if (info.si_pid != 0) {
        status_ = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
    }
    return status_;
}

void child::send(int signal) {
    if (status()) return;
    if (pidfd::send(handle_.number(), signal) == 0 || errno == ESRCH) return;
    throw std::system_error(errno, std::system_category(),
                            "torus: signal " + std::to_string(signal) + " to process " + std::to_string(pid_));
}

/// While its status has not been fetched its number, and with that the group's, belongs to nobody else.
void child::end() noexcept {
    if (status_) return;
    if (leads_group_) ::kill(-pid_, SIGKILL);
    pidfd::send(handle_.number(), SIGKILL);
}

child_owner::~child_owner() {
    if (!child_ || is_detached_) return;
    child_->end();
    if (!child_->status() && !fetch_in_background(child_, true)) fetch_now(*child_);
}

void child_owner::detach() noexcept {
    if (std::exchange(is_detached_, true) || child_->status()) return;
    fetch_in_background(child_, false);
}

}  // namespace torus::inline v0
