// src/core/loop_threads.hpp: the other loops of a run with several threads, from their beginning to their end.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include <torus/core/run.hpp>

namespace torus::inline v0 {

/// Each loop runs by `run` on a thread of its own, with a main task that waits to be told that it is over; so its end is
/// that of every run: what is left is cancelled and awaited, threads are joined, what does not stop is named.
class loop_threads {
public:
    /// Starts `how.threads` - 1 of them beside `main`, and returns when all run.
    /// @throws std::system_error  there is no thread or no backend to be had; none runs then
    static std::shared_ptr<loop_threads> start(event_loop& main, const run_options& how);

    /// Their tasks are cancelled from now on. Returns at once; harmless when repeated.
    void ask_to_end() noexcept;

    /// Waits for them. Who takes longer than a run may is reported, and its thread left behind.
    void end() noexcept;

    /// Those beside `loop`, and itself; null if it is alone.
    static const loop_threads* of(const event_loop& loop) noexcept { return loop.beside_.get(); }
    const std::vector<event_loop*>& all() const noexcept { return all_; }

private:
    class one;
    explicit loop_threads(const run_options& how);
    void begin(event_loop& main, const run_options& how, const std::shared_ptr<loop_threads>& self);

    std::vector<std::shared_ptr<one>> threads_;
    std::vector<event_loop*> all_;  // written before anything runs on them but their main tasks
    duration patience_;
};

}  // namespace torus::inline v0
