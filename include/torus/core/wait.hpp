// torus/core/wait.hpp: waiting for some of several tasks, without touching them.
#pragma once

#include <coroutine>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/core/clock.hpp>
#include <torus/core/distinct_tasks.hpp>
#include <torus/core/gather_base.hpp>
#include <torus/core/timer.hpp>

namespace torus::inline v0 {

/// When `wait` returns.
enum class return_when : std::uint8_t {
    all_completed,    // all tasks are done
    first_completed,  // at least one is
    first_exception   // one has failed, or all are done; one that was cancelled has not failed
};
using enum return_when;

struct wait_options {
    duration timeout = duration::max();  // after which it returns what is done, for one pass if it is zero or negative
    return_when until = all_completed;
};

template <class Task> class waiting_for_tasks;

/// Waits until all of the tasks are done, or one is, or a time is up; says which are done.
///
///     auto [done, pending] = co_await wait(tasks, {.timeout = 1s, .until = first_completed});
///
/// It neither cancels the tasks nor throws their errors: those stay in the tasks. The timeout is counted from the call.
///
/// @param tasks  a range of tasks; it is copied, and a task that comes twice counts once
/// @throws std::invalid_argument  there is no task
/// @cancel takes effect at once; the tasks go on
/// @cost   two blocks, whatever the number of tasks
/// @source asyncio.wait
template <range_of_tasks Tasks> auto wait(Tasks&& tasks, wait_options options = {}) {
    using task_type = std::decay_t<decltype(*tasks.begin())>;
    return waiting_for_tasks<task_type>(distinct_tasks(std::forward<Tasks>(tasks)), options);
}

/// The tasks that are done and those that are not, each in the order in which they were given.
template <class Task> class waited {
public:
    explicit waited(const std::vector<any_task>& tasks) {
        for (const any_task& each : tasks) (each.done() ? done : pending).push_back(Task(each.record()));
    }
    std::vector<Task> done;
    std::vector<Task> pending;
};

// ------------------------------------------------------------------------------------------------------------------

/// The part of a wait that does not depend on the tasks' type: a gather that takes no interest in errors, is cancelled
/// without its children, and may end early.
class waiting_base : public gather_base {
public:
    waiting_base(waiting_base&& idle) noexcept;
    bool await_ready() const noexcept { return timeout_ > duration::zero() && is_over(); }
    bool await_suspend(std::coroutine_handle<> h);

protected:
    waiting_base(std::vector<any_task> tasks, wait_options options);
    ~waiting_base() = default;
    const std::vector<any_task>& finish_wait();

private:
    friend class owned_timer<waiting_base>;

    bool is_over() const noexcept;
    void arm() noexcept;
    void disarm() noexcept;
    void expire() noexcept;
    void start_children() override;
    void cancel_children(reach, reason) noexcept override {}
    void leave_children() noexcept override;
    void note_end(task_record& child) noexcept override;
    void note_watched(task_record&) noexcept override {}
    void cancel() noexcept override;

    std::vector<any_task> tasks_;
    std::vector<watch> watches_;
    duration timeout_;
    return_when until_;
    bool armed_ = false;
    owned_timer<waiting_base> alarm_;
};

template <class Task> class [[nodiscard("co_await it")]] waiting_for_tasks final : public waiting_base {
public:
    waiting_for_tasks(std::vector<any_task> tasks, wait_options options) : waiting_base(std::move(tasks), options) {}
    waiting_for_tasks(waiting_for_tasks&&) = default;
    waited<Task> await_resume() { return waited<Task>(finish_wait()); }
};

}  // namespace torus::inline v0
