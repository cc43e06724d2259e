// src/core/no_signals.hpp: starting threads that receive no signals.
#pragma once

#include <pthread.h>
#include <signal.h>

namespace torus::inline v0 {

/// Signals belong to the loop's thread: a thread that is started within this scope receives none.
struct no_signals {
    no_signals() noexcept {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
    }
    ~no_signals() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }
    no_signals(const no_signals&) = delete;
    no_signals& operator=(const no_signals&) = delete;
    sigset_t before;
};

}  // namespace torus::inline v0
