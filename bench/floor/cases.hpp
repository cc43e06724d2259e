// bench/floor/cases.hpp: the cases of micro_floor, and how one is run.
#pragma once

#include "common/session.hpp"
#include "floor/coroutine.hpp"

namespace floor_of {

/// Runs a coroutine that repeats something, and reports what one repetition takes.
template <call<> (*Body)(bench::sampler&)> void timed(bench::session& session) {
    bench::sampler samples = session.samples();
    run(Body(samples));
    session.report(samples);
}

// The cases of each file.
std::span<const bench::benchmark_case> call_cases();
std::span<const bench::benchmark_case> wait_cases();
std::span<const bench::benchmark_case> thread_cases();

}  // namespace floor_of
