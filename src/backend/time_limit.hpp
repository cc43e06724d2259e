// src/backend/time_limit.hpp: how long a system call may sleep.
#pragma once

#include <algorithm>
#include <limits>

#include <torus/core/clock.hpp>

#include <time.h>

namespace torus::inline v0 {

/// How long a call may sleep: null for ever, as duration::max() says.
class time_limit {
public:
    explicit time_limit(duration at_most) noexcept : forever_(at_most == duration::max()) {
        at_most = std::max(at_most, duration::zero());
        const auto seconds = std::chrono::floor<std::chrono::seconds>(at_most);
        time_.tv_sec = static_cast<time_t>(seconds.count());
        time_.tv_nsec = static_cast<long>((at_most - seconds).count());
    }
    const timespec* pointer() const noexcept { return forever_ ? nullptr : &time_; }

    /// For calls that know nothing finer: rounded up, so as not to wake too early; -1 for ever.
    int milliseconds() const noexcept {
        if (forever_ || time_.tv_sec >= std::numeric_limits<int>::max() / 1000) return -1;
        return static_cast<int>(time_.tv_sec * 1000 + (time_.tv_nsec + 999'999) / 1'000'000);
    }

private:
    timespec time_{};
    bool forever_;
};

}  // namespace torus::inline v0
