// src/core/thread_queue.cpp: the queue of blocking calls, and the threads that take from it.
#include "core/thread_queue.hpp"

#include <stdexcept>
#include <system_error>
#include <utility>

namespace torus::inline v0 {

thread_queue::thread_queue(std::size_t most_threads)
    : most_threads_(most_threads), source_(torus::threads()), work_or_end_(source_.make_condition()),
      thread_ended_(source_.make_condition()) {
    begun_.reserve(most_threads);
}

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
    try {
        source_.start(shared_from_this());
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
    work_or_end_->notify_one();
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

void thread_queue::work() noexcept {
    std::unique_lock held(mutex_);
    for (;;) {
        ++waiting_;
        while (!first_ && !ending_) work_or_end_->wait(held);
        --waiting_;
        if (!first_) break;
        thread_job& job = take_first();
        begun_.push_back(&job);  // within its reserved capacity
        held.unlock();
        run_in_context(job);
        held.lock();
        std::erase(begun_, &job);
        held.unlock();
        send_home(job);
        held.lock();
    }
    --threads_;
    thread_ended_->notify_all();
}

std::vector<std::source_location> thread_queue::close(duration grace) {
    std::vector<std::source_location> stuck;
    stuck.reserve(most_threads_);
    std::unique_lock held(mutex_);
    if (std::exchange(ending_, true)) return stuck;  // what is stuck has been told
    if (grace <= duration::zero()) refuse_all(held);
    work_or_end_->notify_all();
    const time_point until = later(source_.now(), grace);
    while (threads_ > 0 && thread_ended_->wait(held, until)) {}
    for (const thread_job* job : begun_) stuck.push_back(job->where);
    refuse_all(held);
    return stuck;
}

void thread_queue::refuse_all(std::unique_lock<std::mutex>& held) noexcept {
    while (first_) {
        thread_job& job = take_first();
        held.unlock();
        job.refuse();
        send_home(job);
        held.lock();
    }
}

}  // namespace torus::inline v0
