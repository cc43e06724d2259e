// bench/macro/reads.h: what the readers of files agree on: PROGRAM FILE SECONDS DEPTH prints how many reads took how long.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define READ_BYTES 4096
#define READS_BETWEEN_LOOKS 256  // at the clock, by each reader

/// Places of a file, one after the other, the same for everybody: Marsaglia's xorshift.
struct places {
    uint64_t state;
    uint64_t blocks;
};

static inline struct places places_of(uint64_t file_bytes, uint64_t reader) {
    struct places made = {0x9e3779b97f4a7c15ull * (reader + 1), file_bytes / READ_BYTES};
    return made;
}

static inline uint64_t next_place(struct places* p) {
    p->state ^= p->state << 13;
    p->state ^= p->state >> 7;
    p->state ^= p->state << 17;
    return p->state % p->blocks * READ_BYTES;
}

static inline double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static inline void say_reads(uint64_t reads, double seconds) { printf("%llu %.6f\n", (unsigned long long)reads, seconds); }
