// tests/compile_fail/S332_yielding_what_does_not_convert.cpp: what is yielded has to become what the generator gives.
// error: yield_value
#include <torus/torus.hpp>

torus::generator<int> wrong() {
#ifdef CORRECT
    co_yield 5;
#else
    co_yield "five";
#endif
}
