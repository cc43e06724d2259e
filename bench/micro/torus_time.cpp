// bench/micro/torus_time.cpp: timers that are set and taken back, and very many tasks asleep.
#include <deque>
#include <vector>

#include <torus/core/gather.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/task.hpp>
#include <torus/core/time.hpp>

#include "micro/cases.hpp"
#include "micro/torus_cases.hpp"

using torus::async;

namespace bench {

namespace {

/// A timer that nobody waits for.
class alarm final : public torus::timer {
public:
    explicit alarm(std::int64_t seconds)
        : timer(torus::wait_kind::timeout, torus::later(torus::clock::now(), std::chrono::seconds(seconds))) {}

private:
    void expired() noexcept override {}
    void cancel() noexcept override {}
};

/// As a timeout does it: look at the clock, set a timer, take it back; while others are set.
async<> timer_among(sampler& samples, std::size_t live) {
    torus::event_loop& loop = torus::event_loop::current();
    std::deque<alarm> others;
    for (std::size_t i = 0; i < live; ++i) loop.add_timer(others.emplace_back(timer_seconds(i)));
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            alarm timeout(timer_seconds(i));
            loop.add_timer(timeout);
            keep(timeout);
            loop.remove_timer(timeout);
        }
    }
    for (alarm& other : others) loop.remove_timer(other);
    co_return;
}

async<> sleep_once(std::size_t i) { co_await torus::sleep(std::chrono::milliseconds(sleep_of(i))); }

async<> sleep_all(std::size_t count) {
    for (std::size_t i = 1; i < count; ++i) torus::spawn(sleep_once(i));
    co_await sleep_once(0);
    // The loop owns those that sleep on; the longest sleep ends them all.
    co_await torus::sleep(std::chrono::milliseconds(sleep_spread_milliseconds));
    while (torus::all_tasks().size() > 1) co_await torus::sleep(std::chrono::milliseconds(1));
}

async<> timer_among_one(sampler& samples) { return timer_among(samples, 1); }
async<> timer_among_many(sampler& samples) { return timer_among(samples, many); }
async<> timer_among_a_million(sampler& samples) { return timer_among(samples, million); }

void sleepers(session& run) {
    const std::int64_t memory = peak_memory();
    const std::int64_t begin = processor_time();
    torus::run(sleep_all(million));
    const auto count = static_cast<double>(million);
    run.report("sleepers_cpu", static_cast<double>(processor_time() - begin) / count, "ns", {{"count", count}});
    run.report("sleepers_memory", static_cast<double>(peak_memory() - memory) / count, "bytes", {{"count", count}});
}

}  // namespace

std::span<const benchmark_case> time_cases() {
    static constexpr benchmark_case cases[] = {
        {"timer_1", timed<timer_among_one>},
        {"timer_10000", timed<timer_among_many>},
        {"timer_1000000", timed<timer_among_a_million>},
        {"sleepers", sleepers},
    };
    return cases;
}

}  // namespace bench
