// tests/compile_fail/S349_ignoring_a_coroutine.cpp: a coroutine that nobody awaits never runs.
// warning: co_await it, or give it to create_task
#include <torus/torus.hpp>

torus::async<> work() { co_return; }

torus::async<> wrong() {
#ifdef CORRECT
    co_await work();
#else
    work();
    co_return;
#endif
}
