// tests/core/idle_test.cpp: what a loop costs that has nothing to do.
#include <torus/core/run.hpp>

#include <chrono>
#include <ctime>

#include <torus/testing/test.hpp>

namespace {

using namespace torus;
using namespace std::literals;

std::chrono::nanoseconds processor_time() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// Processor time, of all threads, the watchdog included: other programs' work does not count.
TEST(idle, S43_a_loop_that_waits_sleeps_in_the_kernel) {
    std::chrono::nanoseconds used{};
    auto main = [&]() -> async<> {
        co_await yield_now();
        const auto before = processor_time();
        co_await sleep(1s);
        used = processor_time() - before;
    };
    run(main());
    EXPECT_LT(used, 10ms);
}

}  // namespace
