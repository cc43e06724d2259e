// src/core/watched_step.hpp: what debug mode looks at around each step of a task.
#pragma once

#include <source_location>

#include <torus/core/loop.hpp>
#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

/// One step of a task, or one callback: from its resumption until it suspends or ends.
class event_loop::watched_step {
public:
    watched_step(event_loop& loop, const runnable& resumed) noexcept;

    /// Reports what was wrong with it. The task may be destroyed here.
    void end() noexcept;
    watched_step(const watched_step&) = delete;
    watched_step& operator=(const watched_step&) = delete;

private:
    static std::source_location place_of(const runnable& resumed) noexcept;
    void report_slow(duration took) noexcept;
    void note_wake() noexcept;

    event_loop& loop_;
    task_record* const task_;  // retained; null for a callback
    const std::source_location place_;
    const bool is_first_;  // of its task
    const time_point began_;
};

}  // namespace torus::inline v0
