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

call<> await_at_once(bench::sampler& samples);
call<> fib(bench::sampler& samples);
call<> exception_through_frames(bench::sampler& samples);
call<> start_and_await(bench::sampler& samples);
call<> yield_between_two(bench::sampler& samples);
call<> gather_few(bench::sampler& samples);
call<> gather_many(bench::sampler& samples);

call<> lock_free_mutex(bench::sampler& samples);
call<> queue_ping_pong(bench::sampler& samples);
call<> event_wake(bench::sampler& samples);
call<> cancel_sleeper(bench::sampler& samples);
call<> timer_among_one(bench::sampler& samples);
call<> timer_among_many(bench::sampler& samples);
call<> timer_among_a_million(bench::sampler& samples);
void sleepers(bench::session& session);

void post_latency(bench::session& session);
void post_throughput(bench::session& session);
void thread_round_trip(bench::session& session);

}  // namespace floor_of
