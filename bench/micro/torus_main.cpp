// bench/micro/torus_main.cpp: the micro part for torus.
#include "micro/torus_cases.hpp"

int main(int argc, char** argv) {
    using namespace bench;
    return session("torus").run({call_cases(), task_cases(), sync_cases(), time_cases(), thread_cases()}, argc, argv);
}
