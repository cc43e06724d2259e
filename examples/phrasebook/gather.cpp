// examples/phrasebook/gather.cpp: several things at once.
#include <string>

#include <torus/torus.hpp>

using namespace std::literals;
using torus::async, torus::print;

// [gather]
async<std::string> brew(std::string what) {
    co_await torus::sleep(3s);
    co_return what + " ready";
}

async<int> fry_eggs(int n) { co_return co_await torus::sleep(2s, n); }

async<> toast(int slices) {
    co_await torus::sleep(1s);
    print(slices, " toasts");
}

async<> breakfast() {
    auto [coffee, eggs, _] = co_await torus::gather(brew("coffee"), fry_eggs(2), toast(3));
    print(coffee, " with ", eggs, " eggs");
}
// [/gather]

async<> amain() {
    const torus::time_point begin = torus::clock::now();
    co_await breakfast();
    print("after ", (torus::clock::now() - begin) / 1s, " s");
}

int main() { torus::run(amain(), {.clock = torus::clock_kind::simulated}); }
