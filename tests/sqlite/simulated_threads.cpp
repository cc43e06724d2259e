// tests/sqlite/simulated_threads.cpp: where these tests are simulated, their threads and their files are, too.
#include <stdlib.h>

namespace {
[[maybe_unused]] const int chosen = ::setenv("TORUS_SIMULATED_THREADS", "1", 0);
}
