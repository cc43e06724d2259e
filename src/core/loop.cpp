// src/core/loop.cpp: the passes of the event loop.
#include <torus/core/loop.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

#include <torus/core/chooser.hpp>
#include <torus/core/task.hpp>
#include <torus/core/thread_calls.hpp>
#include <torus/core/thread_pool.hpp>

#include "core/describe.hpp"
#include "core/heart.hpp"
#include "core/signal_actions.hpp"
#include "core/steady_now.hpp"
#include "core/task_list.hpp"
#include "core/timer_wheel.hpp"
#include "core/watchdog.hpp"
#include "core/watched_step.hpp"

namespace torus::inline v0 {

TORUS_FAST_TLS constinit thread_local running_state running;

namespace {

// With work always ready the kernel is entered this often all the same, so that sockets and timers are served: after so
// much time, or after so many passes, or batches of them, where time is simulated or goes slowly.
constexpr std::uint32_t passes_without_kernel = 64;
constexpr duration time_without_kernel = std::chrono::microseconds(100);
constexpr std::uint32_t resumed_without_clock = 64;  // looking at the clock costs as much as a few of them

// A leaf operation may complete without suspending this often in one step; then others get their turn (Tokio's figure).
constexpr std::uint32_t completions_per_step = 128;

bool debug_by_environment() noexcept {
    const char* const value = std::getenv("TORUS_DEBUG");
    return value && *value && std::string_view(value) != "0";
}

void print_error(const char* message, const char* task, const std::exception_ptr& error) noexcept {
    std::string text;
    try {
        if (error) text = ": " + describe(error);
    } catch (const std::bad_alloc&) {
        text.clear();
    }
    std::fprintf(stderr, "torus: %s%s%s%s\n", message, *task ? ": " : "", task, text.c_str());
}

void print_error(const error_context& context) noexcept {
    print_error(context.message.c_str(), context.task.c_str(), context.error);
}

}  // namespace

time_point clock::now() noexcept { return running.loop ? running.loop->time() : steady_now(); }

event_loop::event_loop(loop_options options)
    : eager_tasks_(options.eager_tasks), simulated_clock_(options.world || options.clock == clock_kind::simulated),
      backend_(options.world ? options.world->make_backend() : make_backend(options.backend)),
      inbox_(std::make_shared<inbox>(backend_)), tasks_(std::make_unique<tasks>()), now_(simulated_beginning),
      busy_poll_(simulated_clock_ ? duration::zero() : options.busy_poll) {
    kernel_entered_ = steady_now();
    timers_ = std::make_unique<timer_wheel>(simulated_clock_ ? now_ : kernel_entered_);
    set_debug(options.debug || debug_by_environment());
    heart_ = std::make_shared<heart>(options.blocked_after, inbox_, resumed_);
    enter();
    watchdog::attend(heart_);
    signal_actions::catch_broken_pipes();
}

event_loop::~event_loop() {
    close(duration::zero());
    if (running.loop == this) leave();
    signal_actions::release_broken_pipes();
}

void event_loop::enter() {
    if (running.loop) throw std::runtime_error("torus: a loop runs on this thread already");
    running = running_state{};
    running.loop = this;
    running.eager_tasks = eager_tasks_;
}

void event_loop::leave() noexcept { running = running_state{}; }

void throw_no_loop() { throw std::runtime_error("torus: no event loop runs on this thread"); }

time_point event_loop::time() const noexcept { return simulated_clock_ ? now_ : steady_now(); }

void event_loop::add_timer(timer& t) noexcept { timers_->insert(t); }

void event_loop::remove_timer(timer& t) noexcept { timers_->erase(t); }

thread_pool& event_loop::threads() {
    if (!threads_) threads_ = std::make_unique<thread_pool>(max_threads, duration::zero());
    return *threads_;
}

/// One step of a task: it runs until it suspends or ends. What has nested too deep for the native stack, and whoever
/// waited for what has ended, is resumed from here.
inline void event_loop::resume(runnable& r) noexcept {
    running.task = r.task_;
    running.completions_left = completions_per_step;
    std::coroutine_handle<> next = r.handle_;
    do {
        running.frame = next;
        running.resume_next = nullptr;
        next.resume();
        next = running.resume_next;
    } while (next);
}

inline void event_loop::run_one(runnable& r) noexcept {
    ++resumed_;
    if (&r == r.task_ && r.task_->cancel_pending()) [[unlikely]] {
        running.task = nullptr;
        r.task_->end_unstarted();
    } else {
        resume(r);
    }
}

inline void event_loop::run_ready() noexcept {
    runnable* next = ready_.take_all();
    while (next) {
        runnable& r = *next;
        next = r.next_;
        run_one(r);
    }
    running.task = nullptr;  // not after each step: between two of them nobody looks
}

/// The same in debug mode.
void event_loop::run_ready_watched() noexcept {
    runnable* next = ready_.take_all();
    while (next) {
        runnable& r = *next;
        next = r.next_;
        run_watched(r);
    }
}

void event_loop::run_watched(runnable& r) noexcept {
    watched_step step(*this, r);
    run_one(r);
    running.task = nullptr;
    step.end();
}

/// One step: what it makes ready may be chosen next. Callbacks keep their order among each other.
void event_loop::run_chosen() noexcept {
    std::vector<std::uint64_t> ids;
    std::vector<runnable*> candidates;
    bool callback_seen = false;
    for (runnable* r = ready_.first_; r; r = r->next_) {
        if (!r->task_ && std::exchange(callback_seen, true)) continue;
        ids.push_back(r->task_ ? r->task_->id() : 0);
        candidates.push_back(r);
    }
    if (candidates.empty()) return;
    runnable* const chosen = candidates[chooser_->choose(ids)];
    ready_.erase(*chosen);
    if (debug_) run_watched(*chosen);
    else run_one(*chosen);
    running.task = nullptr;
}

inline void event_loop::begin_pass(duration at_most) {
    if (ready_.empty()) wait_for_work(at_most);
    else if (kernel_is_due()) enter_kernel(duration::zero());
    running.stack_floor = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) - inline_stack;
}

