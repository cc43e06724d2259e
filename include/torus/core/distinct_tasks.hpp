// torus/core/distinct_tasks.hpp: the tasks of a range, each once.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/core/task.hpp>

namespace torus::inline v0 {

/// Anything whose elements are tasks.
template <class Range>
concept range_of_tasks =
    requires(Range& range) { requires std::derived_from<std::decay_t<decltype(*range.begin())>, any_task>; };

/// Leaves out those that came before, and keeps the order.
std::vector<any_task> without_repetitions(std::vector<any_task> tasks);

/// Handles of a range's tasks, in its order, each once.
template <range_of_tasks Range> std::vector<any_task> distinct_tasks(Range&& range) {
    std::vector<any_task> tasks;
    if constexpr (requires { range.size(); }) tasks.reserve(range.size());
    for (auto&& each : range) tasks.push_back(each);
    return without_repetitions(std::move(tasks));
}

}  // namespace torus::inline v0
