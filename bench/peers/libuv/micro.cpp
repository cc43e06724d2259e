// bench/peers/libuv/micro.cpp: the micro part for libuv: timers and threads. It knows no coroutines.
#include <chrono>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <uv.h>

#include "common/session.hpp"
#include "micro/cases.hpp"

using bench::sampler;
using bench::session;

namespace {

/// A loop that closes what is open at its end.
class loop {
public:
    loop() { uv_loop_init(&loop_); }
    ~loop() {
        uv_walk(
            &loop_,
            [](uv_handle_t* h, void*) {
                if (!uv_is_closing(h)) uv_close(h, nullptr);
            },
            nullptr);
        uv_run(&loop_, UV_RUN_DEFAULT);
        uv_loop_close(&loop_);
    }
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;

    operator uv_loop_t*() noexcept { return &loop_; }

private:
    uv_loop_t loop_;
};

std::uint64_t milliseconds_of_timer(std::size_t i) {
    return static_cast<std::uint64_t>(bench::timer_seconds(i)) * 1000;
}

void ignore(uv_timer_t*) {}

template <std::size_t Live> void timer_among(session& run) {
    std::deque<uv_timer_t> others(Live);
    loop l;
    for (std::size_t i = 0; i < Live; ++i) {
        uv_timer_init(l, &others[i]);
        uv_timer_start(&others[i], ignore, milliseconds_of_timer(i), 0);
    }
    uv_timer_t timeout;
    uv_timer_init(l, &timeout);
    sampler samples = run.samples();
    while (const std::size_t n = samples.next()) {
        for (std::size_t i = 0; i < n; ++i) {
            uv_update_time(l);  // a timeout counts from now
            uv_timer_start(&timeout, ignore, milliseconds_of_timer(i), 0);
            uv_timer_stop(&timeout);
        }
    }
    run.report(samples);
}

/// What threads hand to a loop: uv_async_send says only that something is there.
template <class T> class mailbox {
public:
    using receiver = void (*)(T, void*);

    mailbox(uv_loop_t* l, receiver receive, void* context) : receive_(receive), context_(context) {
        uv_async_init(l, &signal_, [](uv_async_t* s) { static_cast<mailbox*>(s->data)->deliver(); });
        signal_.data = this;
    }
    void post(T item) {
        {
            const std::lock_guard held(mutex_);
            items_.push_back(item);
        }
        uv_async_send(&signal_);
    }
    void close() { uv_close(reinterpret_cast<uv_handle_t*>(&signal_), nullptr); }

private:
    void deliver() {
        std::vector<T> there;
        {
            const std::lock_guard held(mutex_);
            there.swap(items_);
        }
        for (const T& item : there) receive_(item, context_);
    }

    uv_async_t signal_;
    receiver receive_;
    void* context_;
    std::mutex mutex_;
    std::vector<T> items_;
};

void post_latency(session& run) {
    struct state {
        std::size_t posts;
        std::vector<std::int64_t> delays;
        mailbox<std::int64_t>* box = nullptr;
    } s{bench::posts_in(run.seconds()), {}};
    s.delays.reserve(s.posts);
    loop l;
    mailbox<std::int64_t> box(
        l,
        [](std::int64_t sent, void* context) {
            auto& mine = *static_cast<state*>(context);
            mine.delays.push_back(bench::wall_time() - sent);
            if (mine.delays.size() == mine.posts) mine.box->close();
        },
        &s);
    s.box = &box;
    std::thread sender([&] {
        for (std::size_t i = 0; i < s.posts; ++i) {
            std::this_thread::sleep_for(std::chrono::microseconds(bench::post_pause_microseconds));
            box.post(bench::wall_time());
        }
    });
    uv_run(l, UV_RUN_DEFAULT);
    sender.join();
    run.report_delays("post_latency", std::move(s.delays));
}

void post_throughput(session& run) {
    struct state {
        std::size_t received = 0;
        mailbox<std::size_t>* box = nullptr;
    } s;
    loop l;
    mailbox<std::size_t> box(
        l,
        [](std::size_t, void* context) {
            auto& mine = *static_cast<state*>(context);
            if (++mine.received == bench::posts_per_producer * bench::producers) mine.box->close();
        },
        &s);
    s.box = &box;
    const std::int64_t begin = bench::wall_time();
    std::vector<std::thread> senders;
    for (int p = 0; p < bench::producers; ++p)
        senders.emplace_back([&] {
            for (std::size_t i = 0; i < bench::posts_per_producer; ++i) box.post(i);
        });
    uv_run(l, UV_RUN_DEFAULT);
    const double seconds = static_cast<double>(bench::wall_time() - begin) * 1e-9;
    for (std::thread& sender : senders) sender.join();
    run.report("post_throughput", bench::posts_per_producer * bench::producers / seconds, "posts/s");
}

/// A function on a thread of libuv's pool, again and again.
struct round_trips {
    uv_loop_t* loop;
    std::size_t left = 0;
    std::size_t counted = 0;
    uv_work_t work{};

    void go() {
        work.data = this;
        uv_queue_work(
            loop, &work, [](uv_work_t* w) { ++static_cast<round_trips*>(w->data)->counted; },
            [](uv_work_t* w, int) {
                auto& mine = *static_cast<round_trips*>(w->data);
                if (--mine.left > 0) mine.go();
            });
    }
};

void thread_round_trip(session& run) {
    loop l;
    round_trips trips{l};
    sampler samples = run.samples();
    samples.use_wall_clock();
    while (const std::size_t n = samples.next()) {
        trips.left = n;
        trips.go();
        uv_run(l, UV_RUN_DEFAULT);
    }
    run.report(samples);
}

}  // namespace

int main(int argc, char** argv) {
    constexpr bench::benchmark_case cases[] = {
        {"timer_1", timer_among<1>},
        {"timer_10000", timer_among<bench::many>},
        {"timer_1000000", timer_among<bench::million>},
        {"post_latency", post_latency},
        {"post_throughput", post_throughput},
        {"to_thread", thread_round_trip},
    };
    return session("libuv").run({cases}, argc, argv);
}
