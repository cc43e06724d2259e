// torus/core/loop.hpp: the event loop: one per thread, it resumes what is ready and sleeps when nothing is.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <vector>

#include <torus/core/backend.hpp>
#include <torus/core/error.hpp>
#include <torus/core/ready_queue.hpp>
#include <torus/core/remote.hpp>
#include <torus/core/running.hpp>
#include <torus/core/timer.hpp>

namespace torus::inline v0 {

class any_task;
class callback_handle;
class scheduled_call;
class signal_callback;
class timer_handle;
template <class T> class async;
template <class T> class submitted;

struct loop_options {
    backend_kind backend = backend_kind::automatic;
    const backend_source* world = nullptr;  // as `run_options::world`
    clock_kind clock = clock_kind::steady;
    bool debug = false;        // as `run_options::debug`
    bool eager_tasks = false;  // as `run_options::eager_tasks`
    duration blocked_after = std::chrono::milliseconds(100);  // as `run_options::blocked_after`
    duration busy_poll = duration::zero();                    // as `run_options::busy_poll`
};

/// The event loop. `run` makes one; a program rarely needs to name it.
///
/// Tasks never leave their loop's thread, and between two awaits nothing else of the loop runs. Every function but
/// those marked so belongs to the loop's own thread.
class event_loop {
public:
    /// @throws std::system_error  the backend asked for is not to be had
    explicit event_loop(loop_options options = {});
    ~event_loop();
    event_loop(const event_loop&) = delete;
    event_loop& operator=(const event_loop&) = delete;

    /// The loop that runs on this thread.
    /// @throws std::runtime_error  none does
    static event_loop& current() {
        if (!running.loop) [[unlikely]]
            throw_no_loop();
        return *running.loop;
    }

    /// The loop's time. Real time is read from the kernel at each call.
    time_point time() const noexcept;
    backend& world() noexcept { return *backend_; }
    std::string_view backend_name() const noexcept { return backend_->name(); }
    bool debug() const noexcept { return debug_; }
    void set_debug(bool on) noexcept;  // from the next pass on; see `run_options::debug`
    bool finds_deadlocks() const noexcept { return finds_deadlocks_; }  // in debug mode and in a simulation

    /// @{ On virtual time: who decides from the next pass on which coroutine is next (null: the plain order); whether nothing
    /// can happen any more, unless a thread calls; how many jobs are away, on threads, so that time does not pass.
    void set_chooser(class chooser* decides) noexcept { chooser_ = decides; }
    bool nothing_will_happen() const noexcept;
    bool has_ready() const noexcept { return !ready_.empty(); }  // beside what runs in this pass
    std::size_t jobs_away() const noexcept { return jobs_away_; }
    void job_left() noexcept { ++jobs_away_; }
    void job_returned() noexcept { --jobs_away_; }
    /// @}

    /// @{ Calls `function()` once, outside of any task: after all that is ready now; after `span`; at `when`. Needs
    /// callback.hpp. What it throws goes to the exception handler. One that was not called when the loop closes is
    /// destroyed.
    /// @throws std::runtime_error  the loop has closed; in debug mode: it runs on another thread
    /// @source asyncio.loop.call_soon, call_later, call_at
    template <class Function>
    callback_handle call_soon(Function function, std::source_location where = std::source_location::current());
    template <class Rep, class Period, class Function>
    timer_handle call_later(std::chrono::duration<Rep, Period> span, Function function,
                            std::source_location where = std::source_location::current());
    template <class Function>
    timer_handle call_at(time_point when, Function function,
                         std::source_location where = std::source_location::current());
    /// @}

    /// Calls `function` on this loop, from any thread; calls from one thread run in order. Needs callback.hpp.
    /// What it throws goes to the exception handler. Hold `letters()` where the loop itself may be gone.
    /// @throws std::runtime_error  the loop has closed; the function is destroyed
    template <class Function> void call_soon_threadsafe(Function function);

    /// @{ Runs a coroutine, or `function(arguments...)`, as a task of this loop, from any thread. Needs submitted.hpp.
    /// @throws std::runtime_error  the loop has closed; the coroutine is destroyed
    /// @source asyncio.run_coroutine_threadsafe
    template <class T>
    submitted<T> submit(async<T> coroutine, std::source_location created = std::source_location::current());
    template <class Function, class... Arguments>
        requires std::invocable<std::decay_t<Function>&, std::decay_t<Arguments>...>
    auto submit(Function&& function, Arguments&&... arguments);
    /// @}

    /// Calls `function` when the signal has come, instead of the loop's former one for it, and of all else the signal
    /// does. It must not refer to main's locals: it may be called until the loop ends. See <torus/core/signal.hpp>.
    /// @throws as `signals`
    template <class Function> void add_signal_handler(int signal, Function function);
    /// Whether there was one.
    bool remove_signal_handler(int signal) noexcept;

    /// Receives unobserved errors from now on; null for standard error. Returns the former handler.
    std::unique_ptr<error_handler> set_error_handler(std::unique_ptr<error_handler> handler) noexcept;
    bool has_error_handler() const noexcept { return errors_ != nullptr; }

    /// The same with a function that takes a `const error_context&`. Needs callback.hpp.
    template <class Function>
        requires std::invocable<Function&, const error_context&>
    std::unique_ptr<error_handler> set_exception_handler(Function handler);