void event_loop::run_eagerly(task_record& task) noexcept {
    // Tasks that begin eagerly within each other use the native stack: too deep there, they begin in a later pass.
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    if (here < running.stack_floor) return schedule(task);
    const running_state outer = running;
    if (outer.stack_floor == 0)  // no pass has begun yet
        running.stack_floor = here - inline_stack;
    resume(task);
    running = outer;
}

inline bool event_loop::kernel_is_due() noexcept {
    if (++passes_ >= passes_without_kernel) return true;
    if (resumed_ < resumed_without_clock || simulated_clock_) return false;  // there real time decides nothing
    resumed_ = 0;
    return steady_now() - kernel_entered_ >= time_without_kernel;
}

/// True if the loop was woken, and not by a call that has arrived: by a signal.
bool event_loop::enter_kernel(duration at_most) noexcept {
    passes_ = 0;
    resumed_ = 0;
    if (at_most > duration::zero() && !inbox_->prepare_sleep()) at_most = duration::zero();
    const bool sleeps = at_most > duration::zero();
    if (sleeps) heart_->rest();
    backend_->wait(at_most);
    if (sleeps) heart_->wake();
    const bool woken = inbox_->end_sleep();
    inbox_->deliver(*this);
    kernel_entered_ = steady_now();
    expire_timers();
    return woken;
}

/// Looks for work without sleeping, for as long as that is wanted, and takes the time off `at_most`. Whether there is some.
bool event_loop::poll_busily(duration& at_most) noexcept {
    const duration span = std::min(busy_poll_, at_most);
    const time_point end = later(steady_now(), span);
    heart_->rest();
    bool comes = false;
    do comes = enter_kernel(duration::zero()) || !ready_.empty();
    while (!comes && kernel_entered_ < end);
    heart_->wake();
    if (at_most != duration::max()) at_most -= span;
    return comes;
}

