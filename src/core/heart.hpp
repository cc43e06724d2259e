// src/core/heart.hpp: what a loop's thread lets the watchdog see.
#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>
#include <memory>

#include <torus/core/clock.hpp>
#include <torus/core/remote.hpp>

#include "core/glimpse.hpp"

namespace torus::inline v0 {

/// The signs of life of one loop. The loop's thread writes them; the watchdog reads them, and writes its own notes.
///
/// A loop whose heart neither rests nor beats is blocked by what it runs. Costs a store for each batch of passes, and an
/// exchange for each sleep.
class heart {
public:
    /// @param limit  what counts as blocked; zero or less: nothing
    heart(duration limit, std::shared_ptr<inbox> letters) noexcept;

    /// @{ On the loop's thread.
    void beat() noexcept {
        // Release: the watchdog is to see what the loop did before. Nobody else counts.
        beats_.store(beats_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }
    void rest() noexcept { resting_.store(true, std::memory_order_release); }  // it may rest for as long as it likes
    void wake() noexcept {
        resting_.store(
            false);  // sequentially consistent with the watchdog's going to sleep: one of them sees the other
        if (watchdog_sleeps.load()) [[unlikely]]
            wake_watchdog();
    }
    /// @}

    duration limit() const noexcept { return limit_; }
    bool resting() const noexcept { return resting_.load(); }

    /// No heart beats: the watchdog waits until one wakes it. One for all loops.
    static std::atomic<bool> watchdog_sleeps;

private:
    friend class watchdog;
    static void wake_watchdog() noexcept;
    void begin_to_wait() noexcept;

    std::atomic<std::uint64_t> beats_{0};
    std::atomic<bool> resting_{true};
    const duration limit_;
    const std::shared_ptr<inbox> letters_;
    const running_state* const running_;  // of the loop's thread
    const int thread_;
    clockid_t processor_time_;  // of the loop's thread

    // The watchdog's notes.
    std::uint64_t seen_beats_ = 0;
    step_of_loop seen_step_;
    duration still_{};  // since the last beat, as far as it counts
    duration processor_time_then_{};  // when that began
    duration quiet_until_{};
    bool reported_ = false;
};

}  // namespace torus::inline v0
