// examples/phrasebook/create_task.cpp: coroutines that run on their own.
#include <string>

#include <torus/torus.hpp>

using namespace std::literals;
using torus::async, torus::print;

async<> say_after(torus::duration delay, std::string what) {
    co_await torus::sleep(delay);
    print(what);
}

// [tasks]
async<> greet() {
    auto hello = torus::create_task(say_after(1s, "hello"));
    auto world = torus::create_task(say_after(2s, "world"), {.name = "world"});
    co_await hello;
    co_await world;
}
// [/tasks]

// [owning]
async<> measure() {
    std::string who = "captured";
    auto length = torus::create_task([who]() -> async<std::size_t> {
        co_await torus::sleep(1s);
        co_return who.size();
    });
    auto saying = torus::create_task(say_after, 2s, "and called"s);
    print(who, " has ", co_await length, " letters");
    co_await saying;
}
// [/owning]

async<> amain() {
    co_await greet();
    co_await measure();
}

int main() { torus::run(amain(), {.clock = torus::clock_kind::simulated}); }
