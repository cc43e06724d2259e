// src/core/awaiters.hpp: who waits for a task.
#pragma once

#include <vector>

#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

/// The tasks that wait for a task, alone or among others, and the one whose group it is in.
std::vector<task_record*> awaiters_of(const task_record& task);

}  // namespace torus::inline v0
