// bench/micro/torus_calls.cpp: coroutines that call coroutines.
#include <stdexcept>

#include <torus/core/async.hpp>
#include <torus/core/context.hpp>
#include <torus/core/generator.hpp>

#include "micro/cases.hpp"
#include "micro/torus_cases.hpp"

using torus::async;
using torus::generator;

namespace bench {

namespace {

async<std::size_t> answer(std::size_t i) { co_return i; }

async<std::uint64_t> fib_of(int n) {
    if (n < 2) co_return n;
    const std::uint64_t before = co_await fib_of(n - 1);
    co_return before + co_await fib_of(n - 2);
}

async<int> throw_below(int frames) {
    if (frames == 1) throw std::runtime_error("thrown");
    co_return co_await throw_below(frames - 1);
}

async<> await_at_once(sampler& samples) {
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            std::size_t got = co_await answer(i);
            keep(got);
        }
    }
}

async<> fib(sampler& samples) {
    samples.each_is(fib_calls);
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            std::uint64_t got = co_await fib_of(fib_argument);
            keep(got);
        }
    }
}

async<> exception_through_frames(sampler& samples) {
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            bool caught = false;
            try {
                co_await throw_below(throwing_frames);
            } catch (const std::runtime_error&) {
                caught = true;
            }
            keep(caught);
        }
    }
}

generator<std::size_t> count_up() {
    for (std::size_t i = 0;; ++i) co_yield i;
}

async<> generator_step(sampler& samples) {
    auto numbers = count_up();
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            auto got = co_await numbers.next();
            keep(*got);
        }
    }
}

torus::context_var<std::size_t> request(0);

async<> context_variable(sampler& samples) {
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            auto before = request.set(i);
            std::size_t got = request.get();
            keep(got);
            request.reset(before);
        }
    }
    co_return;
}

}  // namespace

std::span<const benchmark_case> call_cases() {
    static constexpr benchmark_case cases[] = {
        {"await", timed<await_at_once>},
        {"fib", timed<fib>},
        {"exception", timed<exception_through_frames>},
        {"generator", timed<generator_step>},
        {"context", timed<context_variable>},
    };
    return cases;
}

}  // namespace bench
