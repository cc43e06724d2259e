// tests/compile_fail/S343_a_context_variable_that_cannot_be_copied.cpp: values of context variables are copied out.
// error: the value of a context_var is copied out: wrap what cannot be copied in a shared_ptr
#include <memory>

#include <torus/torus.hpp>

#ifdef CORRECT
torus::context_var<std::shared_ptr<int>> variable;
#else
torus::context_var<std::unique_ptr<int>> variable;
#endif
