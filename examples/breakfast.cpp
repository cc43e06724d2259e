// examples/breakfast.cpp: coffee takes three seconds and a bagel two. How long does breakfast take?
#include <chrono>
#include <string>
#include <thread>

#include <torus/core/core.hpp>

#include "timeline.hpp"

using namespace std::literals;
using torus::async;

// ---- Functions that block: while one waits, nothing else happens.

std::string brew_coffee_and_wait() {
    step brewing("brew_coffee");
    std::this_thread::sleep_for(3s);
    return "coffee";
}

std::string toast_bagel_and_wait() {
    step toasting("toast_bagel");
    std::this_thread::sleep_for(2s);
    return "bagel";
}

void one_after_the_other() {
    auto coffee = brew_coffee_and_wait();
    auto bagel = toast_bagel_and_wait();
    serve(coffee, bagel);
}

// ---- Coroutines: while one waits, the others go on.

// [coroutines]
async<std::string> brew_coffee() {
    step brewing("brew_coffee");
    co_await brewing.wait(torus::sleep(3s));
    co_return "coffee";
}

async<std::string> toast_bagel() {
    step toasting("toast_bagel");
    co_await toasting.wait(torus::sleep(2s));
    co_return "bagel";
}
// [/coroutines]

// [gather]
async<> with_gather() {
    auto [coffee, bagel] = co_await torus::gather(brew_coffee(), toast_bagel());
    serve(coffee, bagel);
}
// [/gather]

// [tasks]
async<> with_create_task() {
    auto coffee = torus::create_task(brew_coffee());
    auto bagel = torus::create_task(toast_bagel());
    serve(co_await coffee, co_await bagel);
}
// [/tasks]

int main() {
    draw("Blocking functions, one after the other", one_after_the_other);
    draw("Coroutines, with gather", [] { torus::run(with_gather()); });
    draw("Coroutines, with create_task", [] { torus::run(with_create_task()); });
    return 0;
}
