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

// The cases of each file.
std::span<const bench::benchmark_case> call_cases();
std::span<const bench::benchmark_case> wait_cases();

}  // namespace asio_peer
