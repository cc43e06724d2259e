// src/core/thread_pool.cpp: the queue of blocking calls, and the threads that take from it.
#include "core/thread_pool.hpp"

#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <thread>
#include <vector>

namespace torus::inline v0 {

namespace {

// A grace of a century or more is taken as unlimited: adding it to the time could overflow.
constexpr duration for_ever = std::chrono::hours(24 * 365 * 100);

/// Signals belong to the loop's thread: a thread that is started within this scope receives none.
struct no_signals {
    no_signals() noexcept {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
    }
    ~no_signals() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }
    no_signals(const no_signals&) = delete;
    no_signals& operator=(const no_signals&) = delete;
    sigset_t before;
};

}  // namespace

struct thread_pool::shared {
    std::mutex mutex;
    std::condition_variable work_or_end;
    std::condition_variable thread_ended;
    thread_job* first = nullptr;
    thread_job* last = nullptr;
    std::vector<thread_job*> begun;    // named when they don't stop
    std::size_t threads = 0;
    std::size_t waiting = 0;           // threads with nothing to do
    std::size_t queued = 0;
    bool ending = false;

    void push(thread_job& job) noexcept;
    void erase(thread_job& job) noexcept;
};

void thread_pool::shared::push(thread_job& job) noexcept {
    job.previous_job_ = last;
    job.next_job_ = nullptr;
    (last ? last->next_job_ : first) = &job;
    last = &job;
    ++queued;
}

void thread_pool::shared::erase(thread_job& job) noexcept {
    (job.previous_job_ ? job.previous_job_->next_job_ : first) = job.next_job_;
    (job.next_job_ ? job.next_job_->previous_job_ : last) = job.previous_job_;
    job.previous_job_ = job.next_job_ = nullptr;
    --queued;
}

thread_pool::thread_pool() : shared_(std::make_shared<shared>()) { shared_->begun.reserve(max_threads); }

thread_pool::~thread_pool() { close(duration::zero()); }

void thread_pool::submit(thread_job& job) {
    std::unique_lock held(shared_->mutex);
    if (shared_->waiting <= shared_->queued && shared_->threads < max_threads) {
        const no_signals masked;
        try {
            std::thread(work, shared_).detach();
            ++shared_->threads;
        } catch (const std::system_error&) {
            if (shared_->threads == 0) throw;  // nobody would ever run the job
        }
    }
    job.retain();
    ++unfinished_;
    shared_->push(job);
    shared_->work_or_end.notify_one();
}

bool thread_pool::withdraw(thread_job& job) noexcept {
    {
        std::lock_guard held(shared_->mutex);
        if (!job.previous_job_ && shared_->first != &job) return false;
        shared_->erase(job);
    }
    --unfinished_;
    job.release();
    return true;
}

void thread_pool::run_in_context(thread_job& job) noexcept {
    const entered_context of_caller(job.context.cell());  // which outside of tasks takes no memory
    job.execute();
}

void thread_pool::work(std::shared_ptr<shared> pool) noexcept {
    std::unique_lock held(pool->mutex);
    for (;;) {
        ++pool->waiting;
        pool->work_or_end.wait(held, [&] { return pool->first || pool->ending; });
        --pool->waiting;
        if (!pool->first) break;
        thread_job& job = *pool->first;
        pool->erase(job);
        pool->begun.push_back(&job);  // within its reserved capacity
        held.unlock();
        run_in_context(job);
        held.lock();
        std::erase(pool->begun, &job);
        held.unlock();
        const std::shared_ptr<inbox> reply_to = job.reply_to;
        reply_to->post(job);  // the pool's reference goes along
        held.lock();
    }
    --pool->threads;
    pool->thread_ended.notify_all();
}

thread_pool::stuck_calls thread_pool::close(duration grace) noexcept {
    std::unique_lock held(shared_->mutex);
    shared_->ending = true;
    shared_->work_or_end.notify_all();
    const auto all_ended = [&] { return shared_->threads == 0; };
    if (grace < for_ever) shared_->thread_ended.wait_for(held, grace, all_ended);
    else shared_->thread_ended.wait(held, all_ended);
    stuck_calls stuck;
    for (const thread_job* job : shared_->begun) stuck.where[stuck.count++] = job->where;
    return stuck;
}

}  // namespace torus::inline v0
