// src/core/signal_actions.hpp: what the process does on a signal: one place for all loops, and for run().
#pragma once

#include <atomic>
#include <memory>

#include <torus/core/remote.hpp>

#include <signal.h>

namespace torus::inline v0 {

/// Signals are numbered from 1 to this (SIGRTMAX).
inline constexpr int highest_signal = 64;

/// What sigaction() sets `handler` by. Blocking calls of the program's other threads go on after it (SA_RESTART).
struct sigaction restarting_action(void (*handler)(int)) noexcept;

/// A signal on its way to one loop: the signal handler posts it. However often the signal comes before the loop has
/// looked, it arrives once.
class signal_letter : public remote_call {
public:
    signal_letter(int signal, std::shared_ptr<inbox> to) noexcept : signal_(signal), to_(std::move(to)) {}

    int signal() const noexcept { return signal_; }

    /// Called by the signal handler, on whatever thread.
    void post() noexcept {
        if (!posted_.exchange(true)) to_->post(*this);
    }

protected:
    ~signal_letter() = default;

    /// First thing on arrival: a signal that comes from now on is another one.
    void opened() noexcept { posted_.store(false); }

private:
    friend class signal_actions;

    void returned() noexcept override {}

    int signal_;
    std::shared_ptr<inbox> to_;
    std::atomic<bool> posted_{false};
    std::atomic<signal_letter*> next_subscriber_{nullptr};
};

/// The process's handlers. What a loop subscribes to goes to its letters, above everything else; below that lies what
/// was there before, or what run() has installed to be stopped by.
class signal_actions {
public:
    /// From now on the signal posts `letter`, beside those of other loops.
    /// @throws std::system_error  the kernel or the C library keeps the signal for itself
    static void subscribe(signal_letter& letter);

    /// No longer. Afterwards no handler uses `letter`; it may lie in the loop's inbox yet. With the last letter goes the
    /// handler, unless somebody else has replaced it, and what was below it is back.
    static void unsubscribe(signal_letter& letter) noexcept;

    /// Replaces the action below all subscriptions, where its handler is `expected`. Returns whether it was.
    static bool replace_below(int signal, void (*expected)(int), const struct sigaction& by) noexcept;

    /// While a loop lives, SIGPIPE, if nobody else handles it, is caught and does nothing: a write fails with EPIPE
    /// instead. Caught, not ignored: children would inherit that.
    static void catch_broken_pipes() noexcept;
    static void release_broken_pipes() noexcept;

private:
    static void post_letters(int signal) noexcept;  // the handler
    static bool replace(int signal, void (*expected)(int), const struct sigaction& by) noexcept;
};

/// Held while a handler uses what others may take away. A signal handler may make one.
class within_signal_handler {
public:
    within_signal_handler() noexcept;
    within_signal_handler(const within_signal_handler&) = delete;
    within_signal_handler& operator=(const within_signal_handler&) = delete;
    ~within_signal_handler();

    /// Returns when no handler runs on any thread that had begun before.
    static void wait_for_others() noexcept;

private:
    int interrupted_errno_;
};

}  // namespace torus::inline v0
