// bench/floor/main.cpp: the micro part as little as can be: what no library can undercut by much.
#include "floor/cases.hpp"

int main(int argc, char** argv) {
    using namespace floor_of;
    return bench::session("floor").run({call_cases(), wait_cases(), thread_cases()}, argc, argv);
}
