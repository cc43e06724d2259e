// tests/core/thread_gate.hpp: where threads wait until a test lets them go.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include <torus/core/core.hpp>

namespace torus {

/// Holds threads up until the test lets them go.
class thread_gate {
public:
    void wait() {
        std::unique_lock held(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(held, [&] { return open_; });
    }
    void open() {
        const std::lock_guard held(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void wait_for(std::size_t waiting) {
        std::unique_lock held(mutex_);
        changed_.wait(held, [&] { return waiting_ >= waiting; });
    }
    std::size_t waiting() {
        const std::lock_guard held(mutex_);
        return waiting_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t waiting_ = 0;
    bool open_ = false;
};

/// Begins calls of `to_thread` that keep so many threads until the gate opens.
inline async<std::vector<task<>>> occupy_threads(thread_gate& until_open, std::size_t count) {
    std::vector<task<>> calls;
    for (std::size_t i = 0; i < count; ++i) {
        auto call = [](thread_gate& all) -> async<> { co_await to_thread(&thread_gate::wait, &all); };
        calls.push_back(create_task(call, std::ref(until_open)));
    }
    while (until_open.waiting() < count) co_await yield_now();  // for ever, if fewer run at once
    co_return calls;
}

}  // namespace torus
