// tests/compile_fail/S348_gathering_a_number.cpp: what cannot be awaited cannot be gathered, and the concept says so.
// error: awaitable
#include <torus/torus.hpp>

torus::async<int> number() { co_return 5; }

torus::async<> wrong() {
#ifdef CORRECT
    co_await torus::gather(number(), number());
#else
    co_await torus::gather(number(), 5);
#endif
}
