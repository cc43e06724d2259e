// src/core/task.cpp: what the handle of a task can tell.
#include <torus/core/task.hpp>

namespace torus::inline v0 {

std::exception_ptr any_task::exception() const {
    require_done();
    return record_->error();
}

void any_task::throw_without_result() const {
    if (!done()) throw invalid_state_error("torus: the task is not done: " + name());
    throw cancelled_error(record_->cancel_reason(), false);
}

}  // namespace torus::inline v0
