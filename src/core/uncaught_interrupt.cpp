// src/core/uncaught_interrupt.cpp: how a program ends that doesn't catch a keyboard_interrupt.
#include "core/uncaught_interrupt.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>

#include <torus/core/error.hpp>

#include <signal.h>
#include <unistd.h>

namespace torus::inline v0 {

namespace {

/// The library's own handler, which says what was thrown and aborts.
const std::terminate_handler usual_handler = std::get_terminate();

/// An exit status of 128 and the number would say less: a shell that runs a loop goes on then, and stops if the signal
/// has ended the program.
[[noreturn]] void end_by(int signal) noexcept {
    std::fflush(stdout);  // as exit() would: an interrupt is no reason to lose what was printed
    struct sigaction action{};
    action.sa_handler = SIG_DFL;
    sigemptyset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
    sigset_t alone;
    sigemptyset(&alone);
    sigaddset(&alone, signal);
    ::pthread_sigmask(SIG_UNBLOCK, &alone, nullptr);
    ::raise(signal);
    ::_exit(128 + signal);  // by default it is ignored, or this is the first process of a container
}

[[noreturn]] void handle_uncaught() noexcept {
    if (const std::exception_ptr uncaught = std::current_exception()) {
        try {
            std::rethrow_exception(uncaught);
        } catch (const keyboard_interrupt& e) {
            end_by(e.signal());
        } catch (...) {
            // The usual handler finds it as it was.
        }
    }
    usual_handler();
    std::abort();
}

}  // namespace

void end_uncaught_interrupts_by_their_signals() noexcept {
    if (std::get_terminate() == usual_handler) std::set_terminate(handle_uncaught);
}

}  // namespace torus::inline v0
