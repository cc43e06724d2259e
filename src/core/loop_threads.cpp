// src/core/loop_threads.cpp: the other loops of a run with several threads, from their beginning to their end.
#include "core/loop_threads.hpp"

#include <pthread.h>
#include <sched.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <torus/core/gather.hpp>
#include <torus/core/loops.hpp>
#include <torus/core/submitted.hpp>
#include <torus/core/time.hpp>

#include "core/describe.hpp"
#include "core/ending.hpp"
#include "core/steady_now.hpp"

namespace torus::inline v0 {

namespace {

/// More are a mistake: each has a thread, a ring and what it keeps for its tasks.
constexpr unsigned most_loops = 1024;

// How long the thread of a loop may stay away, beside `thread_grace`, before it is taken for blocked.
constexpr duration least_patience = std::chrono::seconds(1);

// What the end of a loop may take that isn't counted in its graces: kernel operations that don't come back, and what is
// started late.
constexpr duration closing_patience = std::chrono::seconds(30);

/// Those that this process may use, which in a container are fewer than the machine has.
unsigned processors() noexcept {
    cpu_set_t usable;
    if (::sched_getaffinity(0, sizeof usable, &usable) != 0) return 1;
    return static_cast<unsigned>(CPU_COUNT(&usable));
}

/// A run cancels its tasks in rounds, then has its generators clean up, and cancels in rounds what that leaves.
time_point latest_end(const run_options& how) noexcept {
    time_point end = later(later(steady_now(), closing_patience), how.thread_grace);
    for (int round = 0; round < 2 * cancel_rounds + 1; ++round) end = later(end, how.task_grace);
    return end;
}

}  // namespace

/// A loop on a thread of its own. Its thread holds it, too: it may be left behind.
class loop_threads::one final : private remote_call {
public:
    /// Returns at once. The loop is there when `wait_until_it_runs` has returned.
    static std::shared_ptr<one> start(unsigned number, const run_options& how, std::shared_ptr<loop_threads> group) {
        auto it = std::make_shared<one>();
        it->thread_ = std::thread([it, how, group = std::move(group)] { it->execute(how, *group); });
        ::pthread_setname_np(it->thread_.native_handle(), ("torus-loop-" + std::to_string(number)).c_str());
        return it;
    }

    /// @throws what kept the loop from running
    std::shared_ptr<event_loop> wait_until_it_runs() {
        std::unique_lock held(mutex_);
        changed_.wait(held, [this] { return state_ != state::starting; });
        if (failure_) std::rethrow_exception(failure_);
        return loop_;
    }

    void ask_to_end() noexcept {
        std::unique_lock held(mutex_);
        changed_.wait(held, [this] { return state_ != state::starting; });
        if (!loop_ || std::exchange(asked_, true)) return;
        const std::shared_ptr<inbox> letters = loop_->letters();
        held.unlock();  // a loop that has closed returns the letter at once
        letters->post(*this);
    }

    /// Whether the loop has heard by then that it is to end: its thread isn't blocked.
    bool hears_by(time_point deadline) noexcept { return reaches(state::ending, deadline); }

    /// Waits for the thread's end. If it doesn't come, the thread is on its own from then on.
    bool ends_by(time_point deadline) noexcept {
        const bool ended = reaches(state::ended, deadline);
        if (ended) thread_.join();
        else thread_.detach();
        return ended;
    }

private:
    enum class state : std::uint8_t { starting, open, ending, ended };

    void execute(const run_options& how, const loop_threads& group) noexcept {
        std::exception_ptr failure;
        try {
            main_loop own(how);
            own.loop().beside_ = &group;
            const task<> root(main_loop::begin(serve().release().promise()));
            opened(own.shared_loop());
            own.finish(root);
        } catch (...) {
            failure = std::current_exception();
        }
        ended(std::move(failure));
    }

    /// The loop's main task: there until the run ends, whoever else cancels it.
    async<> serve() {
        serving_ = current_task();
        while (!over_) {
            try {
                co_await sleep_forever();
            } catch (const cancelled_error&) {
                while (current_task().uncancel() > 0) {}
            }
        }
        serving_ = {};  // the starting thread must not be the one that gives it up
    }

