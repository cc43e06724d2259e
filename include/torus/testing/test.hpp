// torus/testing/test.hpp: tests that are coroutines, on virtual time, for GoogleTest.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <torus/core/core.hpp>

namespace torus::inline v0::testing {

/// Runs a test's coroutine on the backend that TORUS_BACKEND names; what leaves it fails the test.
void run_test(async<> (*body)(), clock_kind clock);

/// Time that has passed since the test began.
duration elapsed();

/// What went to the error handler since the test began, or since the last call; the test fails if any is left over.
std::vector<std::string> take_reports();

/// Awaits `what`, which must throw an `Error`, and gives a copy of it.
template <class Error, class What> async<Error> expect_throws(What what) {
    bool returned = false;
    try {
        static_cast<void>(co_await std::move(what));
        returned = true;
    } catch (const Error& e) {
        co_return e;
    }
    throw std::logic_error(returned ? "returned where it should have thrown" : "unreachable");
}

/// Lets everything that is ready run until nothing is, but for sleeping tasks: `passes` times around the loop.
inline async<> let_others_run(int passes = 10) {
    for (int i = 0; i < passes; ++i) co_await yield_now();
}

}  // namespace torus::inline v0::testing

/// A test whose body is a coroutine. Its clock is simulated: hours cost nothing, and times are compared with `==`.
///
///     TORUS_TEST(timeout, throws_when_the_time_is_up) {
///         co_await expect_throws<timeout_error>(timeout(5s, sleep(1h)));
///         EXPECT_EQ(elapsed(), 5s);
///     }
#define TORUS_TEST(suite, name) TORUS_TEST_ON(suite, name, ::torus::clock_kind::simulated)

/// The same on the kernel's clock, for tests that do I/O with the kernel.
#define TORUS_IO_TEST(suite, name) TORUS_TEST_ON(suite, name, ::torus::clock_kind::steady)

#define TORUS_TEST_ON(suite, name, clock)                                           \
    static ::torus::async<> suite##_##name##_body();                                \
    TEST(suite, name) { ::torus::testing::run_test(suite##_##name##_body, clock); } \
    static ::torus::async<> suite##_##name##_body()
