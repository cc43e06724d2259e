// src/process/pidfd.hpp: a process as a descriptor. Debian 12's <sys/pidfd.h> forgets that C++ mangles names.
#pragma once

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

namespace torus::inline v0::pidfd {

/// pidfd_open(2): close-on-exec, readable when the process has ended. -1 and errno if there is none.
inline int open(pid_t pid) noexcept { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

/// pidfd_send_signal(2). -1 and errno if it could not be sent.
inline int send(int handle, int signal) noexcept {
    return static_cast<int>(::syscall(SYS_pidfd_send_signal, handle, signal, nullptr, 0));
}

}  // namespace torus::inline v0::pidfd
