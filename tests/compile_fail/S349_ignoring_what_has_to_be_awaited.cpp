// tests/compile_fail/S349_ignoring_what_has_to_be_awaited.cpp: nor does anything else happen that is not awaited.
// warning: co_await it
// warning: co_await it
// warning: co_await it
// warning: co_await it
// warning: co_await it
// warning: co_await it
// warning: co_await it
// warning: co_await it
// warning: iterate it
#include <chrono>

#include <torus/torus.hpp>

torus::async<int> number() { co_return 5; }
torus::generator<int> numbers() { co_yield 5; }

torus::async<> wrong(torus::mutex& lock, torus::queue<int>& items, torus::generator<int>& values) {
#ifdef CORRECT
    co_await torus::sleep(std::chrono::seconds(1));
    co_await torus::gather(number(), number());
    co_await torus::shield(number());
    co_await torus::to_thread([] {});
    auto held = co_await lock.lock();
    co_await items.put(1);
    co_await values.next();
    co_await values.aclose();
    auto some = numbers();
#else
    torus::sleep(std::chrono::seconds(1));
    torus::gather(number(), number());
    torus::shield(number());
    torus::to_thread([] {});
    lock.lock();
    items.put(1);
    values.next();
    values.aclose();
    numbers();
    co_return;
#endif
}
