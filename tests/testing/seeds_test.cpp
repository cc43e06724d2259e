// tests/testing/seeds_test.cpp: worlds that are run with many seeds.
#include <torus/testing/seeds.hpp>

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <gtest/gtest-spi.h>

#include <torus/core/core.hpp>
#include <torus/testing/sim_test.hpp>

namespace torus::testing {
namespace {

using namespace std::literals;

/// A variable of the environment, while it lives.
class setting {
public:
    setting(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
    ~setting() { ::unsetenv(name_); }
    setting(const setting&) = delete;
    setting& operator=(const setting&) = delete;

private:
    const char* const name_;
};

void fail_sometimes(sim::world& w) {
    w.run([]() -> async<> { co_await sleep(1s); });
    if (w.random(8) == 3) throw std::logic_error("it is three");
}

TEST(seeds, S599_tell_which_of_them_finds_the_problem_again) {
    const seeds_tried tried = try_seeds(fail_sometimes, {.runs = 1000});
    ASSERT_NE(tried.problem, "");
    EXPECT_EQ(tried.runs, tried.seed);  // the first was 1
    const std::string seed = std::to_string(tried.seed);
    EXPECT_TRUE(tried.problem.starts_with("TORUS_SEED=" + seed + " finds it again: it is three\nseed " + seed))
        << tried.problem;
    EXPECT_NE(tried.problem.find("the last of "), std::string::npos) << tried.problem;
    const setting only("TORUS_SEED", seed.c_str());
    const seeds_tried again = try_seeds(fail_sometimes);
    EXPECT_EQ(again.problem, tried.problem);
    EXPECT_EQ(again.runs, 1U);
}

TEST(seeds, S599_are_as_many_as_the_environment_says) {
    std::atomic<int> runs = 0;
    const auto count = [&](sim::world&) { ++runs; };
    const setting many("TORUS_SEEDS", "70");
    EXPECT_EQ(try_seeds(count, {.threads = 2}).runs, 70U);
    EXPECT_EQ(runs, 72);  // the first and the fifty-first twice
}

TEST(seeds, S599_find_what_is_not_the_same_run_twice) {
    int runs = 0;
    const auto differ = [&](sim::world& w) {
        const int steps = ++runs;
        w.run([steps]() -> async<> {
            for (int i = 0; i < steps; ++i) co_await sleep(1s);
        });
    };
    const std::string problem = try_seeds(differ).problem;
    EXPECT_NE(problem.find("the same seed was not the same run twice: they differ from event 2 of 2 on"),
              std::string::npos)
        << problem;
}

TEST(seeds, S599_are_numbers) {
    const setting bad("TORUS_SEED", "seven");
    EXPECT_THROW(try_seeds(fail_sometimes), std::invalid_argument);
}

TEST(seeds, S599_say_what_to_type_to_see_it_again) {
    const setting only("TORUS_SEED", "7");
    const auto fail = [] { run_sim_test([](sim::world&) { throw std::logic_error("it is broken"); }, {}); };
    EXPECT_NONFATAL_FAILURE(fail(), " --gtest_filter=seeds.S599_say_what_to_type_to_see_it_again");
    EXPECT_NONFATAL_FAILURE(fail(), "TORUS_SEED=7 finds it again: it is broken");
}

TORUS_SIM_TEST(seeds, S599_are_a_test_of_googletest_too) {
    EXPECT_LT(w.random(8), 8U);
    w.run([]() -> async<> { co_await sleep(1s); });
}

}  // namespace
}  // namespace torus::testing
