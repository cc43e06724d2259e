// torus/core/runner.hpp: several runs on one event loop.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include <torus/core/context.hpp>
#include <torus/core/run.hpp>

namespace torus::inline v0 {

/// An event loop that runs several coroutines, one after the other: for programs that are not asynchronous themselves,
/// and for interactive ones.
///
///     runner r;
///     connection db = r.run(connect("db.sqlite"));
///     for (const std::string& line : lines) r.run(store(db, line));
///
/// Between the runs nothing runs: tasks that a run leaves behind wait for the next one. `close` ends them. The runs share
/// one context, a copy of the one where the runner was made: what one sets, the next one sees. A runner belongs to the
/// thread where it was made.
///
/// @source asyncio.Runner
class runner {
public:
    /// @throws std::system_error   the backend asked for is not to be had
    /// @throws std::runtime_error  a loop runs on this thread
    explicit runner(run_options options = {});

    /// Closes it, also while another loop runs on this thread.
    ~runner();
    runner(const runner&) = delete;
    runner& operator=(const runner&) = delete;

    /// Runs `main` until it is done, and gives its result. SIGINT cancels it as in `torus::run`.
    ///
    /// @throws what main threw; keyboard_interrupt as `torus::run`
    /// @throws std::runtime_error  the runner is closed, another thread's, or a loop runs on this thread; the coroutine is
    ///                             destroyed
    template <class T> T run(async<T> main);

    /// @throws std::runtime_error  the runner is closed
    event_loop& loop() const;

    /// Cancels the tasks that are left and waits for them, as the end of `torus::run` does. Harmless when repeated.
    /// @throws std::runtime_error  a loop runs on this thread, or the runner is another thread's
    void close();

private:
    /// The loop is the thread's while this lives.
    class presence {
    public:
        explicit presence(event_loop& loop) { loop.enter(); }
        ~presence() { event_loop::leave(); }
        presence(const presence&) = delete;
        presence& operator=(const presence&) = delete;
    };
    void require_usable() const;
    void close_loop();

    std::unique_ptr<main_loop> loop_;
    context context_ = context::copy();  // of every run's main
    const void* thread_;  // an address that only this thread has
};

// ------------------------------------------------------------------------------------------------------------------

template <class T> T runner::run(async<T> main) {
    struct discarding {  // a coroutine that is refused is no mistake of its own
        async<T>& coroutine;
        ~discarding() { coroutine.discard(); }
    } refused{main};
    require_usable();
    const presence here(loop());
    const task<T> root(main_loop::begin(main.release().promise(), context_));
    loop_->run_to_end(root);
    if constexpr (std::is_void_v<T>) return root.result();
    else return std::forward<T>(root.result());
}

}  // namespace torus::inline v0
