// bench/micro/torus_threads.cpp: from thread to thread: a sleeping loop woken, two producers, to_thread.
#include <chrono>
#include <thread>
#include <vector>

#include <torus/core/callback.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/thread.hpp>
#include <torus/sync/event.hpp>

#include "micro/cases.hpp"
#include "micro/torus_cases.hpp"

using torus::async;

namespace bench {

namespace {

async<> receive_delays(std::size_t posts, std::vector<std::int64_t>& delays) {
    torus::event_loop& loop = torus::event_loop::current();
    torus::event all_there;
    const auto received = [&](std::int64_t sent) {
        delays.push_back(wall_time() - sent);
        if (delays.size() == posts) all_there.set();
    };
    std::jthread sender([&] {
        for (std::size_t i = 0; i < posts; ++i) {
            std::this_thread::sleep_for(std::chrono::microseconds(post_pause_microseconds));
            loop.call_soon_threadsafe([&received, sent = wall_time()] { received(sent); });
        }
    });
    co_await all_there.wait();
}

async<> receive_many() {
    torus::event_loop& loop = torus::event_loop::current();
    torus::event all_there;
    std::size_t received = 0;
    const auto receive = [&] {
        if (++received == posts_per_producer * producers) all_there.set();
    };
    const auto produce = [&] {
        for (std::size_t i = 0; i < posts_per_producer; ++i) loop.call_soon_threadsafe([&receive] { receive(); });
    };
    std::vector<std::jthread> senders;
    for (int i = 0; i < producers; ++i) senders.emplace_back(produce);
    co_await all_there.wait();
}

void measure_delays(session& run, const char* what, torus::run_options how) {
    std::vector<std::int64_t> delays;
    const std::size_t posts = posts_in(run.seconds());
    delays.reserve(posts);
    torus::run(receive_delays(posts, delays), how);
    run.report_delays(what, std::move(delays));
}

void post_latency(session& run) { measure_delays(run, "post_latency", {}); }
void post_latency_busy(session& run) {
    measure_delays(run, "post_latency_busy", {.busy_poll = std::chrono::seconds(1)});
}

void post_throughput(session& run) {
    const std::int64_t begin = wall_time();
    torus::run(receive_many());
    const double seconds = static_cast<double>(wall_time() - begin) * 1e-9;
    run.report("post_throughput", posts_per_producer * producers / seconds, "posts/s");
}

async<> thread_round_trip(sampler& samples) {
    samples.use_wall_clock();
    std::size_t counted = 0;
    while (const std::size_t n = samples.next())
        for (std::size_t i = 0; i < n; ++i)
            counted = co_await torus::to_thread([](std::size_t c) { return c + 1; }, counted);
    keep(counted);
}

}  // namespace

std::span<const benchmark_case> thread_cases() {
    static constexpr benchmark_case cases[] = {
        {"post_latency", post_latency},
        {"post_latency_busy", post_latency_busy},
        {"post_throughput", post_throughput},
        {"to_thread", timed<thread_round_trip>},
    };
    return cases;
}

}  // namespace bench
