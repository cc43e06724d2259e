// torus/testing/sim_test.hpp: tests of simulated worlds, with many seeds, for GoogleTest.
#pragma once

#include <torus/testing/seeds.hpp>
#include <torus/testing/test.hpp>

namespace torus::inline v0::testing {

/// Runs a simulated world with some seeds; what leaves the body, and a check that fails, fails the test.
void run_sim_test(void (*body)(sim::world&), seed_options options);

}  // namespace torus::inline v0::testing

/// A test of a simulated world, `w`, that is run with twenty seeds, or as many as TORUS_SEEDS says: see `try_seeds`.
///
///     TORUS_SIM_TEST(counter, survives_a_crash) {
///         sim::host& db = w.add_host("db", db_main);
///         …
///         w.run(scenario(w, db));
///     }
#define TORUS_SIM_TEST(suite, name) TORUS_SIM_TEST_WITH(suite, name, (::torus::testing::seed_options{}))

/// The same with a `seed_options`, in parentheses.
#define TORUS_SIM_TEST_WITH(suite, name, options)                                         \
    static void suite##_##name##_body(::torus::sim::world&);                              \
    TEST(suite, name) { ::torus::testing::run_sim_test(suite##_##name##_body, options); } \
    static void suite##_##name##_body(::torus::sim::world& w)
