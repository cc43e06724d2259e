// cli/fetch/pace.cpp: no more than so many a second.
#include "cli/fetch/pace.hpp"

#include <algorithm>

namespace torus::inline v0::cli {

namespace {
/// How much unused time may be made up for: timers are a few milliseconds late on a busy machine, and at 10,000 a
/// second one doesn't want a timer for each.
constexpr duration burst = std::chrono::milliseconds(50);
}  // namespace

pace::pace(double per_second) {
    if (per_second <= 0) return;
    interval_ = to_duration(std::chrono::duration<double>(1 / per_second));
    tolerance_ = interval_ < burst ? burst - interval_ : duration::zero();
}

bool pace::take(time_point now) noexcept {
    if (interval_ == duration::zero()) return true;
    if (now < next()) return false;
    due_ = later(std::max(due_, now), interval_);
    return true;
}

time_point pace::next() const noexcept { return later(due_, -tolerance_); }

}  // namespace torus::inline v0::cli
