// tests/compile_fail/S348_awaiting_a_function.cpp: a function that was not called cannot be awaited.
// error: this function has to be called to be awaited: co_await it()
#include <torus/torus.hpp>

torus::async<int> number() { co_return 5; }

torus::async<int> wrong() {
#ifdef CORRECT
    const int n = co_await number();
#else
    const int n = co_await number;
#endif
    co_return n;
}
