// bench/floor/calls.cpp: calls, starts and gathers of coroutines.
#include <array>
#include <stdexcept>
#include <vector>

#include "floor/cases.hpp"
#include "floor/gather.hpp"
#include "floor/generator.hpp"
#include "micro/cases.hpp"

using bench::keep;
using bench::sampler;

namespace floor_of {

namespace {

call<std::size_t> answer(std::size_t i) { co_return i; }
started<std::size_t> start_answer(std::size_t i) { co_return i; }
child<std::size_t> child_answer(std::size_t i) { co_return i; }

call<std::uint64_t> fib_of(int n) {
    if (n < 2) co_return static_cast<std::uint64_t>(n);
    const std::uint64_t before = co_await fib_of(n - 1);
    co_return before + co_await fib_of(n - 2);
}

call<int> throw_below(int frames) {
    if (frames == 1) throw std::runtime_error("thrown");
    co_return co_await throw_below(frames - 1);
}

started<> yield_often(std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) co_await yielding();
}

call<> await_at_once(sampler& samples) {
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            std::size_t got = co_await answer(i);
            keep(got);
        }
    }
}

call<> fib(sampler& samples) {
    samples.each_is(bench::fib_calls);
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            std::uint64_t got = co_await fib_of(bench::fib_argument);
            keep(got);
        }
    }
}

call<> exception_through_frames(sampler& samples) {
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

call<> start_and_await(sampler& samples) {
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            std::size_t got = co_await start_answer(i);
            keep(got);
        }
    }
}

call<> yield_between_two(sampler& samples) {
    samples.each_is(2);
    while (const std::size_t n = samples.next()) {
        started<> one = yield_often(n);
        started<> other = yield_often(n);
        co_await one;
        co_await other;
    }
}

call<> gather_few(sampler& samples) {
    samples.each_is(bench::few);
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            std::array<child<std::size_t>, bench::few> children{
                child_answer(i), child_answer(1), child_answer(2), child_answer(3), child_answer(4),
                child_answer(5), child_answer(6), child_answer(7), child_answer(8), child_answer(9)};
            co_await gather(children);
            std::array<std::size_t, bench::few> got{};
            for (std::size_t c = 0; c < bench::few; ++c) got[c] = children[c].result();
            keep(got);
        }
    }
}

call<> gather_many(sampler& samples) {
    samples.each_is(bench::many);
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            std::vector<child<std::size_t>> children;
            children.reserve(bench::many);
            for (std::size_t c = 0; c < bench::many; ++c) children.push_back(child_answer(c));
            co_await gather(children);
            std::vector<std::size_t> got;
            got.reserve(bench::many);
            for (const auto& c : children) got.push_back(c.result());
            keep(got.back());
        }
    }
}

stream<std::size_t> count_up() {
    for (std::size_t i = 0;; ++i) co_yield i;
}

call<> generator_step(sampler& samples) {
    const stream<std::size_t> numbers = count_up();
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            std::size_t got = co_await numbers.next();
            keep(got);
        }
    }
}

std::size_t value_of_context() { return binding::current->value; }

call<> context_variable(sampler& samples) {
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            binding own(i);
            keep(own);
            std::size_t got = value_of_context();
            keep(got);
        }
    }
    co_return;
}

}  // namespace

std::span<const bench::benchmark_case> call_cases() {
    static constexpr bench::benchmark_case cases[] = {
        {"await", timed<await_at_once>},
        {"fib", timed<fib>},
        {"spawn", timed<start_and_await>},
        {"yield", timed<yield_between_two>},
        {"gather_10", timed<gather_few>},
        {"gather_10000", timed<gather_many>},
        {"exception", timed<exception_through_frames>},
        {"generator", timed<generator_step>},
        {"context", timed<context_variable>},
    };
    return cases;
}

}  // namespace floor_of
