// bench/micro/torus_sync.cpp: locks, queues and events between tasks of one loop.
#include <torus/core/task.hpp>
#include <torus/sync/event.hpp>
#include <torus/sync/mutex.hpp>
#include <torus/sync/queue.hpp>

#include "micro/torus_cases.hpp"

using torus::async;

namespace bench {

namespace {

async<> send_back(torus::queue<std::size_t>& from, torus::queue<std::size_t>& to, std::size_t messages) {
    for (std::size_t i = 0; i < messages; ++i) co_await to.put(co_await from.get());
}

async<> answer_events(torus::event& asked, torus::event& answered, std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) {
        co_await asked.wait();
        asked.clear();
        answered.set();
    }
}

async<> lock_free_mutex(sampler& samples) {
    torus::mutex m;
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            auto held = co_await m.lock();
            keep(held);
        }
    }
}

async<> queue_ping_pong(sampler& samples) {
    samples.each_is(2);
    torus::queue<std::size_t> there(1);
    torus::queue<std::size_t> back(1);
    while (const std::size_t n = samples.next()) {
        torus::task<> other = torus::create_task(send_back(there, back, n));
        for (std::size_t i = 0; i < n; ++i) {
            co_await there.put(i);
            std::size_t got = co_await back.get();
            keep(got);
        }
        co_await other;
    }
}

async<> event_wake(sampler& samples) {
    samples.each_is(2);
    torus::event asked;
    torus::event answered;
    while (const std::size_t n = samples.next()) {
        torus::task<> other = torus::create_task(answer_events(asked, answered, n));
        for (std::size_t i = 0; i < n; ++i) {
            asked.set();
            co_await answered.wait();
            answered.clear();
        }
        co_await other;
    }
}

}  // namespace

std::span<const benchmark_case> sync_cases() {
    static constexpr benchmark_case cases[] = {
        {"mutex", timed<lock_free_mutex>},
        {"queue", timed<queue_ping_pong>},
        {"event", timed<event_wake>},
    };
    return cases;
}

}  // namespace bench
