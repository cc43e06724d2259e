// examples/phrasebook/as_completed.cpp: results as they come.
#include <chrono>
#include <vector>

#include <torus/torus.hpp>

using namespace std::literals;
using torus::async, torus::print;

/// As many pages take as many milliseconds.
async<int> crawl(int pages) { co_return co_await torus::sleep(pages * 1ms, pages); }

// [as_completed]
async<> amain() {
    std::vector<torus::task<int>> jobs;
    for (int n : {30, 10, 20}) jobs.push_back(torus::create_task(crawl(n)));
    int done = 0;
    auto finished = torus::as_completed(jobs);  // earliest first
    while (auto job = co_await finished.next()) print(++done, "/", jobs.size(), " got ", co_await *job);
}
// [/as_completed]

int main() { torus::run(amain(), {.clock = torus::clock_kind::simulated}); }
