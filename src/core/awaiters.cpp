// src/core/awaiters.cpp: who waits for a task.
#include "core/awaiters.hpp"

#include <torus/core/waiter.hpp>

namespace torus::inline v0 {

std::vector<task_record*> awaiters_of(const task_record& task) {
    std::vector<task_record*> all;
    for (waiter* each = task.joiners().front(); each; each = wait_list::after(*each))
        if (task_record* who = each->on_behalf_of()) all.push_back(who);
    if (task.owner())
        if (task_record* who = task.owner()->awaiting_task()) all.push_back(who);
    return all;
}

}  // namespace torus::inline v0
