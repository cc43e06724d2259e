// src/core/guest.cpp: a loop that takes turns within another one, and ends without making it wait.
#include <torus/core/guest.hpp>

#include <algorithm>
#include <stdexcept>

#include <torus/core/run.hpp>
#include <torus/core/thread_pool.hpp>

#include "backend/host_descriptor.hpp"
#include "core/ending.hpp"
#include "core/outside_of_loops.hpp"
#include "core/task_list.hpp"
#include "core/timer_wheel.hpp"

namespace torus::inline v0 {

namespace {

// The host's own work waits for the end of a turn, which therefore resumes about as many coroutines as a batch of run().
constexpr std::uint32_t resumed_per_turn = 64;

// What the kernel delivers at the end of a turn may ask it for something more; that is handed over in the same turn, as
// long as it does not go on for ever.
constexpr int rounds_of_handing_over = 4;

// Before the first cancellation: tasks that close generators have the time of one round to themselves.
constexpr int waiting_round = -1;

}  // namespace

guest_loop::turn::turn(guest_loop& guest) : guest_(guest) {
    static_cast<void>(guest.loop());
    require_no_loop();
    if (guest.thread_ != &running)
        throw std::runtime_error("torus: a guest loop belongs to the thread where it was made");
    guest.loop_->enter();
    guest.loop_->begin_run();
    if (guest.options_.world) guest.loop_->backend_->pass_time();
}

guest_loop::turn::~turn() {
    if (!guest_.loop_) return;  // which has left the thread itself
    guest_.called_ = !guest_.loop_->inbox_->prepare_sleep();
    if (guest_.descriptor_) guest_.descriptor_->arm(guest_.next_deadline());
    guest_.loop_->end_run();
    event_loop::leave();
}

guest_loop::guest_loop(const guest_options& options)
    : loop_(std::make_unique<event_loop>(loop_options{.backend = options.backend,
                                                      .world = options.world,
                                                      .debug = options.debug,
                                                      .eager_tasks = options.eager_tasks,
                                                      .blocked_after = options.blocked_after})),
      options_(options), thread_(&running) {
    if (!options.world) descriptor_ = std::make_unique<host_descriptor>(loop_->backend_->descriptor());
    event_loop::leave();
}

void guest_loop::begin(promise_base& main) {
    const turn here(*this);
    main_ = any_task(main_loop::begin(main));
}

guest_loop::~guest_loop() {
    if (!loop_) return;
    const outside_of_loops here;
    loop_->enter();
    loop_->cancel_all_tasks(options_.task_grace);
    loop_->close_generators(options_.task_grace);
    loop_->close(options_.thread_grace);
    main_ = any_task();
    loop_.reset();
}

int guest_loop::fd() const noexcept { return descriptor_ ? descriptor_->number() : -1; }

event_loop& guest_loop::loop() const {
    if (!loop_) throw std::runtime_error("torus: the guest loop is done");
    return *loop_;
}

time_point guest_loop::next_deadline() const noexcept {
    if (!loop_) return time_point::max();
    if (called_ || !loop_->ready_.empty() || loop_->backend_->has_work() || loop_->inbox_->has_letters())
        return time_point::min();
    return std::min({loop_->timers_->next(), loop_->backend_->next_event(), deadline_});
}

void guest_loop::pass_to(time_point now) noexcept {
    if (loop_) loop_->now_ = std::max(loop_->now_, now);
}

bool guest_loop::cancel(std::string_view reason) {
    if (done()) return false;
    const turn here(*this);
    return main_.cancel(reason);
}

void guest_loop::kill() {
    if (done()) return;
    {
        const turn here(*this);
        drop_everything();
    }
    end_.reset();
}

void guest_loop::drop_everything() noexcept {
    class unheard final : public error_handler {
        void handle(const error_context&) override {}
    };
    stage_ = stage::over;
    loop_->errors_ = std::make_unique<unheard>();
    main_ = any_task();
    if (loop_->threads_) loop_->threads_->close(duration::zero());
    loop_->drop_tasks();
    loop_->drop_generators();
    loop_->drop_calls();
    if (descriptor_) descriptor_->silence();
    loop_.reset();
}

bool guest_loop::run_once() {
    if (done()) return false;
    {
        const turn here(*this);
        run_ready();
        while (advance()) {}
        if (!done()) {
            hand_over();
            return true;
        }
    }
    const std::unique_ptr<guest_end> end = std::move(end_);
    end->call();  // which may destroy this
    return false;
}

/// What the kernel, time and other threads have brought, and some of what follows from it.
void guest_loop::run_ready() noexcept {
    loop_->enter_kernel(duration::zero());
    for (std::uint32_t passes = 0; passes < resumed_per_turn; ++passes) {
        if (loop_->ready_.empty() || loop_->resumed_ >= resumed_per_turn) return;
        loop_->run_once(duration::zero());
    }
}

/// The kernel must know of everything before the host waits.
void guest_loop::hand_over() noexcept {
    for (int round = 0; round < rounds_of_handing_over && loop_->backend_->has_work(); ++round)
        loop_->enter_kernel(duration::zero());
}

bool guest_loop::time_is_up() const noexcept { return loop_->time() >= deadline_; }

void guest_loop::enter_stage(stage next, duration grace) noexcept {
    stage_ = next;
    deadline_ = later(loop_->time(), grace);
}

/// The end of `run` in steps, none of which waits. True if the next one may be taken at once.
bool guest_loop::advance() {
    switch (stage_) {
    case stage::main_runs:
        if (!main_.done()) return false;
        begin_round(0);
        return true;
    case stage::ending_tasks:
        if (!tasks_have_ended()) return false;
        loop_->run_last_calls();
        if (std::exchange(closes_generators_, false) && loop_->begin_closing_generators()) begin_round(waiting_round);
        else enter_stage(stage::ending_threads, options_.thread_grace);
        return true;
    case stage::ending_threads:
        if (loop_->jobs_away_ > 0 && !time_is_up()) return false;
        if (loop_->threads_) loop_->threads_->close(duration::zero());
        if (loop_->tasks_->empty()) enter_stage(stage::draining, drain_grace);
        else begin_round(0);  // what a late call has started
        return true;
    case stage::draining:
        if (loop_->backend_->in_flight() > 0 && !time_is_up()) return false;
        finish();
        return false;
    case stage::over: break;
    }
    return false;
}

void guest_loop::begin_round(int round) noexcept {
    enter_stage(stage::ending_tasks, options_.task_grace);
    round_ = round;
    known_ = loop_->tasks_->last_id;
    if (round > waiting_round) loop_->cancel_round(round);
}

/// Once they have refused all cancellations they are dropped, for which the kernel is waited for: see `drop_tasks`.
bool guest_loop::tasks_have_ended() {
    if (loop_->tasks_->last_id > known_) loop_->cancel_newcomers(known_);
    known_ = loop_->tasks_->last_id;
    if (loop_->tasks_->empty()) return true;
    if (!time_is_up()) return false;
    if (round_ + 1 < cancel_rounds) begin_round(round_ + 1);
    else loop_->drop_tasks();
    return loop_->tasks_->empty();
}

void guest_loop::finish() noexcept {
    stage_ = stage::over;
    end_->take(main_);
    main_ = any_task();
    if (descriptor_) descriptor_->silence();
    loop_.reset();
}

}  // namespace torus::inline v0
