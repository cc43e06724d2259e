// torus/sim/world.hpp: several simulated hosts in one process: their clocks, their network, their accidents.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <torus/core/async.hpp>
#include <torus/core/guest.hpp>
#include <torus/core/outcome.hpp>
#include <torus/core/submitted.hpp>
#include <torus/sim/host.hpp>
#include <torus/sim/link.hpp>

namespace torus::inline v0::sim {

/// Which of the coroutines of a host that are ready goes on first.
enum class task_order : std::uint8_t {
    plain,  // the one that has been ready for the longest time, as without a simulation
    shuffled,  // any of them, with equal chances
    /// The one whose task has the highest priority, which chance decides; now and then it loses it. So one task may get far
    /// ahead of the others. (After PCT: Burckhardt and others, ASPLOS 2010.)
    priorities,
};

struct world_options {
    std::uint64_t seed = 1;  // decides what chance decides: the same seed, the same run
    link_options link = {};  // from any host to any other, where nothing else is said
    double split = 0;  // the share of reads and writes of streams that move fewer bytes than they could
    double late = 0;  // the share of operations of whose end the program hears up to a millisecond later
    task_order order = task_order::plain;
    duration time_limit = std::chrono::hours(24);  // virtual time of one `run`
    bool real_threads = false;  // as in `network_options`
};

/// The scenario has not ended: nothing can happen any more, or it goes on for ever. what() says which, and holds what
/// `world::report()` says.
class stuck_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The program of a host has failed. What it threw is nested; what() names the host and says that, too.
class host_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A world of hosts that talk to each other by TCP and UDP. All of it runs on one thread, on virtual time, and one seed
/// decides all that chance decides; programs are the same as on a kernel.
///
///     sim::world w({.seed = 7, .link = {.latency = 1ms, .loss = 0.01}});
///     sim::host& db = w.add_host("db", db_main);
///     sim::host& app = w.add_host("app", app_main);  // connects to "db"
///     w.run([&]() -> async<> {
///         co_await sleep(2s);
///         w.partition(db, app);
///         co_await sleep(5s);
///         w.repair(db, app);
///         co_await app.ended();
///     });
///
/// What is run is the scenario: a coroutine on a loop of its own, which is on no network. Hosts begin with the first run,
/// have the names that they were given for each other, and addresses 10.0.0.1, fd00::1 and so on in the order in which
/// they were added. When the scenario has ended they stand still until the next run, or the end of the world.
///
/// A program that has failed ends the run, unless it was cancelled. Threads take turns with the world: see `network`. Each host
/// has a disk of its own, with an empty /tmp; what was not synced there gets lost with a crash. Processes and watchers of files
/// answer ENOSYS.
class world {
public:
    explicit world(const world_options& options = {});
    ~world();
    world(const world&) = delete;
    world& operator=(const world&) = delete;

    /// A host, with what it runs whenever it starts: a function that gives a coroutine. It is there as long as the world.
    /// @throws std::invalid_argument  there is a host with that name, or no name can be like that; the address is none, or
    ///                                another host has it; the clock drifts by more than half of the time
    template <std::invocable Program>
        requires std::same_as<std::invoke_result_t<Program&>, async<>>
    host& add_host(std::string name, Program runs, const host_options& options = {}) {
        return add(std::move(name), std::make_unique<function_program<Program>>(std::move(runs)), options);
    }

    /// @{ From now on packets travel like this between two hosts, or from the first to the second; those that are on their
    /// way excepted.
    void set_link(const host& a, const host& b, const link_options& how);
    void set_link_one_way(const host& from, const host& to, const link_options& how);
    /// @}

    /// @{ Cuts the link: what is sent gets lost. `repair` mends it, in both directions.
    void partition(const host& a, const host& b);
    void partition_one_way(const host& from, const host& to);
    void repair(const host& a, const host& b);
    /// @}

    /// @{ Keeps what is sent between two hosts, and sends it on, in that order.
    void hold(const host& a, const host& b);
    void release(const host& a, const host& b);
    /// @}

    /// Calls `rule(packet)` for each packet that leaves for another host: it says what becomes of it, and may change links
    /// and end hosts. What it throws ends the run.
    template <std::invocable<const passing_packet&> Rule> void set_rule(Rule rule) {
        set_rule(std::make_unique<function_rule<Rule>>(std::move(rule)));
    }
    void set_rule(std::unique_ptr<packet_rule> rule);

    /// Runs a scenario to its end, and gives its result: a coroutine, or a function that gives one.
    /// @throws what the scenario threw
    /// @throws host_error          a program has failed
    /// @throws stuck_error         nothing can happen any more, or the time limit has passed, or time stands still
    /// @throws std::runtime_error  a loop runs on this thread
    template <class T> T run(async<T> scenario);
    template <std::invocable Scenario> auto run(Scenario scenario) { return run(scenario()); }

    /// A number below `bound`, by chance: for scenarios, which are then another in each seed.
    /// @throws std::invalid_argument  there is none below zero
    std::uint64_t random(std::uint64_t bound);

    /// A figure for all that has happened, which is the same in each run with the same seed: which tasks took steps where
    /// and when, and which packets went. If it is not, a program depends on something outside of this world.
    std::uint64_t figure() const noexcept;

    /// Notes from now on the figure after each event: where two runs that should be one begin to differ.
    void record() noexcept;
    const std::vector<std::uint64_t>& figures() const noexcept;

    /// What can be said after a failure: the seed, the time, where all tasks are, and the last events.
    std::string report() const;

private:
    host& add(std::string name, std::unique_ptr<program> runs, const host_options& options);
    guest_options options_of_scenario() const;
    void drive(guest_loop& scenario);

    std::unique_ptr<class world_driver> driver_;
};

// ------------------------------------------------------------------------------------------------------------------

template <class T> T world::run(async<T> scenario) {
    std::optional<outcome<T>> result;
    guest_loop guest(
        std::move(scenario), [&result](outcome<T> ended) { result.emplace(std::move(ended)); }, options_of_scenario());
    drive(guest);
    return std::move(*result).value();
}

}  // namespace torus::inline v0::sim
