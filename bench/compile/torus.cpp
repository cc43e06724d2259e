// bench/compile/torus.cpp: hello, after a sleep.
#include <cstdio>

#include <torus/torus.hpp>

using namespace std::chrono_literals;

torus::async<> hello() {
    co_await torus::sleep(10ms);
    std::puts("hello");
}

int main() { torus::run(hello()); }
