// tests/cancelled_everywhere.hpp: a test whose body is cancelled at each of its moments.
#pragma once

#include <torus/testing/cancel_everywhere.hpp>
#include <torus/testing/test.hpp>

/// Its body is a coroutine, and makes what it uses.
#define CANCELLED_EVERYWHERE(suite, name)                                              \
    static ::torus::async<> suite##_##name##_body();                                   \
    TEST(suite, S565_##name) {                                                         \
        const auto tried = ::torus::testing::cancel_everywhere(suite##_##name##_body); \
        EXPECT_EQ(tried.text(), "");                                                   \
        EXPECT_GT(tried.moments, 2U) << "it waits nowhere";                            \
    }                                                                                  \
    static ::torus::async<> suite##_##name##_body()
