// src/core/thread.cpp: the way of a blocking call to a thread and of its result back.
#include <torus/core/thread.hpp>

#include <torus/core/task_record.hpp>

#include "core/describe.hpp"
#include "core/thread_pool.hpp"

namespace torus::inline v0 {

bool thread_call_base::suspend_for(std::coroutine_handle<> h, job& j) {
    event_loop& loop = event_loop::current();
    if (!begin_wait(h)) return false;
    j.where = promise_base::of(h).location();
    j.context = held_context::copied();
    j.reply_to = loop.letters();
    j.caller = this;
    job_ = &j;
    try {
        loop.threads().submit(j);
    } catch (...) {  // no thread to be had: the call has failed, without having begun
        j.error = std::current_exception();
        make_ready();
    }
    return true;
}

void thread_call_base::cancel() noexcept {
    job_->caller = nullptr;
    waiting_task()->loop().threads().withdraw(*job_);
    make_cancelled();
}

void thread_job::arrived(event_loop& loop) noexcept {
    loop.threads().job_arrived();
    finished(loop);
}

void thread_call_base::job::finished(event_loop&) noexcept {
    if (caller) caller->make_ready();
    else if (error)
        report_problem("a function of to_thread failed after its caller had been cancelled", error, nullptr);
    release();
}

/// The loop has gone; nobody waits.
void thread_call_base::job::returned() noexcept {
    if (error) report_problem("a function of to_thread failed after its loop had ended", error, nullptr);
    release();
}

}  // namespace torus::inline v0
