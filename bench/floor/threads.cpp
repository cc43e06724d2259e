// bench/floor/threads.cpp: one futex between two threads, and a stack that two producers push onto.
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "floor/cases.hpp"
#include "micro/cases.hpp"

namespace floor_of {

namespace {

/// A number that a thread can sleep on.
class signal_word {
public:
    std::uint32_t value() const noexcept { return word_.load(std::memory_order_acquire); }  // reads what was published
    void advance() noexcept {
        word_.fetch_add(1);
        syscall(SYS_futex, &word_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }
    void wait_past(std::uint32_t seen) const noexcept {
        while (value() == seen) syscall(SYS_futex, &word_, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
    }

private:
    std::atomic<std::uint32_t> word_{0};
};

struct item {
    item* next = nullptr;
};

/// What producers push; the consumer takes all of it, and sleeps if there is nothing.
class mailbox {
public:
    void push(item& i) noexcept {
        i.next = newest_.load(std::memory_order_relaxed);  // compare_exchange checks it
        while (!newest_.compare_exchange_weak(i.next, &i)) continue;
        if (asleep_.load() && asleep_.exchange(false)) signal_.advance();
    }
    item* take() noexcept {
        for (;;) {
            if (item* const taken = newest_.exchange(nullptr)) return taken;
            const std::uint32_t seen = signal_.value();
            asleep_.store(true);
            if (!newest_.load()) signal_.wait_past(seen);
            asleep_.store(false);
        }
    }

private:
    std::atomic<item*> newest_{nullptr};
    std::atomic<bool> asleep_{false};
    signal_word signal_;
};

void post_latency(bench::session& session) {
    const std::size_t posts = bench::posts_in(session.seconds());
    std::vector<std::int64_t> delays;
    delays.reserve(posts);
    std::atomic<std::int64_t> sent{0};
    signal_word signal;
    std::jthread sender([&] {
        for (std::size_t i = 0; i < posts; ++i) {
            std::this_thread::sleep_for(std::chrono::microseconds(bench::post_pause_microseconds));
            sent.store(bench::wall_time());
            signal.advance();
            while (sent.load()) std::this_thread::yield();  // has been received: the next may be sent
        }
    });
    for (std::uint32_t seen = 0; seen < posts; ++seen) {
        signal.wait_past(seen);
        delays.push_back(bench::wall_time() - sent.load());
        sent.store(0);
    }
    session.report_delays("post_latency", std::move(delays));
}

void post_throughput(bench::session& session) {
    mailbox box;
    std::vector<std::vector<item>> items(bench::producers, std::vector<item>(bench::posts_per_producer));
    const std::int64_t begin = bench::wall_time();
    std::vector<std::jthread> senders;
    for (auto& own : items)
        senders.emplace_back([&] {
            for (item& i : own) box.push(i);
        });
    std::size_t received = 0;
    while (received < bench::posts_per_producer * bench::producers)
        for (item* i = box.take(); i; i = i->next) ++received;
    const double seconds = static_cast<double>(bench::wall_time() - begin) * 1e-9;
    session.report("post_throughput", bench::posts_per_producer * bench::producers / seconds, "posts/s");
}

void thread_round_trip(bench::session& session) {
    signal_word asked;
    signal_word answered;
    std::atomic<bool> over{false};
    std::size_t counted = 0;
    std::jthread worker([&] {
        for (std::uint32_t seen = 0;; ++seen) {
            asked.wait_past(seen);
            if (over.load()) return;
            ++counted;
            answered.advance();
        }
    });
    bench::sampler samples = session.samples();
    samples.use_wall_clock();
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            const std::uint32_t seen = answered.value();
            asked.advance();
            answered.wait_past(seen);
        }
    }
    over.store(true);
    asked.advance();
    session.report(samples);
}

}  // namespace

std::span<const bench::benchmark_case> thread_cases() {
    static constexpr bench::benchmark_case cases[] = {
        {"post_latency", post_latency},
        {"post_throughput", post_throughput},
        {"to_thread", thread_round_trip},
    };
    return cases;
}

}  // namespace floor_of
