// bench/micro/torus_cases.hpp: the cases of micro_torus, and how one is run.
#pragma once

#include <torus/core/run.hpp>

#include "common/session.hpp"

namespace bench {

/// Runs a coroutine that repeats something, on a loop of its own, and reports what one repetition takes.
template <torus::async<> (*Body)(sampler&)> void timed(session& run) {
    sampler samples = run.samples();
    torus::run_options options;
    if (run.counts_only()) options.blocked_after = {};  // the watchdog's instructions depend on the time
    torus::run(Body(samples), options);
    run.report(samples);
}

// The cases of each file.
std::span<const benchmark_case> call_cases();
std::span<const benchmark_case> task_cases();
std::span<const benchmark_case> sync_cases();
std::span<const benchmark_case> time_cases();
std::span<const benchmark_case> thread_cases();

}  // namespace bench
