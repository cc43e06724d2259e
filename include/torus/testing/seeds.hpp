// torus/testing/seeds.hpp: a simulated world that is run with many seeds.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>

#include <torus/sim/world.hpp>

namespace torus::inline v0::testing {

struct seed_options {
    std::uint64_t first = 1;  // the next run has the next seed
    std::size_t runs = 20;
    sim::world_options world = {.order = sim::task_order::shuffled};  // its seed is set for each run
    unsigned threads = 1;  // that take runs from each other; 0: one for each processor

    /// So often a seed is run twice, beginning with the first, and both must do the same. 0: never.
    std::size_t runs_between_repetitions = 50;

    /// Asked after each run, for frameworks whose checks don't throw; it must be callable from any thread.
    bool (*has_failed)() = nullptr;
};

/// What `try_seeds` has tried, and found.
struct seeds_tried {
    std::size_t runs = 0;
    std::string problem = {};  // of the lowest seed that has one: how to see it again, and what was seen
    std::uint64_t seed = 0;  // that one
};

/// What is done with each world. A function does for most.
class use_of_world {
public:
    virtual ~use_of_world() = default;
    virtual void run(sim::world& in) = 0;
};

/// The same of a function, which stays where it is.
template <class Body> class function_of_world final : public use_of_world {
public:
    explicit function_of_world(Body& body) noexcept : body_(body) {}
    void run(sim::world& in) override { body_(in); }

private:
    Body& body_;
};

/// As below, for bodies that have to be an object.
seeds_tried try_seeds(use_of_world& what, seed_options options);

/// Runs `body(world)` once for each seed, each time in a world of its own, until a run throws. What chance decides is another
/// in each: who goes on first, how packets fare, and what the body asks of it.
///
///     auto tried = try_seeds([](sim::world& w) {
///         sim::host& db = w.add_host("db", db_main);
///         …
///         w.run(scenario(w, db));
///     }, {.runs = 100});
///     EXPECT_EQ(tried.problem, "");
///
/// TORUS_SEED in the environment is the only seed that is tried then; TORUS_SEEDS says how many are. `TORUS_SIM_TEST` in
/// <torus/testing/sim_test.hpp> is a test of GoogleTest that does this.
///
/// @throws std::runtime_error     a loop runs on this thread
/// @throws std::invalid_argument  TORUS_SEED or TORUS_SEEDS is no number
template <std::invocable<sim::world&> Body> seeds_tried try_seeds(Body body, seed_options options = {}) {
    function_of_world<Body> each(body);
    return try_seeds(static_cast<use_of_world&>(each), options);
}

}  // namespace torus::inline v0::testing
