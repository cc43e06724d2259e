// tests/compile_fail/S348_awaiting_a_number.cpp: what has no awaiter cannot be awaited.
// error: this cannot be awaited: it is no coroutine, no task, and nothing else that has an awaiter
#include <torus/torus.hpp>

torus::async<int> number() { co_return 5; }

torus::async<int> wrong() {
#ifdef CORRECT
    const int n = co_await number();
#else
    const int n = co_await 5;
#endif
    co_return n;
}
