// src/testing/sim_test.cpp: seeds for GoogleTest.
#include <torus/testing/sim_test.hpp>

#include <errno.h>

#include <string>

namespace torus::inline v0::testing {

namespace {

/// What to type to see one run again.
std::string replay_of(std::uint64_t seed) {
    const ::testing::TestInfo* const test = ::testing::UnitTest::GetInstance()->current_test_info();
    return "TORUS_SEED=" + std::to_string(seed) + " " + program_invocation_name +
           " --gtest_filter=" + test->test_suite_name() + "." + test->name();
}

}  // namespace

void run_sim_test(void (*body)(sim::world&), seed_options options) {
    options.has_failed = [] { return ::testing::Test::HasFailure(); };
    const seeds_tried tried = try_seeds(body, options);
    if (!tried.problem.empty()) ADD_FAILURE() << tried.problem << replay_of(tried.seed);
}

}  // namespace torus::inline v0::testing
