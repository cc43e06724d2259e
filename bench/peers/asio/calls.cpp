// bench/peers/asio/calls.cpp: coroutines that call, start, gather and cancel coroutines.
#include <stdexcept>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/experimental/deferred.hpp>
#include <asio/experimental/parallel_group.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "micro/cases.hpp"
#include "peers/asio/cases.hpp"

using asio::use_awaitable;
using asio::experimental::as_tuple;
using bench::keep;

namespace asio_peer {

namespace {

awaitable<std::size_t> answer(std::size_t i) { co_return i; }

awaitable<std::uint64_t> fib_of(int n) {
    if (n < 2) co_return static_cast<std::uint64_t>(n);
    const std::uint64_t before = co_await fib_of(n - 1);
    co_return before + co_await fib_of(n - 2);
}

awaitable<int> throw_below(int frames) {
    if (frames == 1) throw std::runtime_error("thrown");
    co_return co_await throw_below(frames - 1);
}

awaitable<void> yield_often(std::size_t times) {
    const auto executor = co_await asio::this_coro::executor;
    for (std::size_t i = 0; i < times; ++i) co_await asio::post(executor, use_awaitable);
}

awaitable<void> sleep_long() {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
    co_await timer.async_wait(use_awaitable);
}

awaitable<void> await_at_once(sampler& samples) {
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            std::size_t got = co_await answer(i);
            keep(got);
        }
    }
}

awaitable<void> fib(sampler& samples) {
    samples.each_is(bench::fib_calls);
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            std::uint64_t got = co_await fib_of(bench::fib_argument);
            keep(got);
        }
    }
}

awaitable<void> exception_through_frames(sampler& samples) {
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            bool caught = false;
            try {
                co_await throw_below(bench::throwing_frames);
            } catch (const std::runtime_error&) {
                caught = true;
            }
            keep(caught);
        }
    }
}

awaitable<void> spawn_and_await(sampler& samples) {
    const auto executor = co_await asio::this_coro::executor;
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            std::size_t got = co_await asio::co_spawn(executor, answer(i), use_awaitable);
            keep(got);
        }
    }
}

awaitable<void> yield_between_two(sampler& samples) {
    using namespace asio::experimental::awaitable_operators;
    samples.each_is(2);
    while (const std::size_t n = samples.next()) co_await (yield_often(n) && yield_often(n));
}

awaitable<void> gather_few(sampler& samples) {
    const auto executor = co_await asio::this_coro::executor;
    const auto child = [&](std::size_t i) { return asio::co_spawn(executor, answer(i), asio::experimental::deferred); };
    samples.each_is(bench::few);
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            // A group is about half of what ten coroutines joined by the operator && cost.
            auto group = asio::experimental::make_parallel_group(child(i), child(1), child(2), child(3), child(4),
                                                                 child(5), child(6), child(7), child(8), child(9));
            auto got = co_await group.async_wait(asio::experimental::wait_for_all(), use_awaitable);
            keep(std::get<2>(got));  // the first child's result, after the order and its error
        }
    }
}

awaitable<void> gather_many(sampler& samples) {
    const auto executor = co_await asio::this_coro::executor;
    samples.each_is(bench::many);
    std::vector<std::size_t> got(bench::many);
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            // Debian's Asio has no group of a number known only at run time: a counter and a timer are its idiom.
            asio::steady_timer all_done(executor, asio::steady_timer::time_point::max());
            std::size_t pending = bench::many;
            for (std::size_t c = 0; c < bench::many; ++c)
                asio::co_spawn(executor, answer(c), [&, c](std::exception_ptr, std::size_t result) {
                    got[c] = result;
                    if (--pending == 0) all_done.cancel();
                });
            co_await all_done.async_wait(as_tuple(use_awaitable));
            keep(got.back());
        }
    }
}

awaitable<void> cancel_sleeper(sampler& samples) {
    const auto executor = co_await asio::this_coro::executor;
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            asio::cancellation_signal signal;
            asio::steady_timer ended(executor, asio::steady_timer::time_point::max());
            bool cancelled = false;
            asio::co_spawn(executor, sleep_long(),
                           asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) {
                               cancelled = error != nullptr;
                               ended.cancel();
                           }));
            co_await asio::post(executor, use_awaitable);
            signal.emit(asio::cancellation_type::terminal);
            co_await ended.async_wait(as_tuple(use_awaitable));
            keep(cancelled);
        }
    }
}

}  // namespace

std::span<const bench::benchmark_case> call_cases() {
    static constexpr bench::benchmark_case cases[] = {
        {"await", timed<await_at_once>},
        {"fib", timed<fib>},
        {"spawn", timed<spawn_and_await>},
        {"yield", timed<yield_between_two>},
        {"gather_10", timed<gather_few>},
        {"gather_10000", timed<gather_many>},
        {"exception", timed<exception_through_frames>},
        {"cancel", timed<cancel_sleeper>},
    };
    return cases;
}

}  // namespace asio_peer
