// tests/compile_fail/S237_yielding_within_a_closure.cpp: a closure of timeout or task_group is a coroutine of its own.
// error: yield_value
#include <chrono>

#include <torus/torus.hpp>

torus::generator<int> wrong() {
    co_await torus::timeout(std::chrono::seconds(1), []() -> torus::async<> {
#ifdef CORRECT
        co_await torus::yield_now();
#else
        co_yield 1;
#endif
    });
    co_yield 2;
}
