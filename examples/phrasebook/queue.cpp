// examples/phrasebook/queue.cpp: a producer and two consumers.
#include <torus/torus.hpp>

using namespace std::literals;
using torus::async, torus::print;

// [queue]
async<> produce(torus::queue<int>& q) {
    for (int i = 0; i < 6; ++i) co_await q.put(i);  // waits while the queue is full
    q.shutdown();                                   // no more items
}

async<> consume(torus::queue<int>& q, int id) {
    while (auto item = co_await q.next()) {
        co_await torus::sleep(10ms);
        print("consumer ", id, " did ", *item);
    }
}

async<> amain() {
    torus::queue<int> q{2};
    co_await torus::gather(produce(q), consume(q, 1), consume(q, 2));
}
// [/queue]

int main() { torus::run(amain(), {.clock = torus::clock_kind::simulated}); }
