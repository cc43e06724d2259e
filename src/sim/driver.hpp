// src/sim/driver.hpp: the loops of a world, one turn at a time, on one clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <torus/sim/world.hpp>

#include "sim/machine.hpp"
#include "sim/wire.hpp"

namespace torus::inline v0::sim {

/// Gives turns to the loops that have something to do, chosen by chance, and lets time pass when none has.
class world_driver {
public:
    explicit world_driver(const world_options& options);
    ~world_driver();
    world_driver(const world_driver&) = delete;
    world_driver& operator=(const world_driver&) = delete;

    /// As `world::add_host`.
    host& add(std::string name, std::unique_ptr<program> runs, const host_options& options);

    /// As `world::run`.
    void drive(guest_loop& scenario);
    const machine& scenario() const noexcept { return scenario_; }

    void start(machine& one);
    void end(machine& one, ending how);
    void note(trace::kind what, const machine& of) { wire_->history().note(now(), what, of.number); }

    wire& network() noexcept { return *wire_; }
    way& way_between(const host& from, const host& to);
    void release(const host& a, const host& b);
    std::string report();

private:
    time_point now() const noexcept { return wire_->events().now(); }
    void end_whom_was_wanted();
    void rethrow_failure();
    bool take_turn();
    void turn(machine& one);
    void ended(machine& one);
    void let_time_pass(time_point limit);
    bool wait_for_threads();
    [[noreturn]] void give_up(std::string_view why);
    void add_name(std::string_view name, const std::vector<address>& addresses);

    const world_options options_;
    const std::shared_ptr<wire_settings> settings_;
    const std::shared_ptr<wire> wire_;
    std::string hosts_;  // as a hosts file has them
    machine scenario_;
    std::vector<std::unique_ptr<host>> all_;
    std::vector<machine*> machines_;  // the scenario, and theirs
    std::vector<machine*> due_;  // of those, in a turn
    machine* current_ = nullptr;  // whose turn it is
    std::size_t turns_ = 0;  // since time has passed
    std::exception_ptr failure_;
};

}  // namespace torus::inline v0::sim
