// torus/core/run.hpp: run, which takes a program from its first coroutine to its last.
#pragma once

#include <csignal>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <type_traits>
#include <utility>

#include <torus/core/async.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/task.hpp>

namespace torus::inline v0 {

/// A set of signals: `{SIGTERM, SIGHUP}`.
class signal_set {
public:
    constexpr signal_set() noexcept = default;
    constexpr signal_set(std::initializer_list<int> signals) noexcept {
        for (int signal : signals)
            if (signal > 0 && signal < 64) bits_ |= std::uint64_t{1} << signal;
    }
    constexpr bool contains(int signal) const noexcept { return signal > 0 && signal < 64 && (bits_ >> signal & 1); }

private:
    std::uint64_t bits_ = 0;
};

struct run_options {
    backend_kind backend = backend_kind::automatic;
    /// A simulated world instead, with the simulated clock: see <torus/sim/network.hpp>.
    const backend_source* world = nullptr;
    clock_kind clock = clock_kind::steady;

    /// Looks for mistakes, which takes time: steps longer than `loop.slow_callback_duration` are reported, so are tasks
    /// that swallow their cancellation or mostly wake themselves; calls from foreign threads and tasks that await each
    /// other throw. TORUS_DEBUG=1 in the environment does the same.
    bool debug = false;
    /// Event loops, each on a thread of its own: main runs on the first, this thread's; `loops()` lists them, `spawn_on`
    /// and `on_every_loop` use them. 0: one for each processor that the process may use. 1024 at most. They end with main:
    /// their tasks are cancelled with its own. The simulation has one loop, whatever this says.
    unsigned threads = 1;

    bool eager_tasks = false;  // every task but main begins as with `task_options::eager`

    /// A loop that is blocked for longer by what it runs is reported while it is, on standard error, with the task and
    /// the line where it was last seen; and to the error handler when it goes on. Zero: never. See docs/debugging.md.
    duration blocked_after = std::chrono::milliseconds(100);

    /// How long a loop that has nothing to do looks again and again for what comes, before it sleeps. Who talks to it is
    /// answered sooner, since nobody has to be woken; it takes a processor meanwhile, so give it one of its own. Zero:
    /// it sleeps at once. Not with the simulated clock.
    duration busy_poll = duration::zero();

    /// Signals that cancel the main task once, as SIGINT always does; the second one ends the process.
    signal_set stop_on = {};

    /// How long tasks that are left when main has ended may take to clean up; then they are cancelled twice more,
    /// for as long each, and dropped with a report. Ten seconds are what service managers give before they kill.
    duration task_grace = std::chrono::seconds(10);

    /// How long `run` waits for threads of `to_thread` that are still busy, before it names them and leaves them.
    duration thread_grace = std::chrono::seconds(5);
};

/// Runs `main` on a new event loop of this thread until it is done, and gives its result.
///
///     int main() { return torus::run(amain()); }
///
/// Whatever main leaves behind is then cancelled and awaited; errors in that are reported. SIGINT cancels main once, if
/// this is the process's main thread and nothing else handles the signal; the second SIGINT ends the process.
///
/// @throws what main threw
/// @throws keyboard_interrupt  a signal cancelled main, and main ended cancelled; a program that doesn't catch it ends by
///                             that signal, silently, unless it has a terminate handler of its own
/// @throws std::runtime_error  a loop runs on this thread already; the coroutine is destroyed
/// @throws std::system_error   the backend asked for, or a thread, is not to be had; the coroutine is destroyed
/// @source asyncio.run
template <class T> T run(async<T> main, run_options options = {});

/// The part of `run` that does not depend on the result's type.
class main_loop {
public:
    explicit main_loop(const run_options& options);
    ~main_loop();
    main_loop(const main_loop&) = delete;
    main_loop& operator=(const main_loop&) = delete;

    /// Makes the main task, which begins in the first pass, and runs in that context; else in a copy of the current one.
    static task_record& begin(promise_base& main, chosen_context context = {});

    /// Runs the task to its end, then whatever it left behind.
    void finish(any_task main);

    /// @{ The two parts of that, for `runner`.
    void run_to_end(any_task main);
    void end_tasks();
    event_loop& loop() noexcept { return *loop_; }
    /// @}

    /// The loop, to be kept: closed, it refuses what it is given.
    const std::shared_ptr<event_loop>& shared_loop() const noexcept { return loop_; }

private:
    class signals;
    int run_until_done(any_task main);
    static void throw_if_interrupted(any_task main, int by);

    std::shared_ptr<event_loop> loop_;
    run_options options_;
    std::shared_ptr<class loop_threads> others_;  // that this one has started; null if there are none
};

/// Whether a loop runs on this thread; then the coroutine must not be run.
void require_no_loop();

// ------------------------------------------------------------------------------------------------------------------

template <class T> T run(async<T> main, run_options options) {
    struct discarding {  // a coroutine that is refused is no mistake of its own
        async<T>& coroutine;
        ~discarding() { coroutine.discard(); }
    } refused{main};
    require_no_loop();
    try {
        main_loop loop(options);
        const task<T> root(main_loop::begin(main.release().promise()));
        loop.finish(root);
        if constexpr (std::is_void_v<T>) return root.result();
        else return std::forward<T>(root.result());
    } catch (const keyboard_interrupt&) {
        throw;  // the loop is closed by now, which what nobody catches would not have waited for
    }
}

}  // namespace torus::inline v0
