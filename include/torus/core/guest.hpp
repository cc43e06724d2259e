// torus/core/guest.hpp: a torus loop that lives inside another event loop: a GUI's, libuv's, Asio's.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <torus/core/async.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/outcome.hpp>
#include <torus/core/task.hpp>

namespace torus::inline v0 {

class guest_end;
class host_descriptor;

struct guest_options {
    backend_kind backend = backend_kind::automatic;
    /// A simulated world instead, whose clock stands where the host has last put it with `pass_to`. No descriptor tells when
    /// there is something to do: `next_deadline()` does.
    const backend_source* world = nullptr;
    bool debug = false;
    bool eager_tasks = false;  // as `run_options::eager_tasks`
    duration blocked_after = std::chrono::milliseconds(100);  // as `run_options::blocked_after`, of a turn

    /// As `run_options::task_grace` and `thread_grace`; the host goes on meanwhile.
    duration task_grace = std::chrono::seconds(10);
    duration thread_grace = std::chrono::seconds(5);
};

/// Runs a coroutine on an event loop that is driven by another one, the host, on the same thread.
///
///     guest_loop guest(amain(), [](outcome<int> result) { … });
///     host.whenever_readable(guest.fd(), [&] { guest.run_once(); });
///
/// Whatever torus waits for makes that one descriptor readable: the kernel's completions, timers, and calls from other
/// threads. The host polls it by level, or calls `run_once` again as long as it is readable. A host that has no
/// descriptors to wait for calls `run_once` whenever it likes, but no later than `next_deadline()`.
///
/// When main has ended, what it left behind is cancelled and awaited, as at the end of `run`, while the host goes on; then
/// `done` is called with what main ended with, as the last thing in `run_once`, where it may destroy the guest. Signals
/// are the host's: SIGINT does not cancel main.
///
/// Between the turns no loop runs on this thread; so several guests, and `run`, have their turns on it. A guest belongs to
/// the thread where it was made. The functions below, but `fd`, are not for the guest's own tasks.
///
/// @source asyncio start_guest_run
class guest_loop {
public:
    /// Main takes its first step in the first turn, for which the descriptor is readable already.
    ///
    /// @throws std::system_error   the backend asked for is not to be had, or no descriptor is left; the coroutine is
    ///                             destroyed, and `done` is not called
    /// @throws std::runtime_error  a loop runs on this thread; likewise
    template <class T, class Done>
        requires std::is_invocable_v<Done&, outcome<T>>
    guest_loop(async<T> main, Done done, guest_options options = {});

    /// Where main has not ended: ends it and all the rest as `runner::close` does, for which the host has to wait. `done`
    /// is not called.
    ~guest_loop();
    guest_loop(const guest_loop&) = delete;
    guest_loop& operator=(const guest_loop&) = delete;

    /// Readable while there is something to do. To be polled, and neither read nor closed; the same as long as the guest
    /// lives, and never readable again when it is done. -1 in a simulated world.
    int fd() const noexcept;

    /// A turn: does what is ready, and never waits. Long work is spread over several turns.
    /// @return whether there will be more to do; false when `done` has been called
    /// @throws what `done` throws
    /// @throws std::runtime_error  a loop runs on this thread (this one, if a task calls it), or it is another thread
    bool run_once();

    /// When the next turn is due, whatever the kernel and other threads have to say before: time_point::min() where it is
    /// due at once, time_point::max() where nothing is.
    time_point next_deadline() const noexcept;

    /// In a simulated world: time has passed. What is due by `now` is done in the next turns; time never goes back.
    void pass_to(time_point now) noexcept;

    /// Calls `function()` for the host as a part of this loop, at once and outside of any task, so that it may start tasks,
    /// cancel them, give promises their values; what becomes ready has its turn later. Gives what the function gives.
    /// @throws what the function throws; std::runtime_error as `run_once`, or because the guest is done
    template <class Function> decltype(auto) call(Function&& function);

    /// Cancels main. The turns are still needed to end it.
    /// @return false if it has ended already
    /// @throws std::runtime_error  as `run_once`
    bool cancel(std::string_view reason = {});

    /// Ends it as a process ends that is killed: no task goes on, not even to clean up, and none is reported. Destructors
    /// run; `done` is not called.
    /// @throws std::runtime_error  a loop runs on this thread, or it is another one than that where this was made
    void kill();

    /// Whether `done` has been called, or is being called, or it was killed.
    bool done() const noexcept { return stage_ == stage::over; }

    /// For other threads: `call_soon_threadsafe`, `submit`.
    /// @throws std::runtime_error  the guest is done
    event_loop& loop() const;

private:
    enum class stage : std::uint8_t { main_runs, ending_tasks, ending_threads, draining, over };

    /// The loop is the thread's while this lives; afterwards the host knows when to come back.
    class turn {
    public:
        explicit turn(guest_loop& guest);
        ~turn();
        turn(const turn&) = delete;
        turn& operator=(const turn&) = delete;

    private:
        guest_loop& guest_;
    };

    explicit guest_loop(const guest_options& options);
    void begin(promise_base& main);
    void run_ready() noexcept;
    void hand_over() noexcept;
    bool advance();
    void begin_round(int round) noexcept;
    bool tasks_have_ended();
    void enter_stage(stage next, duration grace) noexcept;
    bool time_is_up() const noexcept;
    void finish() noexcept;
    void drop_everything() noexcept;

    std::unique_ptr<event_loop> loop_;
    std::unique_ptr<host_descriptor> descriptor_;
    std::unique_ptr<guest_end> end_;
    any_task main_;
    guest_options options_;
    const void* thread_;  // an address that only this thread has
    stage stage_ = stage::main_runs;
    bool called_ = false;  // by another thread, since the loop last looked
    bool closes_generators_ = true;  // that is still to be done
    int round_ = 0;  // of the cancellations of what is left
    std::uint64_t known_ = 0;  // the youngest task that has been told to end
    time_point deadline_ = time_point::max();  // of this stage, or round
};

/// What is to be done with what main ends with.
class guest_end {
public:
    virtual ~guest_end() = default;
    virtual void take(const any_task& main) noexcept = 0;  // the result, while the loop is there
    virtual void call() = 0;
};

// ------------------------------------------------------------------------------------------------------------------

/// A function that is called with what main ended with.
template <class T, class Done> class calling_guest_end final : public guest_end {
public:
    explicit calling_guest_end(Done done) : done_(std::move(done)) {}
    void take(const any_task& main) noexcept override {
        const task<T> ended(main.record());
        try {
            if constexpr (std::is_void_v<T>) {
                ended.result();
                result_.emplace();
            } else {
                result_.emplace(std::forward<T>(ended.result()));
            }
        } catch (...) {
            result_.emplace(std::current_exception());
        }
    }
    void call() override { done_(std::move(*result_)); }

private:
    Done done_;
    std::optional<outcome<T>> result_;
};

template <class T, class Done>
    requires std::is_invocable_v<Done&, outcome<T>>
guest_loop::guest_loop(async<T> main, Done done, guest_options options) try : guest_loop(options) {
    end_ = std::make_unique<calling_guest_end<T, Done>>(std::move(done));
    begin(main.release().promise());
} catch (...) {
    main.discard();  // a coroutine that is refused is no mistake of its own
    throw;
}

template <class Function> decltype(auto) guest_loop::call(Function&& function) {
    const turn here(*this);
    return std::forward<Function>(function)();
}

}  // namespace torus::inline v0
