// src/sim/threads.hpp: the threads of a simulated host, of which one moves at a time.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include <torus/core/thread_calls.hpp>

#include "sim/agenda.hpp"
#include "sim/wire.hpp"

namespace torus::inline v0 {
class backend;
}

namespace torus::inline v0::sim {

/// Threads of the process that take turns with the one that runs the world: it stands still until they sleep. When each goes
/// on is an event of the world, so that one seed decides it, and a debugger sees what it sees elsewhere.
class simulated_threads final : public thread_calls, public std::enable_shared_from_this<simulated_threads> {
public:
    simulated_threads(std::shared_ptr<wire> on, int host, backend& world)
        : wire_(std::move(on)), host_(host), world_(world) {}

    ~simulated_threads() override;
    simulated_threads(const simulated_threads&) = delete;
    simulated_threads& operator=(const simulated_threads&) = delete;

    bool are_simulated() const noexcept override { return true; }
    std::unique_ptr<started_thread> start(std::shared_ptr<thread_program> what) override;
    std::unique_ptr<thread_condition> make_condition() override;
    time_point now() const noexcept override { return wire_->events().now(); }

    bool are_ending() const noexcept override { return is_ending_; }
    void set_ending(bool ending) noexcept { is_ending_ = ending; }

    bool hurry() override;

    /// While they are paused none of them moves.
    void set_paused(bool paused);

    /// The calling thread waits for something that takes so long, as for a disk; but a loop's thread doesn't.
    void rest(duration span);

private:
    class condition;
    class handle;
    struct thread;

    /// What the calling one is, if it is one of these.
    static thread*& self() noexcept;

    void wake_at(thread& one, time_point when);
    void awake(thread& one);
    void go_on(thread& one);
    static void sleep(thread& me);

    const std::shared_ptr<wire> wire_;
    const int host_;
    backend& world_;
    std::vector<std::shared_ptr<thread>> all_;  // in the order in which they began
    std::uint64_t last_number_ = 0;
    bool is_paused_ = false;
    bool is_ending_ = false;
};

}  // namespace torus::inline v0::sim
