// tests/whole/sync_parts.cpp: what tasks wait at for each other.
#include "whole/parts.hpp"

#include <string>
#include <thread>

#include <torus/core/gather.hpp>
#include <torus/core/task.hpp>
#include <torus/core/time.hpp>
#include <torus/sync/sync.hpp>

using namespace torus;

namespace {

async<> use_locks() {
    mutex lock;
    event opened;
    semaphore two{2};
    rw_lock routes;
    capacity_limiter tokens{1};
    int inside = 0;
    const auto enter = [&]() -> async<> {
        co_await opened.wait();
        const auto held = co_await lock.lock();
        const auto permit = co_await two.acquire();
        const auto token = co_await tokens.acquire();
        const auto reading = co_await routes.read_lock();
        co_await yield_now();
        ++inside;
    };
    const task<> a = create_task(enter());
    const task<> b = create_task(enter());
    task<> gives_up = create_task(enter());
    co_await yield_now();
    opened.set();
    co_await yield_now();
    gives_up.cancel();
    co_await gather(a, b);
    require(inside == 2);
    const auto writing = co_await routes.write_lock();
}

async<> use_meetings() {
    condition changed;
    bool ready = false;
    const auto wait_for_change = [&]() -> async<> {
        auto held = co_await changed.lock();
        co_await changed.wait_for(held, [&] { return ready; });
    };
    const auto change = [&]() -> async<> {
        const auto held = co_await changed.lock();
        ready = true;
        changed.notify_all();
    };
    co_await gather(wait_for_change(), change());
    barrier start{2};
    const auto arrive = [&]() -> async<std::size_t> { co_return co_await start.wait(); };
    co_await gather(arrive(), arrive());
    once<int> made;
    const auto make = []() -> async<int> { co_return 1; };
    require(co_await made.call(make) == 1);
}

async<> use_queues() {
    queue<std::string> line(1);
    const auto produce = [&]() -> async<> {
        for (int i = 0; i < 10; ++i) co_await line.put(std::to_string(i));
        line.shutdown();
    };
    const auto consume = [&]() -> async<std::size_t> {
        std::size_t items = 0;
        while (co_await line.next()) ++items;
        co_return items;
    };
    const auto [items, produced] = co_await gather(consume(), produce());
    require(items == 10);
    priority_queue<int> sorted;
    for (const int n : {3, 1, 2}) co_await sorted.put(n);
    require(co_await sorted.get() == 1);
    lifo_queue<int> stack;
    co_await stack.put(1);
    co_await stack.put(2);
    require(co_await stack.get() == 2);
}

async<> use_channels() {
    auto [to, from] = channel<std::string>(1);
    co_await to.send("left in it");
    watch<int> current{1};
    auto seen = current.subscribe();
    current.set(2);
    require(*co_await seen.next() == 2);
    broadcast<int> events{4};
    auto heard = events.subscribe();
    events.send(3);
    require(*co_await heard.next() == 3);
    sync_queue<int> frames{1};
    std::thread camera([&] {
        for (int i = 0; i < 10; ++i) frames.push(i);
        frames.shutdown();
    });
    int sum = 0;
    while (const auto frame = co_await frames.next()) sum += *frame;
    camera.join();
    require(sum == 45);
}

}  // namespace

async<> use_sync() {
    co_await use_locks();
    co_await use_meetings();
    co_await use_queues();
    co_await use_channels();
}