    void opened(const std::shared_ptr<event_loop>& loop) noexcept {
        const std::lock_guard held(mutex_);
        loop_ = loop;
        reach(state::open);
    }

    void arrived(event_loop&) noexcept override {
        over_ = true;
        if (serving_) serving_.cancel();
        const std::lock_guard held(mutex_);
        reach(state::ending);
    }
    void returned() noexcept override {}  // it has closed

    void ended(std::exception_ptr failure) noexcept {
        const std::lock_guard held(mutex_);
        loop_.reset();
        failure_ = std::move(failure);
        reach(state::ended);
    }

    void reach(state now) noexcept {
        state_ = now;
        changed_.notify_all();
    }

    bool reaches(state wanted, time_point deadline) noexcept {
        const std::chrono::steady_clock::time_point until(deadline.time_since_epoch());
        std::unique_lock held(mutex_);
        return changed_.wait_until(held, until, [&] { return state_ >= wanted; });
    }

    std::thread thread_;  // the starting thread's

    any_task serving_;  // this and the next are the loop's thread's
    bool over_ = false;

    std::mutex mutex_;
    std::condition_variable changed_;
    state state_ = state::starting;  // this and the rest are guarded by the mutex
    bool asked_ = false;
    std::shared_ptr<event_loop> loop_;  // while it is open
    std::exception_ptr failure_;
};

std::shared_ptr<loop_threads> loop_threads::start(const std::shared_ptr<event_loop>& main, const run_options& how) {
    const unsigned count = how.threads == 0 ? processors() : how.threads;
    if (count > most_loops)
        throw std::invalid_argument("torus: run_options::threads is " + std::to_string(count) + ", and may be " +
                                    std::to_string(most_loops));
    // A simulated world has one thread: what several do would not be the same twice.
    if (count == 1 || main->backend_name() == "sim") return nullptr;
    std::shared_ptr<loop_threads> group(new loop_threads(how));
    try {
        group->begin(main, count, group);
    } catch (...) {
        group->ask_to_end();
        group->end();
        throw;
    }
    return group;
}

void loop_threads::begin(const std::shared_ptr<event_loop>& main, unsigned count,
                         const std::shared_ptr<loop_threads>& self) {
    run_options each = how_;
    each.threads = 1;
    each.stop_on = {};  // signals are main's
    threads_.reserve(count - 1);
    all_.reserve(count);
    all_.push_back(main);
    for (unsigned number = 1; number < count; ++number) threads_.push_back(one::start(number, each, self));
    for (const auto& thread : threads_) all_.push_back(thread->wait_until_it_runs());
    main->beside_ = this;
}

void loop_threads::ask_to_end() noexcept {
    for (const auto& each : threads_) each->ask_to_end();
}

void loop_threads::end() noexcept {
    const time_point heard = later(later(steady_now(), least_patience), how_.thread_grace);
    const time_point ended = latest_end(how_);
    for (const auto& each : threads_)
        if (!each->ends_by(each->hears_by(heard) ? ended : heard))
            report_problem("a loop of run() has not ended, and its thread is left behind", nullptr, nullptr);
    threads_.clear();
}

std::vector<event_loop*> loop_threads::all() const {
    std::vector<event_loop*> loops;
    loops.reserve(all_.size());
    for (const auto& each : all_) loops.push_back(each.get());
    return loops;
}

std::vector<event_loop*> loops() {
    event_loop& here = get_running_loop();
    const loop_threads* const beside = loop_threads::of(here);
    if (beside) return beside->all();
    return {&here};
}

async<> run_on_every_loop(std::unique_ptr<const loop_function> original) {
    auto keep = [](std::unique_ptr<loop_function> copy) -> async<> { co_await copy->call(); };
    auto run_there = [&](event_loop& loop) -> async<> { co_await spawn_on(loop, keep, original->copy()); };
    std::vector<async<>> all;
    for (event_loop* each : loops()) all.push_back(run_there(*each));
    co_await gather(std::move(all));
}

}  // namespace torus::inline v0
