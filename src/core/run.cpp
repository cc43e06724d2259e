// src/core/run.cpp: the beginning and the end of a program's loop, and the signals that end it.
#include <torus/core/run.hpp>

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

#include "core/loop_threads.hpp"
#include "core/signal_actions.hpp"
#include "core/uncaught_interrupt.hpp"

namespace torus::inline v0 {

namespace {

/// The loop that signals stop. One at a time: only the process's main thread installs handlers.
std::atomic<inbox*> stopped_inbox{nullptr};
std::atomic<int> stop_signal{0};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<inbox*>::is_always_lock_free,
              "a signal handler may use them");

/// The first signal is noted; with SA_RESETHAND the second one has its default action, which ends the process.
extern "C" void note_stop_signal(int signal) {
    const within_signal_handler within;
    stop_signal.store(signal);
    if (inbox* letters = stopped_inbox.load()) letters->wake();
}

bool on_main_thread() noexcept { return ::getpid() == ::gettid(); }

}  // namespace

/// Handlers for SIGINT and the signals of stop_on, where nobody else has one; afterwards they have their default action
/// again, unless somebody else has taken them meanwhile. Subscriptions come before them.
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
        inbox* mine = letters_.get();
        if (stopped_inbox.load() != mine) return;  // on another thread than the process's main one
        for (int number = 1; number < highest; ++number)
            signal_actions::replace_below(number, note_stop_signal, default_action());
        stopped_inbox.compare_exchange_strong(mine, nullptr);
        within_signal_handler::wait_for_others();
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

    static struct sigaction default_action() noexcept {
        struct sigaction action{};
        action.sa_handler = SIG_DFL;
        sigemptyset(&action.sa_mask);
        return action;
    }

    static void install(int number) noexcept {
        struct sigaction ours = default_action();
        ours.sa_handler = note_stop_signal;
        ours.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
        signal_actions::replace_below(number, SIG_DFL, ours);
    }

    std::shared_ptr<inbox> letters_;
};

void require_no_loop() {
    if (running.loop) throw std::runtime_error("torus: run() cannot be called from a running event loop");
}

main_loop::main_loop(const run_options& options)
    : loop_(std::make_shared<event_loop>(loop_options{.backend = options.backend,
                                                      .world = options.world,
                                                      .clock = options.clock,
                                                      .debug = options.debug,
                                                      .eager_tasks = options.eager_tasks,
                                                      .blocked_after = options.blocked_after,
                                                      .busy_poll = options.busy_poll})),
      options_(options), others_(loop_threads::start(loop_, options)) {}

/// Other loops of the run may keep this one: what they still ask of it is refused.
main_loop::~main_loop() {
    if (others_) others_->ask_to_end();
    loop_->close(options_.thread_grace);
    if (others_) others_->end();
    event_loop::leave();
}

task_record& main_loop::begin(promise_base& main, chosen_context context) {
    task_record& root = task_record::prepare(main, "main", nullptr, main.location());
    if (context.cell()) root.run_in(context.cell());
    root.loop().schedule(root);
    return root;
}

/// The signal that has cancelled main, or 0.
int main_loop::run_until_done(any_task main) {
    const auto why = std::make_shared<const std::string>("interrupted by a signal");
    signals stopping(*loop_, options_.stop_on);
    int interrupted_by = 0;
    loop_->begin_run();
    while (!main.done()) {
        loop_->run_some(main.record());
        const int signal = stopping.take();
        if (signal != 0 && !main.done()) {
            interrupted_by = signal;
            main.record().pass_cancel(why);
        }
    }
    loop_->end_run();
    return interrupted_by;
}

/// Only where nothing else has cancelled main was it the signal that ended it.
void main_loop::throw_if_interrupted(any_task main, int by) {
    if (by == 0 || !main.cancelled() || main.uncancel() != 0) return;
    end_uncaught_interrupts_by_their_signals();
    throw keyboard_interrupt(by);
}

void main_loop::run_to_end(any_task main) {
    const int interrupted_by = run_until_done(main);
    throw_if_interrupted(main, interrupted_by);
}

void main_loop::end_tasks() {
    if (others_) others_->ask_to_end();  // all end at once: their tasks may wait for each other
    loop_->begin_run();
    loop_->cancel_all_tasks(options_.task_grace);
    loop_->close_generators(options_.task_grace);
    loop_->end_run();
}

void main_loop::finish(any_task main) {
    const int interrupted_by = run_until_done(main);
    end_tasks();
    throw_if_interrupted(main, interrupted_by);
}

}  // namespace torus::inline v0
