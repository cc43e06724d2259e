// bench/peers/asio/cases.hpp: the cases of micro_asio, and how one is run.
#pragma once

#include <exception>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include "common/session.hpp"

namespace asio_peer {

using asio::awaitable;
using bench::sampler;
using bench::session;

/// Runs a coroutine on an io_context of this thread alone until it is done.
inline void run(awaitable<void> body) {
    asio::io_context io(1);
    std::exception_ptr error;
    asio::co_spawn(io, std::move(body), [&](std::exception_ptr e) {
        error = e;
        io.stop();
    });
    io.run();
    if (error) std::rethrow_exception(error);
}

template <awaitable<void> (*Body)(sampler&)> void timed(session& s) {
    sampler samples = s.samples();
    run(Body(samples));
    s.report(samples);
}

awaitable<void> await_at_once(sampler& samples);
awaitable<void> fib(sampler& samples);
awaitable<void> exception_through_frames(sampler& samples);
awaitable<void> spawn_and_await(sampler& samples);
awaitable<void> yield_between_two(sampler& samples);
awaitable<void> gather_few(sampler& samples);
awaitable<void> gather_many(sampler& samples);
awaitable<void> cancel_sleeper(sampler& samples);

awaitable<void> channel_ping_pong(sampler& samples);
awaitable<void> event_wake(sampler& samples);
awaitable<void> timer_among_one(sampler& samples);
awaitable<void> timer_among_many(sampler& samples);
awaitable<void> timer_among_a_million(sampler& samples);
void sleepers(session& s);
void post_latency(session& s);
void post_throughput(session& s);
awaitable<void> thread_round_trip(sampler& samples);

}  // namespace asio_peer
