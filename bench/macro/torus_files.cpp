// bench/macro/torus_files.cpp: reading a file at random places with torus.
#include <array>
#include <cstdlib>
#include <vector>

#include <torus/core/run.hpp>
#include <torus/core/task.hpp>
#include <torus/fs/file.hpp>

#include "macro/reads.h"

namespace {

torus::async<std::uint64_t> read_until(torus::fs::file& file, std::uint64_t bytes, std::uint64_t reader, double end) {
    places where = places_of(bytes, reader);
    std::array<char, READ_BYTES> block;
    std::uint64_t reads = 0;
    do {
        for (int i = 0; i < READS_BETWEEN_LOOKS; ++i) {
            const std::size_t count = co_await file.read_at(next_place(&where), block);
            if (count != block.size()) std::abort();
        }
        reads += READS_BETWEEN_LOOKS;
    } while (seconds_now() < end);
    co_return reads;
}

torus::async<> measure(const char* path, double seconds, std::uint64_t depth) {
    torus::fs::file file = co_await torus::fs::open(path);
    const std::uint64_t bytes = (co_await file.status()).size;
    const double begin = seconds_now();
    std::vector<torus::task<std::uint64_t>> readers;
    for (std::uint64_t i = 0; i < depth; ++i)
        readers.push_back(torus::create_task(read_until, std::ref(file), bytes, i, begin + seconds));
    std::uint64_t reads = 0;
    for (auto& each : readers) reads += co_await each;
    say_reads(reads, seconds_now() - begin);
}

}  // namespace

int main(int count, char** words) {
    if (count != 4) return 2;
    torus::run(measure(words[1], std::atof(words[2]), std::strtoull(words[3], nullptr, 10)));
}
