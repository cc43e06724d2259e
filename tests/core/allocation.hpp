// tests/core/allocation.hpp: memory that runs out when a test says so. It replaces operator new in this executable.
#pragma once

namespace torus {

/// While it lives, the n-th allocation of this thread from its beginning (the first is number 0) fails; others don't.
class failing_allocation {
public:
    explicit failing_allocation(int number) noexcept;
    ~failing_allocation();
    failing_allocation(const failing_allocation&) = delete;
    failing_allocation& operator=(const failing_allocation&) = delete;

    /// Whether it has come to that.
    static bool has_failed() noexcept;
};

}  // namespace torus
