// examples/phrasebook/locks.cpp: tasks that wait for each other.
#include <deque>

#include <torus/torus.hpp>

using namespace std::literals;
using torus::async, torus::print;

// [lock]
async<> deposit(torus::mutex& lock, int& balance, int amount) {
    auto held = co_await lock.lock();  // async with lock, up to the end of the block
    int before = balance;
    co_await torus::sleep(1s);
    balance = before + amount;
}
// [/lock]

// [event]
async<> wait_for_dinner(torus::event& ready) {
    co_await ready.wait();
    print("dinner");
}
// [/event]

// [condition]
async<> serve(torus::condition& changed, std::deque<int>& orders) {
    auto held = co_await changed.lock();  // async with changed
    co_await changed.wait_for(held, [&] { return !orders.empty(); });
    print("order ", orders.front());
}

async<> order(torus::condition& changed, std::deque<int>& orders) {
    auto held = co_await changed.lock();
    orders.push_back(7);
    changed.notify();
}
// [/condition]

async<> amain() {
    torus::mutex lock;
    int balance = 0;
    co_await torus::gather(deposit(lock, balance, 1), deposit(lock, balance, 2));
    print("balance ", balance);

    torus::event ready;
    auto hungry = torus::create_task(wait_for_dinner(ready));
    co_await torus::sleep(1s);
    ready.set();
    co_await hungry;

    torus::condition changed;
    std::deque<int> orders;
    co_await torus::gather(serve(changed, orders), order(changed, orders));
}

int main() { torus::run(amain(), {.clock = torus::clock_kind::simulated}); }
