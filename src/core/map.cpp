// src/core/map.cpp: how a map that fails, or is cancelled, ends.
#include <torus/core/map.hpp>

#include <torus/core/loop.hpp>
#include <torus/core/outcome.hpp>
#include <torus/core/task_record.hpp>

#include "core/describe.hpp"

namespace torus::inline v0 {

void require_success(const any_task& ended) {
    if (ended.record().state() != task_state::succeeded) std::rethrow_exception(error_of_ended(ended.record()));
}

async<> end_map(task_set& begun, std::exception_ptr error, map_progress progress) {
    task_record& self = *running.task;
    const bool cancelled = is_own_cancellation(error);
    begun.cancel(cancelled ? self.cancel_reason() : nullptr);
    co_await begun.joined();

    std::exception_ptr answer;
    bool all_succeeded = progress == map_progress::all_have_begun;
    while (begun.size() > 0) {
        any_task ended = co_await begun.next();
        all_succeeded = all_succeeded && ended.record().state() == task_state::succeeded;
        if (!answer && ended.record().state() == task_state::failed) answer = ended.record().error();
    }
    if (!cancelled || (!answer && !all_succeeded)) std::rethrow_exception(error);
    // An error, or the results, go first: the cancellation comes up again at the next suspension.
    self.restore_cancel();
    if (answer) std::rethrow_exception(answer);
}

}  // namespace torus::inline v0
