// src/core/watchdog.hpp: the thread that looks after all loops of the process.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/heart.hpp"

namespace torus::inline v0 {

/// Reports a loop that is blocked by what it runs, while it is: on standard error, since the loop can't be asked.
///
/// One thread for all loops of the process. It looks at them a few times per limit while any of them runs, sleeps when
/// all have rested for a while, and ends with the last one.
class watchdog {
public:
    /// Looks after it from now on, if it has a limit. Where no thread or no memory is to be had, nobody does.
    static void attend(const std::shared_ptr<heart>& one) noexcept;
    static void forget(const heart& one) noexcept;

private:
    friend class heart;
    static watchdog& instance();
    void add(const std::shared_ptr<heart>& one);
    void start();
    void work() noexcept;
    void sleep_until_needed(std::unique_lock<std::mutex>& held);
    bool all_rest() const noexcept;
    duration time_between_looks() const noexcept;
    static bool look_at(heart& one, duration counted) noexcept;
    static bool is_blocked(const heart& one) noexcept;
    static void report(const heart& one) noexcept;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::shared_ptr<heart>> hearts_;
    std::thread thread_;
    int process_ = 0;  // whose thread it is: a fork has none
    bool ending_ = false;
};

}  // namespace torus::inline v0
