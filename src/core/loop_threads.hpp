// src/core/loop_threads.hpp: the other loops of a run with several threads, from their beginning to their end.
#pragma once

#include <memory>
#include <vector>

#include <torus/core/run.hpp>

namespace torus::inline v0 {

/// Each loop runs as `run` does on a thread of its own, with a main task that waits to be told that it is over; so its end
/// is that of every run: what is left is cancelled and awaited, threads are joined, what does not stop is named.
///
/// The loops close when they like, and are destroyed together, when nobody is left who could use them.
class loop_threads {
public:
    /// Starts `how.threads` - 1 of them beside `main`, and returns when all run. Null if there are none.
    /// @throws std::system_error  there is no thread or no backend to be had; none runs then
    static std::shared_ptr<loop_threads> start(const std::shared_ptr<event_loop>& main, const run_options& how);

    /// Their tasks are cancelled from now on. Returns at once; harmless when repeated.
    void ask_to_end() noexcept;

    /// Waits for them. One whose thread is blocked is reported, and left behind: it keeps all this.
    void end() noexcept;

    /// Those beside `loop`, and itself; null if it is alone.
    static const loop_threads* of(const event_loop& loop) noexcept { return loop.beside_; }
    std::vector<event_loop*> all() const;

private:
    class one;
    explicit loop_threads(const run_options& how) : how_(how) {}
    void begin(const std::shared_ptr<event_loop>& main, unsigned count, const std::shared_ptr<loop_threads>& self);

    std::vector<std::shared_ptr<one>> threads_;
    std::vector<std::shared_ptr<event_loop>> all_;  // written before anything but main tasks runs on them
    run_options how_;
};

}  // namespace torus::inline v0
