// torus/core/thread_pool.hpp: threads of one's own for work that keeps processors busy.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include <torus/core/thread.hpp>

namespace torus::inline v0 {

/// A fixed number of threads, started on demand, that take jobs in order; for `run_in_executor`. Any number of loops may
/// share it. `to_thread` has a pool of its own in each loop, meant for calls that mostly wait.
///
///     torus::thread_pool cpu{4};
///     auto [a, b] = co_await gather(run_in_executor(cpu, digest, first), run_in_executor(cpu, digest, second));
///
/// @source concurrent.futures.ThreadPoolExecutor
class thread_pool {
public:
    /// How long the end of a pool waits for its jobs: as long as `run` waits for those of `to_thread`.
    static constexpr duration default_grace = std::chrono::seconds(5);

    /// @param  threads  how many jobs run at once, at most
    /// @param  grace    how long the destructor waits for what was given to it
    /// @throws std::invalid_argument  no threads at all
    explicit thread_pool(std::size_t threads, duration grace = default_grace);

    /// Closes it. The calling thread is blocked meanwhile, and with it a loop that runs there.
    ~thread_pool();
    thread_pool(const thread_pool&) = delete;
    thread_pool& operator=(const thread_pool&) = delete;

    /// Takes no more jobs, and ends the threads when those it has are done. After `grace` what has not begun fails with
    /// std::runtime_error, and what still runs is reported with the place where it was asked for, and left behind.
    void close(duration grace) noexcept;

    /// How many jobs run at once, at most.
    std::size_t threads() const noexcept;

    const std::shared_ptr<class thread_queue>& queue() const noexcept { return queue_; }  // for jobs

private:
    std::shared_ptr<thread_queue> queue_;
    duration grace_;
    bool closed_ = false;
};

/// Calls `function(arguments...)` on a thread of `pool`; the loop goes on meanwhile. Otherwise as `to_thread`.
///
/// @throws what the function throws
/// @throws std::runtime_error  the pool has closed
/// @cancel thrown at once. A call that has not begun never does; one that runs goes on, its result is dropped and its
///         error reported
/// @source asyncio.loop.run_in_executor
template <class Function, class... Arguments>
    requires std::is_invocable_v<std::decay_t<Function>, std::decay_t<Arguments>...>
thread_call<std::decay_t<Function>, std::decay_t<Arguments>...> run_in_executor(thread_pool& pool, Function&& function,
                                                                                Arguments&&... arguments) {
    static_assert(safe_temporary<Function>, "g++ 12 destroys this closure twice: name it first, or pass arguments");
    return {pool.queue(), std::forward<Function>(function), std::forward<Arguments>(arguments)...};
}

}  // namespace torus::inline v0