void event_loop::expire_timers() noexcept {
    const time_point now = simulated_clock_ ? now_ : kernel_entered_;
    while (timer* t = timers_->pop(now)) t->expired();
}

/// Whether nothing can happen but that time passes.
bool event_loop::may_jump() const noexcept {
    const bool waits_for_threads = jobs_away_ > 0 && !backend_->threads().are_simulated();
    return simulated_clock_ && ready_.empty() && !backend_->has_outside() && !waits_for_threads;
}

void event_loop::wait_for_work(duration at_most) noexcept {
    if (!simulated_clock_) {
        if (std::min(busy_poll_, at_most) > duration::zero() && poll_busily(at_most)) return;
        const time_point next = timers_->next();
        if (next != time_point::max()) at_most = std::min(at_most, std::max(next - steady_now(), duration::zero()));
        enter_kernel(at_most);
        return;
    }
    const bool woken = enter_kernel(duration::zero());
    if (woken || !ready_.empty()) return;
    const time_point next = std::min({timers_->next(), backend_->next_event(), later(now_, at_most)});
    if (!may_jump() || next == time_point::max()) {
        enter_kernel(at_most);
        return;
    }
    now_ = std::max(now_, next);
    backend_->pass_time();
    expire_timers();
}

void event_loop::begin_run() noexcept { heart_->wake(); }

void event_loop::end_run() noexcept { heart_->rest(); }

bool event_loop::nothing_will_happen() const noexcept {
    return may_jump() && timers_->next() == time_point::max() && backend_->next_event() == time_point::max() &&
           !inbox_->has_letters();
}

void event_loop::set_debug(bool on) noexcept {
    debug_ = on;
    finds_deadlocks_ = on || backend_name() == "sim";
    resumed_ = resumed_without_clock;  // the batch ends, and the next one begins otherwise
    if (!on) tasks_->wakes_of.clear();
}

void event_loop::run_once(duration at_most) {
    const bool alone = heart_->resting();  // else it is part of a run
    if (alone) heart_->wake();
    begin_pass(at_most);
    heart_->beat();
    if (chooser_) run_chosen();
    else if (debug_) run_ready_watched();
    else run_ready();
    if (alone) heart_->rest();
}

void event_loop::run_until(const bool& finished) {
    while (!finished) run_once();
}

void event_loop::run_some(const task_record& until) {
    begin_pass(duration::max());
    heart_->beat();
    if (chooser_) [[unlikely]]
        return run_chosen();
    if (debug_) [[unlikely]]
        return run_ready_watched();
    do run_ready();
    while (!ready_.empty() && resumed_ < resumed_without_clock && !until.done());
}

std::unique_ptr<error_handler> event_loop::set_error_handler(std::unique_ptr<error_handler> handler) noexcept {
    return std::exchange(errors_, std::move(handler));
}

void event_loop::default_exception_handler(const error_context& context) noexcept { print_error(context); }

void event_loop::report(const error_context& context) noexcept {
    if (!errors_) return print_error(context);
    try {
        errors_->handle(context);
    } catch (...) {
        print_error(context);
        print_error("the error handler itself has thrown", "", std::current_exception());
    }
}

void report_error(const error_context& context) noexcept {
    if (running.loop) running.loop->report(context);
    else print_error(context);
}

any_task current_task() noexcept { return running.task ? any_task(*running.task) : any_task(); }

std::vector<any_task> all_tasks() {
    const event_loop& loop = event_loop::current();
    std::vector<any_task> all;
    for (task_record* t = loop.tasks_->first(); t; t = loop.tasks_->after(*t)) all.emplace_back(*t);
    return all;
}

}  // namespace torus::inline v0
