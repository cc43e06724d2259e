// src/core/thread_queue.cpp: the queue of blocking calls, and the threads that take from it.
#include "core/thread_queue.hpp"

#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "core/no_signals.hpp"

namespace torus::inline v0 {

namespace {
// A grace of a century or more is taken as unlimited: adding it to the time could overflow.
constexpr duration for_ever = std::chrono::hours(24 * 365 * 100);
}  // namespace

thread_queue::thread_queue(std::size_t most_threads) : most_threads_(most_threads) { begun_.reserve(most_threads); }

void thread_queue::push(thread_job& job) noexcept {
    job.previous_job_ = last_;
    job.next_job_ = nullptr;
    (last_ ? last_->next_job_ : first_) = &job;
    last_ = &job;
    ++queued_;
}

void thread_queue::erase(thread_job& job) noexcept {
    (job.previous_job_ ? job.previous_job_->next_job_ : first_) = job.next_job_;
    (job.next_job_ ? job.next_job_->previous_job_ : last_) = job.previous_job_;
    job.previous_job_ = job.next_job_ = nullptr;
    --queued_;
}

thread_job& thread_queue::take_first() noexcept {
    thread_job& job = *first_;
    erase(job);
    return job;
}

void thread_queue::start_thread() {
    const no_signals masked;
    try {
        std::thread(work, shared_from_this()).detach();
        ++threads_;
    } catch (const std::system_error&) {
        if (threads_ == 0) throw;  // nobody would ever run the job
    }
}

void thread_queue::submit(thread_job& job) {
    const std::lock_guard held(mutex_);
    if (ending_) throw std::runtime_error("torus: the thread pool has closed");
    if (waiting_ <= queued_ && threads_ < most_threads_) start_thread();
    job.retain();
    push(job);
    work_or_end_.notify_one();
}

bool thread_queue::withdraw(thread_job& job) noexcept {
    {
        const std::lock_guard held(mutex_);
        if (!job.previous_job_ && first_ != &job) return false;
        erase(job);
    }
    job.release();
    return true;
}

/// The queue's reference goes along.
void thread_queue::send_home(thread_job& job) noexcept {
    const std::shared_ptr<inbox> reply_to = job.reply_to;
    reply_to->post(job);
}

void thread_queue::run_in_context(thread_job& job) noexcept {
    const entered_context of_caller(job.context.cell());  // which outside of tasks takes no memory
    job.execute();
}

void thread_queue::work(std::shared_ptr<thread_queue> queue) noexcept {
    std::unique_lock held(queue->mutex_);
    for (;;) {
        ++queue->waiting_;
        queue->work_or_end_.wait(held, [&] { return queue->first_ || queue->ending_; });
        --queue->waiting_;
        if (!queue->first_) break;
        thread_job& job = queue->take_first();
        queue->begun_.push_back(&job);  // within its reserved capacity
        held.unlock();
        run_in_context(job);
        held.lock();
        std::erase(queue->begun_, &job);
        held.unlock();
        send_home(job);
        held.lock();
    }
    --queue->threads_;
    queue->thread_ended_.notify_all();
}

std::vector<std::source_location> thread_queue::close(duration grace) {
    std::vector<std::source_location> stuck;
    stuck.reserve(most_threads_);
    std::unique_lock held(mutex_);
    if (std::exchange(ending_, true)) return stuck;  // what is stuck has been told
    work_or_end_.notify_all();
    const auto all_ended = [&] { return threads_ == 0; };
    if (grace < for_ever) thread_ended_.wait_for(held, grace, all_ended);
    else thread_ended_.wait(held, all_ended);
    for (const thread_job* job : begun_) stuck.push_back(job->where);
    while (first_) {
        thread_job& job = take_first();
        held.unlock();
        job.refuse();
        send_home(job);
        held.lock();
    }
    return stuck;
}

}  // namespace torus::inline v0
