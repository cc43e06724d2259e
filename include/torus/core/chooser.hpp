// torus/core/chooser.hpp: who decides what a world leaves to chance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace torus::inline v0 {

/// Chooses which of the coroutines that are ready is resumed next; see `event_loop::set_chooser`. For tests, which want
/// other orders than the plain one, and the same one again: `testing::explore`.
class chooser {
public:
    /// The index of one of them; asked at each step, also if there is only one. They are named by their tasks' ids, 0 being
    /// callbacks, and stand in the order in which they became ready: the first is what a loop without a chooser resumes.
    virtual std::size_t choose(std::span<const std::uint64_t> ready) noexcept = 0;

protected:
    ~chooser() = default;
};

}  // namespace torus::inline v0
