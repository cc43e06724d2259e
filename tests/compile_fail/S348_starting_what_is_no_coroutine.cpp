// tests/compile_fail/S348_starting_what_is_no_coroutine.cpp: a task is made of a coroutine, and the concept says so.
// error: coroutine_function
#include <torus/torus.hpp>

torus::task<int> wrong() {
#ifdef CORRECT
    return torus::create_task([]() -> torus::async<int> { co_return 5; });
#else
    return torus::create_task([] { return 5; });
#endif
}
