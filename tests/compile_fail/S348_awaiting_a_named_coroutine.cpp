// tests/compile_fail/S348_awaiting_a_named_coroutine.cpp: awaiting consumes a coroutine object: it has to be moved.
// error: a coroutine object can be awaited once: co_await std::move(it)
#include <torus/torus.hpp>

torus::async<int> number() { co_return 5; }

torus::async<int> wrong() {
    auto coroutine = number();
#ifdef CORRECT
    const int n = co_await std::move(coroutine);
#else
    const int n = co_await coroutine;
#endif
    co_return n;
}
