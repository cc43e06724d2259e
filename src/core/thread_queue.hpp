// src/core/thread_queue.hpp: what a pool's threads share: the jobs that wait, and those that run.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <source_location>
#include <vector>

#include <torus/core/thread.hpp>
#include <torus/core/thread_calls.hpp>

namespace torus::inline v0 {

/// Threads are started on demand, up to a limit, and stay until the queue closes. Jobs begin in order.
///
/// The pool, its threads and the jobs share it: threads that don't stop are left behind with it.
class thread_queue final : public thread_program, public std::enable_shared_from_this<thread_queue> {
public:
    /// With the threads of the world that this thread is in.
    explicit thread_queue(std::size_t most_threads);

    /// Whose threads it has.
    thread_calls& source() const noexcept { return source_; }

    /// Takes a reference to the job. It is posted to `job.reply_to` when it has run.
    /// @throws std::system_error   no thread can be started, and there is none yet
    /// @throws std::runtime_error  the queue has closed
    void submit(thread_job& job);

    /// Takes a job that has not begun out of the queue. False if it has begun.
    bool withdraw(thread_job& job) noexcept;

    /// Ends the threads when nothing is queued any more. After `grace` what has not begun is refused, and where the jobs
    /// were asked for that still run is given: their threads are left to themselves.
    std::vector<std::source_location> close(duration grace);

    std::size_t most_threads() const noexcept { return most_threads_; }

private:
    static void run_in_context(thread_job& job) noexcept;
    void work() noexcept override;
    static void send_home(thread_job& job) noexcept;
    void start_thread();
    void refuse_all(std::unique_lock<std::mutex>& held) noexcept;
    thread_job& take_first() noexcept;
    void push(thread_job& job) noexcept;
    void erase(thread_job& job) noexcept;

    const std::size_t most_threads_;
    thread_calls& source_;
    std::mutex mutex_;
    const std::unique_ptr<thread_condition> work_or_end_;
    const std::unique_ptr<thread_condition> thread_ended_;
    thread_job* first_ = nullptr;
    thread_job* last_ = nullptr;
    std::vector<thread_job*> begun_;  // named when they don't stop
    std::size_t threads_ = 0;
    std::size_t waiting_ = 0;  // threads with nothing to do
    std::size_t queued_ = 0;
    bool ending_ = false;
};

}  // namespace torus::inline v0