    /// Gives `context` to the error handler. A handler that throws is reported on standard error.
    void report(const error_context& context) noexcept;
    void call_exception_handler(const error_context& context) noexcept { report(context); }

    /// What is done where there is no handler: a line on standard error.
    static void default_exception_handler(const error_context& context) noexcept;

    /// @{ For what waits: see `waiter`, `timer`, `operation`.
    void schedule(runnable& r) noexcept { ready_.push(r); }
    void add_timer(timer& t) noexcept;
    void remove_timer(timer& t) noexcept;
    void completed(operation& op) noexcept;  // called by backends
    void require_callable(std::source_location where) const;
    const std::shared_ptr<inbox>& letters() const noexcept { return inbox_; }
    class thread_pool& threads();
    class loop_service* find_service(const void* key) const noexcept;  // see `service_of_loop`
    loop_service& add_service(const void* key, std::unique_ptr<loop_service> service) noexcept;
    /// @}

    /// Makes it the loop of this thread, as its construction does; `leave` takes that back. For `runner`.
    /// @throws std::runtime_error  another one is
    void enter();
    static void leave() noexcept;

    /// Runs passes until `finished` is set. For `run` and for tests of backends.
    void run_until(const bool& finished);

    /// One pass: resumes what was ready when it began. If nothing was, it waits for something first, at most `at_most`.
    void run_once(duration at_most = duration::max());

    /// From here on the loop is expected to make progress; from there it may stand still. For `run`.
    void begin_run() noexcept;
    void end_run() noexcept;

    /// Passes until `until` is done, or the kernel or whoever else may have something to say. For `run`.
    void run_some(const task_record& until);

    /// Cancels all tasks and waits for their ends, in bounded rounds; drops those that refuse, with a report.
    void cancel_all_tasks(duration grace);

    /// Closes parked generators, the youngest first, and awaits their clean-up; after `grace` it is cancelled.
    void close_generators(duration grace);

    /// Ends what is left, in the order tasks, threads, kernel operations. Called by the destructor.
    void close(duration thread_grace);

    /// A native stack deeper than this resumes coroutines through the trampoline instead of inline.
    static constexpr std::size_t inline_stack = 64 * 1024;  // bytes: far below the smallest stack in use

private:
    friend class cancel_scope;
    friend class generator_promise;
    friend class guest_loop;
    friend class loop_threads;
    friend class scheduled_call;
    friend class submission_base;
    friend class task_record;
    friend class waiter;
    friend std::vector<any_task> all_tasks();
    struct tasks;

    void set_signal_handler(int signal, std::shared_ptr<signal_callback> callback);
    class watched_step;
    void begin_pass(duration at_most);
    void run_one(runnable& r) noexcept;
    void run_ready() noexcept;
    void run_ready_watched() noexcept;
    void run_chosen() noexcept;
    void run_watched(runnable& r) noexcept;
    void run_eagerly(task_record& task) noexcept;
    bool kernel_is_due() noexcept;
    bool enter_kernel(duration at_most) noexcept;
    bool poll_busily(duration& at_most) noexcept;
    void wait_for_work(duration at_most) noexcept;
    void expire_timers() noexcept;
    bool may_jump() const noexcept;
    void resume(runnable& r) noexcept;
    void cancel_round(int round) noexcept;
    bool begin_closing_generators();
    void cancel_newcomers(std::uint64_t after_id) noexcept;
    bool run_until_no_tasks(duration grace);
    void drop_tasks() noexcept;
    static void leave_joiners(class wait_list& joiners) noexcept;
    void drop(class task_ring& dropped, bool drained) noexcept;
    void note_where_suspended() noexcept;
    bool frames_are_in_use() const noexcept;
    static void destroy_frames(task_record& task, runnable* suspended) noexcept;
    bool drain_operations() noexcept;
    void drop_generators() noexcept;
    void drop_services() noexcept;
    void run_last_calls() noexcept;
    void drop_calls() noexcept;

    ready_queue ready_;  // this and the rest down to resumed_ is what each pass needs: together in the cache
    std::shared_ptr<class heart> heart_;
    class chooser* chooser_ = nullptr;
    bool debug_ = false;
    bool finds_deadlocks_ = false;
    bool eager_tasks_ = false;
    bool simulated_clock_ = false;
    bool closed_ = false;
    bool ending_ = false;  // its tasks have been cancelled by its end
    std::uint32_t passes_ = 0;  // since the kernel was last entered
    std::size_t jobs_away_ = 0;
    std::uint32_t resumed_ = 0;  // coroutines since the clock was last looked at
    std::shared_ptr<backend> backend_;
    std::shared_ptr<inbox> inbox_;
    std::unique_ptr<class timer_wheel> timers_;
    std::unique_ptr<tasks> tasks_;
    std::unique_ptr<class thread_pool> threads_;
    std::unique_ptr<error_handler> errors_;
    const class loop_threads* beside_ = nullptr;  // the other loops of this run; null if there are none
    loop_service* services_ = nullptr;
    time_point now_{};  // the simulated clock's time
    time_point kernel_entered_{};
    duration busy_poll_;  // zero with the simulated clock

public:
    /// Longer steps of tasks, and callbacks, are reported in debug mode. (Behind what every await needs.)
    duration slow_callback_duration = std::chrono::milliseconds(100);
};

/// The loop that runs on this thread.
/// @throws std::runtime_error  none does
inline event_loop& get_running_loop() { return event_loop::current(); }

}  // namespace torus::inline v0
