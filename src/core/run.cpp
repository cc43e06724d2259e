// src/core/run.cpp: the beginning and the end of a program's loop, and the signals that end it.
#include <torus/core/run.hpp>

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <stdexcept>

namespace torus::inline v0 {

namespace {

/// The loop that signals stop. One at a time: only the process's main thread installs handlers.
std::atomic<inbox*> stopped_inbox{nullptr};
std::atomic<int> stop_signal{0};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<inbox*>::is_always_lock_free,
              "a signal handler may use them");

/// The first signal is noted; with SA_RESETHAND the second one has its default action, which ends the process.
extern "C" void note_stop_signal(int signal) {
    stop_signal.store(signal);
    if (inbox* letters = stopped_inbox.load()) letters->wake();
}

bool on_main_thread() noexcept { return ::getpid() == ::gettid(); }

}  // namespace

/// Handlers for SIGINT and the signals of stop_on, where nobody else has one; what was there before comes back.
class main_loop::signals {
public:
    signals(event_loop& loop, const signal_set& stop_on) : letters_(loop.letters()) {
        if (!on_main_thread()) return;
        stop_signal.store(0);
        stopped_inbox.store(letters_.get());
        for (int number = 1; number < highest; ++number)
            if (number == SIGINT || stop_on.contains(number)) install(number);
    }

    ~signals() {
        for (int number = 1; number < highest; ++number)
            if (installed_[static_cast<std::size_t>(number)])
                ::sigaction(number, &before_[static_cast<std::size_t>(number)], nullptr);
        inbox* mine = letters_.get();
        stopped_inbox.compare_exchange_strong(mine, nullptr);
    }

    signals(const signals&) = delete;
    signals& operator=(const signals&) = delete;

    /// The signal that has come, once; 0 if none has.
    int take() noexcept {
        // Relaxed: asked in every pass, and a signal wakes the loop for another one.
        if (stop_signal.load(std::memory_order_relaxed) == 0) return 0;
        return stopped_inbox.load() == letters_.get() ? stop_signal.exchange(0) : 0;
    }

private:
    static constexpr int highest = 64;

    void install(int number) noexcept {
        const auto index = static_cast<std::size_t>(number);
        struct sigaction current{};
        if (::sigaction(number, nullptr, &current) != 0 || current.sa_handler != SIG_DFL) return;
        struct sigaction ours{};
        ours.sa_handler = note_stop_signal;
        ours.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
        sigemptyset(&ours.sa_mask);
        installed_[index] = ::sigaction(number, &ours, &before_[index]) == 0;
    }

    std::shared_ptr<inbox> letters_;
    std::array<struct sigaction, highest> before_{};
    std::array<bool, highest> installed_{};
};

void require_no_loop() {
    if (running.loop) throw std::runtime_error("torus: run() cannot be called from a running event loop");
}

main_loop::main_loop(const run_options& options)
    : loop_({.backend = options.backend, .clock = options.clock, .debug = options.debug}), options_(options) {}

main_loop::~main_loop() { loop_.close(options_.thread_grace); }

void main_loop::finish(any_task main) {
    signals stopping(loop_, options_.stop_on);
    int interrupted_by = 0;
    while (!main.done()) {
        loop_.run_once();
        const int signal = stopping.take();
        if (signal != 0 && !main.done()) {
            interrupted_by = signal;
            main.cancel("interrupted by a signal");
        }
    }
    loop_.cancel_all_tasks(options_.task_grace);
    // Only where nothing else has cancelled main was it the signal that ended it.
    if (interrupted_by != 0 && main.cancelled() && main.uncancel() == 0) throw keyboard_interrupt(interrupted_by);
}

}  // namespace torus::inline v0
