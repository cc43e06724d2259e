// bench/macro/torus_spawn.cpp: processes with torus: torus_spawn COUNT AT_ONCE MEBIBYTES.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/core/gather.hpp>
#include <torus/core/run.hpp>
#include <torus/process/process.hpp>

namespace {

/// One of those who start processes as long as there are any.
torus::async<> start_some(long& left) {
    while (left > 0) {
        --left;
        auto echo =
            co_await torus::create_subprocess_exec("/bin/echo", "hello", torus::process_options{.out = torus::pipe});
        auto said = co_await echo.communicate();
        if (said.out != "hello\n" || echo.returncode() != 0) throw std::runtime_error("not what was asked for");
    }
}

torus::async<> start_all(long count, std::size_t at_once) {
    std::vector<torus::async<>> starting;
    for (std::size_t i = 0; i < at_once; ++i) starting.push_back(start_some(count));
    co_await torus::gather(std::move(starting));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return std::fprintf(stderr, "usage: torus_spawn COUNT AT_ONCE MEBIBYTES\n"), 2;
    const std::vector<char> ballast(std::strtoull(argv[3], nullptr, 10) << 20, 'x');
    const auto begin = std::chrono::steady_clock::now();
    torus::run(start_all(std::atol(argv[1]), std::strtoull(argv[2], nullptr, 10)));
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    std::printf("%.6f\n", taken.count());
}
