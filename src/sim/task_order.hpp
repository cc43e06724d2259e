// src/sim/task_order.hpp: which of the coroutines of a simulated host goes on, where chance decides.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>

#include <torus/sim/world.hpp>

#include "sim/chance.hpp"

namespace torus::inline v0::sim {

/// The order of one host's tasks, as `world_options::order` says.
class ordering {
public:
    ordering(task_order how, chance& luck) noexcept : how_(how), luck_(luck) {}

    /// The index of one of them, which are named by their tasks' ids.
    std::size_t choose(std::span<const std::uint64_t> ready) {
        if (ready.size() < 2 || how_ == task_order::plain) return 0;
        if (priorities_.size() > most_known) priorities_.clear();
        if (how_ == task_order::shuffled) return static_cast<std::size_t>(luck_.below(ready.size()));
        const auto first = std::ranges::max_element(ready, {}, [this](std::uint64_t id) { return priority_of(id); });
        if (luck_.below(steps_until_change) == 0) priorities_[*first] = --lowest_;
        return static_cast<std::size_t>(first - ready.begin());
    }

private:
    // On average: long enough that one task gets far ahead of the others, short enough that one that only yields doesn't
    // keep them waiting for ever.
    static constexpr std::uint64_t steps_until_change = 64;
    static constexpr std::size_t most_known = 100'000;  // then all are drawn anew

    std::int64_t priority_of(std::uint64_t id) {
        const auto [found, is_new] = priorities_.try_emplace(id);
        if (is_new) found->second = static_cast<std::int64_t>(luck_.bits() >> 1);
        return found->second;
    }

    const task_order how_;
    chance& luck_;
    std::map<std::uint64_t, std::int64_t> priorities_;  // by the ids of tasks
    std::int64_t lowest_ = 0;
};

}  // namespace torus::inline v0::sim
