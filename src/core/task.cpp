// src/core/task.cpp: what the handle of a task can tell.
#include <torus/core/task.hpp>

#include <torus/core/loop.hpp>

namespace torus::inline v0 {

void begin_task(task_record& prepared, task_options options) {
    if (options.context.cell()) prepared.run_in(options.context.cell());
    if ((options.eager || running.eager_tasks) && !prepared.cancel_pending()) prepared.begin_now();
    else prepared.loop().schedule(prepared);
}

std::exception_ptr any_task::exception() const {
    require_done();
    return record_->error();
}

void any_task::throw_without_result() const {
    if (!done()) throw invalid_state_error("torus: the task is not done: " + name());
    throw cancelled_error(record_->cancel_reason(), false);
}

}  // namespace torus::inline v0
