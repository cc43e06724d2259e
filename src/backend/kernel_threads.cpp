// src/backend/kernel_threads.cpp: threads of the process.
#include <condition_variable>
#include <thread>
#include <utility>

#include <torus/core/backend.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/thread_calls.hpp>

#include "core/no_signals.hpp"
#include "core/steady_now.hpp"
#include "core/world_of_thread.hpp"

namespace torus::inline v0 {

namespace {

class condition_of_the_kernel final : public thread_condition {
public:
    bool wait(std::unique_lock<std::mutex>& held, time_point until) override {
        if (until == time_point::max()) {
            condition_.wait(held);
            return true;
        }
        const std::chrono::steady_clock::time_point end(until.time_since_epoch());
        return condition_.wait_until(held, end) == std::cv_status::no_timeout;
    }
    void notify_one() noexcept override { condition_.notify_one(); }
    void notify_all() noexcept override { condition_.notify_all(); }

private:
    std::condition_variable condition_;
};

class thread_of_the_kernel final : public started_thread {
public:
    explicit thread_of_the_kernel(std::shared_ptr<thread_program> what)
        : thread_([what = std::move(what)] { what->work(); }) {}
    ~thread_of_the_kernel() override {
        if (thread_.joinable()) thread_.detach();
    }
    thread_of_the_kernel(const thread_of_the_kernel&) = delete;
    thread_of_the_kernel& operator=(const thread_of_the_kernel&) = delete;
    void join() override { thread_.join(); }

private:
    std::thread thread_;
};

class threads_of_the_kernel final : public thread_calls {
public:
    bool are_simulated() const noexcept override { return false; }
    std::unique_ptr<started_thread> start(std::shared_ptr<thread_program> what) override {
        const no_signals masked;
        return std::make_unique<thread_of_the_kernel>(std::move(what));
    }
    std::unique_ptr<thread_condition> make_condition() override { return std::make_unique<condition_of_the_kernel>(); }
    time_point now() const noexcept override { return steady_now(); }
};

}  // namespace

thread_calls& kernel_threads() noexcept {
    static threads_of_the_kernel only;
    return only;
}

thread_calls& backend::threads() noexcept { return kernel_threads(); }

backend* current_world() noexcept { return running.loop ? &running.loop->world() : world_of_thread; }

thread_calls& threads() noexcept {
    backend* const world = current_world();
    return world ? world->threads() : kernel_threads();
}

}  // namespace torus::inline v0
