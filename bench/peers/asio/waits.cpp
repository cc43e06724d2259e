// bench/peers/asio/waits.cpp: channels, events, timers, sleepers and threads.
#include <deque>
#include <thread>
#include <vector>

#include <asio/detached.hpp>
#include <asio/experimental/channel.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>

#include "micro/cases.hpp"
#include "peers/asio/cases.hpp"

using asio::use_awaitable;
using bench::keep;

namespace asio_peer {

namespace {

using channel = asio::experimental::channel<void(asio::error_code, std::size_t)>;

awaitable<void> send_back(channel& from, channel& to, std::size_t messages) {
    for (std::size_t i = 0; i < messages; ++i) {
        const std::size_t message = co_await from.async_receive(use_awaitable);
        co_await to.async_send(asio::error_code(), message, use_awaitable);
    }
}

/// Asio's word for an event that wakes one: a channel of one place, with nothing in it. (A timer that never expires, and
/// is cancelled, costs twice as much.)
class event {
public:
    explicit event(const asio::any_io_executor& executor) : channel_(executor, 1) {}

    void set() { channel_.try_send(asio::error_code(), true); }
    auto wait() { return channel_.async_receive(use_awaitable); }

private:
    asio::experimental::channel<void(asio::error_code, bool)> channel_;  // 1.22 takes no shorter signature
};

awaitable<void> answer_events(event& asked, event& answered, std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) {
        co_await asked.wait();
        answered.set();
    }
}

awaitable<void> timer_among(sampler& samples, std::size_t live) {
    constexpr std::size_t handlers_at_once = 64;  // cancelled waits still have to be called
    const auto executor = co_await asio::this_coro::executor;
    const auto ignore = [](asio::error_code) {};
    std::deque<asio::steady_timer> others;
    for (std::size_t i = 0; i < live; ++i)
        others.emplace_back(executor, std::chrono::seconds(bench::timer_seconds(i))).async_wait(ignore);
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            asio::steady_timer timeout(executor, std::chrono::seconds(bench::timer_seconds(i)));
            timeout.async_wait(ignore);
            timeout.cancel();
            if (i % handlers_at_once == 0) co_await asio::post(executor, use_awaitable);
        }
    }
}

awaitable<void> sleep_once(std::size_t i) {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(bench::sleep_of(i)));
    co_await timer.async_wait(use_awaitable);
}

awaitable<void> channel_ping_pong(sampler& samples) {
    const auto executor = co_await asio::this_coro::executor;
    samples.each_is(2);
    channel there(executor, 1);
    channel back(executor, 1);
    while (const std::size_t n = samples.next()) {
        asio::co_spawn(executor, send_back(there, back, n), asio::detached);
        for (std::size_t i = 0; i < n; ++i) {
            co_await there.async_send(asio::error_code(), i, use_awaitable);
            std::size_t got = co_await back.async_receive(use_awaitable);
            keep(got);
        }
    }
}

awaitable<void> event_wake(sampler& samples) {
    const auto executor = co_await asio::this_coro::executor;
    samples.each_is(2);
    event asked(executor);
    event answered(executor);
    while (const std::size_t n = samples.next()) {
        asio::co_spawn(executor, answer_events(asked, answered, n), asio::detached);
        for (std::size_t i = 0; i < n; ++i) {
            asked.set();
            co_await answered.wait();
        }
    }
}

awaitable<void> timer_among_one(sampler& samples) { return timer_among(samples, 1); }
awaitable<void> timer_among_many(sampler& samples) { return timer_among(samples, bench::many); }
awaitable<void> timer_among_a_million(sampler& samples) { return timer_among(samples, bench::million); }

void sleepers(session& s) {
    const std::int64_t memory = bench::peak_memory();
    const std::int64_t begin = bench::processor_time();
    asio::io_context io(1);
    for (std::size_t i = 0; i < bench::million; ++i) asio::co_spawn(io, sleep_once(i), asio::detached);
    io.run();
    const auto count = static_cast<double>(bench::million);
    s.report("sleepers_cpu", static_cast<double>(bench::processor_time() - begin) / count, "ns", {{"count", count}});
    s.report("sleepers_memory", static_cast<double>(bench::peak_memory() - memory) / count, "bytes",
             {{"count", count}});
}

void post_latency(session& s) {
    const std::size_t posts = bench::posts_in(s.seconds());
    std::vector<std::int64_t> delays;
    delays.reserve(posts);
    asio::io_context io(1);
    auto work = asio::make_work_guard(io);
    std::jthread sender([&] {
        for (std::size_t i = 0; i < posts; ++i) {
            std::this_thread::sleep_for(std::chrono::microseconds(bench::post_pause_microseconds));
            asio::post(io, [&, sent = bench::wall_time()] { delays.push_back(bench::wall_time() - sent); });
        }
        work.reset();
    });
    io.run();
    s.report_delays("post_latency", std::move(delays));
}

void post_throughput(session& s) {
    std::size_t received = 0;
    asio::io_context io(1);
    auto work = asio::make_work_guard(io);
    const std::int64_t begin = bench::wall_time();
    std::vector<std::jthread> senders;
    for (int p = 0; p < bench::producers; ++p)
        senders.emplace_back([&] {
            for (std::size_t i = 0; i < bench::posts_per_producer; ++i)
                asio::post(io, [&] {
                    if (++received == bench::posts_per_producer * bench::producers) work.reset();
                });
        });
    io.run();
    const double seconds = static_cast<double>(bench::wall_time() - begin) * 1e-9;
    s.report("post_throughput", bench::posts_per_producer * bench::producers / seconds, "posts/s");
}

awaitable<void> thread_round_trip(sampler& samples) {
    asio::thread_pool pool(1);
    samples.use_wall_clock();
    std::size_t counted = 0;
    const auto count = [](std::size_t c) -> awaitable<std::size_t> { co_return c + 1; };
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i)
            counted = co_await asio::co_spawn(pool.get_executor(), count(counted), use_awaitable);
    }
    keep(counted);
}

}  // namespace

std::span<const bench::benchmark_case> wait_cases() {
    static constexpr bench::benchmark_case cases[] = {
        {"queue", timed<channel_ping_pong>},
        {"event", timed<event_wake>},
        {"timer_1", timed<timer_among_one>},
        {"timer_10000", timed<timer_among_many>},
        {"timer_1000000", timed<timer_among_a_million>},
        {"sleepers", sleepers},
        {"post_latency", post_latency},
        {"post_throughput", post_throughput},
        {"to_thread", timed<thread_round_trip>},
    };
    return cases;
}

}  // namespace asio_peer
