// tests/sync/ending.hpp: how tests of what tasks wait for each other with end their tasks.
#pragma once

#include <torus/testing/test.hpp>

namespace torus {

/// Waits for the end of a task, however it ends.
inline async<> ended(task<> t) {
    try {
        co_await t;
    } catch (const cancelled_error&) {}
}

}  // namespace torus
