// src/core/thread.cpp: the way of a blocking call to a thread and of its result back.
#include <torus/core/thread.hpp>

#include <stdexcept>
#include <string>

#include <torus/core/error.hpp>
#include <torus/core/task_record.hpp>
#include <torus/core/thread_pool.hpp>

#include "core/describe.hpp"
#include "core/thread_queue.hpp"

namespace torus::inline v0 {

void thread_job::submit_to(const std::shared_ptr<thread_queue>& pool) {
    event_loop& loop = event_loop::current();
    if (&pool->source() != &loop.world().threads())
        throw invalid_state_error("torus: a thread from outside of the simulated world, wanted at " + describe(where));
    reply_to = loop.letters();
    queue_ = pool;
    pool->submit(*this);
    loop.job_left();
}

bool thread_job::withdraw() noexcept {
    if (!queue_->withdraw(*this)) return false;
    running.loop->job_returned();
    return true;
}

bool thread_call_base::suspend_for(std::coroutine_handle<> h, job& j) {
    event_loop& loop = event_loop::current();
    if (!begin_wait(h)) return false;
    j.where = promise_base::of(h).location();
    j.context = held_context::copied();
    j.caller = this;
    job_ = &j;
    try {
        j.submit_to(j.pool ? j.pool : loop.threads().queue());
    } catch (...) {  // no thread to be had, or the pool has closed: the call has failed, without having begun
        j.error = std::current_exception();
        make_ready();
    }
    return true;
}

void thread_call_base::cancel() noexcept {
    job_->caller = nullptr;
    job_->withdraw();
    make_cancelled();
}

bool thread_call_base::withdraw() noexcept {
    if (!job_->withdraw()) return false;
    job_->caller = nullptr;
    make_cancelled();
    return true;
}

void thread_job::arrived(event_loop& loop) noexcept {
    loop.job_returned();
    finished(loop);
}

void thread_call_base::job::refuse() noexcept {
    refused = true;
    try {
        throw std::runtime_error("torus: the thread pool has closed");
    } catch (...) {
        error = std::current_exception();
    }
}

void thread_call_base::job::finished(event_loop&) noexcept {
    if (caller) caller->make_ready();
    else if (error && !refused)
        report_problem("a function of to_thread failed after its caller had been cancelled", error, nullptr);
    release();
}

/// The loop has gone; nobody waits.
void thread_call_base::job::returned() noexcept {
    if (error && !refused) report_problem("a function of to_thread failed after its loop had ended", error, nullptr);
    release();
}

}  // namespace torus::inline v0
