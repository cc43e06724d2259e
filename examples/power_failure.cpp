// examples/power_failure.cpp: a program that counts in a file, on a host whose power fails, again and again.
#include <chrono>
#include <stdexcept>
#include <string>

#include <torus/fs/fs.hpp>
#include <torus/sim/world.hpp>
#include <torus/torus.hpp>

using namespace std::chrono_literals;
using torus::async, torus::print;

// [life]
/// Counts, and has each number on the disk before it goes on.
async<> count(int& last) {
    int number = 0;
    if (co_await torus::fs::exists("/count")) number = std::stoi(co_await torus::fs::read_text("/count"));
    if (number < last) throw std::logic_error("numbers are lost");
    for (;;) {
        co_await torus::fs::write_text("/count", std::to_string(++number));  // durable, as ever
        last = number;
        co_await torus::sleep(1s);
    }
}
// [/life]

// [failures]
int main() {
    int last = 0;
    torus::sim::world world({.seed = 3});
    // Requests take up to 20 ms; of what was not synced a crash leaves half, and half of that in pieces.
    const torus::sim::disk_options disk{.latency = 1ms, .most_latency = 20ms, .survival = 0.5, .torn = 0.5};
    torus::sim::host& counter = world.add_host("counter", [&] { return count(last); }, {.disk = disk});
    world.run([&]() -> async<> {
        for (int i = 0; i < 100; ++i) {
            co_await torus::sleep(std::chrono::milliseconds(world.random(10'000)));
            counter.crash();
            counter.start();
        }
    });
    print("counted to " + std::to_string(last) + " through 100 power failures");
}
// [/failures]
