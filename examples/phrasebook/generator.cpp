// examples/phrasebook/generator.cpp: values that take time to come.
#include <torus/torus.hpp>

using namespace std::literals;
using torus::async, torus::generator, torus::print;

// [generator]
generator<int> ticker(torus::duration every, int n) {
    for (int i = 0; i < n; ++i) {
        co_await torus::sleep(every);
        co_yield i;
    }
}

async<> amain() {
    auto ticks = ticker(1s, 3);
    while (auto i = co_await ticks.next()) print("tick ", *i);
}
// [/generator]

int main() { torus::run(amain(), {.clock = torus::clock_kind::simulated}); }
