// bench/micro/torus_cases.hpp: the cases of micro_torus, and how one is run.
#pragma once

#include <torus/core/run.hpp>

#include "common/session.hpp"

namespace bench {

/// Runs a coroutine that repeats something, on a loop of its own, and reports what one repetition takes.
template <torus::async<> (*Body)(sampler&)> void timed(session& run) {
    sampler samples = run.samples();
    torus::run(Body(samples));
    run.report(samples);
}

torus::async<> await_at_once(sampler& samples);
torus::async<> fib(sampler& samples);
torus::async<> exception_through_frames(sampler& samples);

torus::async<> create_and_await(sampler& samples);
torus::async<> yield_between_two(sampler& samples);
torus::async<> gather_few(sampler& samples);
torus::async<> gather_many(sampler& samples);
torus::async<> cancel_sleeper(sampler& samples);

torus::async<> lock_free_mutex(sampler& samples);
torus::async<> queue_ping_pong(sampler& samples);
torus::async<> event_wake(sampler& samples);

torus::async<> timer_among_one(sampler& samples);
torus::async<> timer_among_many(sampler& samples);
torus::async<> timer_among_a_million(sampler& samples);
void sleepers(session& run);

void post_latency(session& run);
void post_throughput(session& run);
torus::async<> thread_round_trip(sampler& samples);

}  // namespace bench
