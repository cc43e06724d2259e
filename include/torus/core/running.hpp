// torus/core/running.hpp: what this thread is running now: its loop, its task, its native stack.
#pragma once

#include <coroutine>
#include <cstdint>

#include <torus/core/config.hpp>
#include <torus/core/promise.hpp>

namespace torus::inline v0 {

class event_loop;
class task_record;

/// The state of the thread's running loop that every await touches. A simulation swaps it between its hosts.
struct running_state {
    event_loop* loop = nullptr;
    task_record* task = nullptr;               // null inside plain callbacks
    std::coroutine_handle<> frame;             // the last that the loop resumed
    std::coroutine_handle<> resume_next;       // what the trampoline resumes when the native stack has unwound
    std::uintptr_t stack_floor = 0;            // below this address coroutines are not resumed inline
    std::uint32_t completions_left = 0;        // leaf operations that may still complete at once in this step
    bool eager_tasks = false;                  // every task takes its first step where it is created
};

TORUS_FAST_TLS extern constinit thread_local running_state running;

/// Whether this step of the task may complete one more thing at once; otherwise others have their turn first. See
/// loop.cpp: completions_per_step.
inline bool spend_completion() noexcept {
    if (running.completions_left == 0) [[unlikely]]
        return false;
    --running.completions_left;
    return true;
}

inline bool promise_base::run_inline(frame_link& link) noexcept {
    link_ = reinterpret_cast<std::uintptr_t>(&link);
    if (reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) < running.stack_floor) [[unlikely]] {
        running.resume_next = link.frame;
        return false;
    }
    link_ |= inline_bit;
    const std::coroutine_handle<> frame = link.frame;
    frame.resume();
    if (frame.done()) return true;
    link_ &= ~inline_bit;
    return false;
}

[[noreturn]] void throw_no_loop();

/// Ends the current task, whose first coroutine has just reached its end.
void finish_current_task() noexcept;

inline void promise_base::resume_caller() noexcept {
    if (frame_link* link = this->link()) running.resume_next = link->caller->handle();
    else finish_current_task();
}

}  // namespace torus::inline v0
