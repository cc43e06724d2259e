// cli/fetch/pace.hpp: no more than so many a second.
#pragma once

#include <torus/core/clock.hpp>

namespace torus::inline v0::cli {

/// Lets things begin at a steady rate: a token bucket, as the generic cell rate algorithm of ATM networks keeps it, in
/// one number.
///
/// What was not used is lost but for 50 ms worth of it, and one: the burst that evens out timers and busy moments.
class pace {
public:
    /// @param per_second  0 for no limit
    explicit pace(double per_second);

    /// Whether one may begin now; then it has.
    bool take(time_point now) noexcept;

    /// When the next one may begin; `now` or before if at once.
    time_point next() const noexcept;

private:
    duration interval_{};   // between two
    duration tolerance_{};  // how much earlier than its place in the row one may begin
    time_point due_ = time_point::min();
};

}  // namespace torus::inline v0::cli
