// src/core/loop_threads.cpp: the other loops of a run with several threads, from their beginning to their end.
#include "core/loop_threads.hpp"

#include <pthread.h>
#include <sched.h>

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

namespace torus::inline v0 {

namespace {

/// More are a mistake: each has a thread, a ring and what it keeps for its tasks.
constexpr unsigned most_loops = 1024;

/// Those that this process may use, which in a container are fewer than the machine has.
unsigned processors() noexcept {
    cpu_set_t usable;
    if (::sched_getaffinity(0, sizeof usable, &usable) != 0) return 1;
    return static_cast<unsigned>(CPU_COUNT(&usable));
}

unsigned count_of(const run_options& how) { return how.threads == 0 ? processors() : how.threads; }

}  // namespace

/// A loop on a thread of its own. Its thread holds it, too: it may be left behind.
class loop_threads::one final : private remote_call {
public:
    /// Returns at once. The loop is there when `wait_until_it_runs` has returned.
    static std::shared_ptr<one> start(unsigned number, const run_options& how, std::shared_ptr<loop_threads> group) {
        auto it = std::make_shared<one>();
        it->thread_ = std::thread([it, how, group = std::move(group)] { it->execute(how, group); });
        ::pthread_setname_np(it->thread_.native_handle(), ("torus-loop-" + std::to_string(number)).c_str());
        return it;
    }

    /// @throws what kept the loop from running
    event_loop& wait_until_it_runs() {
        std::unique_lock held(mutex_);
        changed_.wait(held, [this] { return state_ != state::starting; });
        if (failure_) std::rethrow_exception(failure_);
        return *loop_;
    }

    void ask_to_end() noexcept {
        std::unique_lock held(mutex_);
        changed_.wait(held, [this] { return state_ != state::starting; });
        if (letters_ && !std::exchange(asked_, true)) letters_->post(*this);
    }

    /// Waits for the thread, until `deadline`. Whether it has ended.
    bool end_by(std::chrono::steady_clock::time_point deadline) noexcept {
        std::unique_lock held(mutex_);
        const bool ended = changed_.wait_until(held, deadline, [this] { return state_ == state::ended; });
        held.unlock();
        if (ended) thread_.join();
        else thread_.detach();
        return ended;
    }

private:
    enum class state : std::uint8_t { starting, open, ended };

    void execute(const run_options& how, const std::shared_ptr<loop_threads>& group) noexcept {
        std::exception_ptr failure;
        try {
            run(serve(group), how);
        } catch (...) {
            failure = std::current_exception();
        }
        const std::lock_guard held(mutex_);
        failure_ = failure;
        state_ = state::ended;
        changed_.notify_all();
    }

    /// The loop's main task: there until the run ends, whoever else cancels it.
    async<> serve(std::shared_ptr<loop_threads> group) {
        event_loop& here = get_running_loop();
        here.beside_ = std::move(group);
        serving_ = current_task();
        tell_that_it_runs(here);
        while (!over_) {
            try {
                co_await sleep_forever();
            } catch (const cancelled_error&) {
                while (current_task().uncancel() > 0) {}
            }
        }
        serving_ = {};  // the starting thread must not be the one that gives it up
    }

    void tell_that_it_runs(event_loop& here) {
        const std::lock_guard held(mutex_);
        loop_ = &here;
        letters_ = here.letters();
        state_ = state::open;
        changed_.notify_all();
    }

    void arrived(event_loop&) noexcept override {
        over_ = true;
        serving_.cancel();
    }
    void returned() noexcept override {}  // it has ended

    std::thread thread_;  // this is the starting thread's
    bool asked_ = false;

    any_task serving_;  // this and the next are the loop's thread's
    bool over_ = false;

    std::mutex mutex_;
    std::condition_variable changed_;
    state state_ = state::starting;  // this and the next are guarded by the mutex
    event_loop* loop_ = nullptr;
    std::shared_ptr<inbox> letters_;
    std::exception_ptr failure_;
};

loop_threads::loop_threads(const run_options& how)
    : patience_(3 * how.task_grace + how.thread_grace + std::chrono::seconds(1)) {}

std::shared_ptr<loop_threads> loop_threads::start(event_loop& main, const run_options& how) {
    const unsigned count = count_of(how);
    if (count > most_loops)
        throw std::invalid_argument("torus: run_options::threads is " + std::to_string(count) + ", and may be " +
                                    std::to_string(most_loops));
    // A simulated world has one thread: what several do would not be the same twice.
    if (count == 1 || main.backend_name() == "sim") return nullptr;
    std::shared_ptr<loop_threads> group(new loop_threads(how));
    try {
        group->begin(main, how, group);
    } catch (...) {
        group->ask_to_end();
        group->end();
        throw;
    }
    return group;
}

void loop_threads::begin(event_loop& main, const run_options& how, const std::shared_ptr<loop_threads>& self) {
    run_options each = how;
    each.threads = 1;
    each.stop_on = {};  // signals are main's
    all_.push_back(&main);
    const unsigned count = count_of(how);
    for (unsigned number = 1; number < count; ++number) threads_.push_back(one::start(number, each, self));
    for (const auto& thread : threads_) all_.push_back(&thread->wait_until_it_runs());
    main.beside_ = self;
}

void loop_threads::ask_to_end() noexcept {
    for (const auto& each : threads_) each->ask_to_end();
}

void loop_threads::end() noexcept {
    const auto deadline = std::chrono::steady_clock::now() + patience_;
    for (const auto& each : threads_)
        if (!each->end_by(deadline))
            report_problem("a loop of run() has not ended, and its thread is left behind", nullptr, nullptr);
    threads_.clear();
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
