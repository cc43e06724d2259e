// tests/cancelled_everywhere.hpp: a test whose body is cancelled at each of its moments.
#pragma once

#include <utility>

#include <torus/testing/cancel_everywhere.hpp>
#include <torus/testing/test.hpp>

namespace torus::testing {

/// Cancels the coroutine that `body()` gives at each of its moments, on virtual time; nothing may be left, and
/// `invariant()` must hold. What has to do with the kernel is given the real clock.
template <class Body, class Invariant = nothing_more>
void expect_cancellable_everywhere(Body body, Invariant invariant = {}, clock_kind clock = clock_kind::simulated) {
    const cancellations tried = cancel_everywhere(std::move(body), std::move(invariant), {.clock = clock});
    EXPECT_EQ(tried.text(), "");
    EXPECT_GT(tried.moments, 2U) << "it waits nowhere";
    EXPECT_GT(tried.cancelled, 0U);
}

/// The same of what uses sockets, files and processes, which the simulation hasn't.
template <class Body, class Invariant = nothing_more>
void expect_kernel_use_cancellable_everywhere(Body body, Invariant invariant = {}) {
    if (event_loop().backend_name() == "sim") GTEST_SKIP() << "there is no kernel in the simulation";
    expect_cancellable_everywhere(std::move(body), std::move(invariant), clock_kind::steady);
}

}  // namespace torus::testing

/// Its body is a coroutine, and makes what it uses.
#define CANCELLED_EVERYWHERE(suite, name)                                                                \
    static ::torus::async<> suite##_##name##_body();                                                     \
    TEST(suite, S565_##name) { ::torus::testing::expect_cancellable_everywhere(suite##_##name##_body); } \
    static ::torus::async<> suite##_##name##_body()
