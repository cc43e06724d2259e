// bench/floor/waits.cpp: locks, queues, events, timers, sleepers.
#include <deque>

#include "floor/cases.hpp"
#include "floor/sync.hpp"
#include "floor/timers.hpp"
#include "micro/cases.hpp"

using bench::keep;
using bench::sampler;

namespace floor_of {

namespace {

started<> send_back(queue<std::size_t>& from, queue<std::size_t>& to, std::size_t messages) {
    for (std::size_t i = 0; i < messages; ++i) co_await to.put(co_await from.get());
}

started<> answer_events(event& asked, event& answered, std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) {
        co_await asked.wait();
        asked.clear();
        answered.set();
    }
}

started<> sleep_long(timer*& place, bool& cancelled) {
    sleeping until(timer_wheel::now() + 3'600'000);
    place = &until.place;
    co_await until;
    keep(cancelled);
}

/// Takes a sleeping one's timer away, and wakes it.
void wake_early(timer& place, bool& cancelled) noexcept {
    timer_wheel::erase(place);
    cancelled = true;
    ready.push(place.node);
}

call<> timer_among(sampler& samples, std::size_t live) {
    std::deque<timer> others(live);
    for (std::size_t i = 0; i < live; ++i) {
        others[i].tick = timer_wheel::now() + static_cast<std::uint64_t>(bench::timer_seconds(i)) * 1000;
        timers.insert(others[i]);
    }
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            timer timeout;
            timeout.tick = timer_wheel::now() + static_cast<std::uint64_t>(bench::timer_seconds(i)) * 1000;
            timers.insert(timeout);
            keep(timeout);
            timer_wheel::erase(timeout);
        }
    }
    for (timer& other : others) timer_wheel::erase(other);
    co_return;
}

started<> sleep_once(std::size_t i, std::size_t& awake) {
    co_await sleeping(timer_wheel::now() + static_cast<std::uint64_t>(bench::sleep_of(i)));
    --awake;
}

call<> sleep_all(std::size_t count) {
    std::size_t asleep = count;
    for (std::size_t i = 0; i < count; ++i) sleep_once(i, asleep).detach();
    while (asleep > 0) co_await sleeping(timer_wheel::now() + 1);
}

call<> lock_free_mutex(sampler& samples) {
    mutex m;
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            const mutex::guard held = co_await m.lock();
            keep(m);
        }
    }
}

call<> queue_ping_pong(sampler& samples) {
    samples.each_is(2);
    queue<std::size_t> there;
    queue<std::size_t> back;
    while (const std::size_t n = samples.next()) {
        started<> other = send_back(there, back, n);
        for (std::size_t i = 0; i < n; ++i) {
            co_await there.put(i);
            std::size_t got = co_await back.get();
            keep(got);
        }
        co_await other;
    }
}

call<> event_wake(sampler& samples) {
    samples.each_is(2);
    event asked;
    event answered;
    while (const std::size_t n = samples.next()) {
        started<> other = answer_events(asked, answered, n);
        for (std::size_t i = 0; i < n; ++i) {
            asked.set();
            co_await answered.wait();
            answered.clear();
        }
        co_await other;
    }
}

call<> cancel_sleeper(sampler& samples) {
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            timer* place = nullptr;
            bool cancelled = false;
            started<> sleeper = sleep_long(place, cancelled);
            co_await yielding();
            wake_early(*place, cancelled);
            co_await sleeper;
        }
    }
}

call<> timer_among_one(sampler& samples) { return timer_among(samples, 1); }
call<> timer_among_many(sampler& samples) { return timer_among(samples, bench::many); }
call<> timer_among_a_million(sampler& samples) { return timer_among(samples, bench::million); }

void sleepers(bench::session& session) {
    const std::int64_t memory = bench::peak_memory();
    const std::int64_t begin = bench::processor_time();
    run(sleep_all(bench::million));
    const auto count = static_cast<double>(bench::million);
    session.report("sleepers_cpu", static_cast<double>(bench::processor_time() - begin) / count, "ns",
                   {{"count", count}});
    session.report("sleepers_memory", static_cast<double>(bench::peak_memory() - memory) / count, "bytes",
                   {{"count", count}});
}

}  // namespace

std::span<const bench::benchmark_case> wait_cases() {
    static constexpr bench::benchmark_case cases[] = {
        {"mutex", timed<lock_free_mutex>},
        {"queue", timed<queue_ping_pong>},
        {"event", timed<event_wake>},
        {"timer_1", timed<timer_among_one>},
        {"timer_10000", timed<timer_among_many>},
        {"timer_1000000", timed<timer_among_a_million>},
        {"sleepers", sleepers},
        {"cancel", timed<cancel_sleeper>},
    };
    return cases;
}

}  // namespace floor_of
