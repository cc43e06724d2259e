// examples/phrasebook/threads.cpp: what would block the loop is done elsewhere.
#include <cstdint>
#include <string>

#include <torus/torus.hpp>

using namespace std::literals;
using torus::async, torus::print;

/// Stands in for something that takes long: 64 bits of FNV-1a.
std::uint64_t digest(std::string text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
    return hash;
}

async<> amain() {
    // [to_thread]
    auto sum = co_await torus::to_thread(digest, "a big file"s);
    // [/to_thread]
    print(sum);

    // [pool]
    torus::thread_pool cpu{4};
    auto [a, b] = co_await torus::gather(torus::run_in_executor(cpu, digest, "a bigger one"s),
                                         torus::run_in_executor(cpu, [] { return 42; }));
    // [/pool]
    print(a, " and ", b);
}

int main() { torus::run(amain()); }
