// bench/micro/torus_tasks.cpp: tasks that are started, awaited, gathered, cancelled.
#include <vector>

#include <torus/core/gather.hpp>
#include <torus/core/task.hpp>
#include <torus/core/time.hpp>

#include "micro/cases.hpp"
#include "micro/torus_cases.hpp"

using torus::async;

namespace bench {

namespace {

async<std::size_t> answer(std::size_t i) { co_return i; }

async<> yield_often(std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) co_await torus::yield_now();
}

async<> sleep_long() { co_await torus::sleep(std::chrono::hours(1)); }

async<> create_and_await(sampler& samples) {
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            std::size_t got = co_await torus::create_task(answer(i));
            keep(got);
        }
    }
}

async<> yield_between_two(sampler& samples) {
    samples.each_is(2);
    while (const std::size_t n = samples.next()) {
        torus::task<> other = torus::create_task(yield_often(n));
        co_await yield_often(n);
        co_await other;
    }
}

async<> gather_few(sampler& samples) {
    samples.each_is(few);
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            auto got = co_await torus::gather(answer(i), answer(1), answer(2), answer(3), answer(4), answer(5),
                                              answer(6), answer(7), answer(8), answer(9));
            keep(std::get<0>(got));
        }
    }
}

async<> gather_many(sampler& samples) {
    samples.each_is(many);
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            std::vector<async<std::size_t>> children;
            children.reserve(many);
            for (std::size_t c = 0; c < many; ++c) children.push_back(answer(c));
            std::vector<std::size_t> got = co_await torus::gather(std::move(children));
            keep(got.back());
        }
    }
}

async<> cancel_sleeper(sampler& samples) {
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            torus::task<> sleeper = torus::create_task(sleep_long());
            co_await torus::yield_now();
            sleeper.cancel();
            bool cancelled = false;
            try {
                co_await sleeper;
            } catch (const torus::cancelled_error&) {
                cancelled = true;
            }
            keep(cancelled);
        }
    }
}

}  // namespace

std::span<const benchmark_case> task_cases() {
    static constexpr benchmark_case cases[] = {
        {"spawn", timed<create_and_await>},   {"yield", timed<yield_between_two>}, {"gather_10", timed<gather_few>},
        {"gather_10000", timed<gather_many>}, {"cancel", timed<cancel_sleeper>},
    };
    return cases;
}

}  // namespace bench
