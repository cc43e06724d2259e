// src/core/thread_pool.hpp: the threads of one loop that make blocking calls for it.
#pragma once

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <source_location>

#include <torus/core/thread.hpp>

namespace torus::inline v0 {

/// Threads are started on demand, up to `max_threads`, and stay until the pool closes. Jobs begin in order.
class thread_pool {
public:
    thread_pool();
    ~thread_pool();
    thread_pool(const thread_pool&) = delete;
    thread_pool& operator=(const thread_pool&) = delete;

    /// Takes a reference to the job. It is posted to `job.reply_to` when it has run.
    /// @throws std::system_error  no thread can be started, and there is none yet
    void submit(thread_job& job);

    /// Takes a job that has not begun out of the queue. False if it has begun.
    bool withdraw(thread_job& job) noexcept;

    /// No job is queued, running, or on its way back.
    bool idle() const noexcept { return unfinished_ == 0; }
    void job_arrived() noexcept { --unfinished_; }

    /// Where the calls were made that would not end.
    struct stuck_calls {
        std::array<std::source_location, max_threads> where;
        std::size_t count = 0;
    };

    /// Ends the threads. Where one is still busy after `grace`, it is left to itself, and what it runs is returned.
    stuck_calls close(duration grace) noexcept;

private:
    struct shared;
    static void work(std::shared_ptr<shared> pool) noexcept;
    static void run_in_context(thread_job& job) noexcept;

    std::shared_ptr<shared> shared_;  // with threads that are left behind
    std::size_t unfinished_ = 0;  // jobs submitted that have not arrived; counted by the loop's thread alone
};

}  // namespace torus::inline v0
