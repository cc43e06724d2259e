// bench/floor/files.c: reading a file at random places: floor_files pread|uring FILE SECONDS DEPTH
#include <fcntl.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "macro/reads.h"

#define MOST_AT_ONCE 256

static int file;
static uint64_t file_bytes;

static void die(const char* what) {
    perror(what);
    exit(1);
}

/// One after the other: nothing is ever under way.
static uint64_t with_pread(double end) {
    static char block[READ_BYTES];
    struct places where = places_of(file_bytes, 0);
    uint64_t reads = 0;
    do {
        for (int i = 0; i < READS_BETWEEN_LOOKS; ++i)
            if (pread(file, block, READ_BYTES, (off_t)next_place(&where)) != READ_BYTES) die("pread");
        reads += READS_BETWEEN_LOOKS;
    } while (seconds_now() < end);
    return reads;
}

static void submit_one(struct io_uring* ring, struct places* where, char* block, uint64_t reader) {
    struct io_uring_sqe* const entry = io_uring_get_sqe(ring);
    io_uring_prep_read(entry, 0, block, READ_BYTES, next_place(where));
    entry->flags |= IOSQE_FIXED_FILE;
    entry->user_data = reader;
}

/// As many as `depth` in one trip into the kernel, with a registered file.
static uint64_t with_uring(double end, unsigned depth) {
    static char blocks[MOST_AT_ONCE][READ_BYTES];
    static struct places where[MOST_AT_ONCE];
    struct io_uring ring;
    const unsigned flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    if (io_uring_queue_init(MOST_AT_ONCE, &ring, flags) != 0) die("io_uring_queue_init");
    if (io_uring_register_files(&ring, &file, 1) != 0 || io_uring_register_ring_fd(&ring) != 1) die("io_uring_register");
    for (unsigned i = 0; i < depth; ++i) {
        where[i] = places_of(file_bytes, i);
        submit_one(&ring, &where[i], blocks[i], i);
    }
    uint64_t reads = 0;
    for (uint64_t look = 0; seconds_now() < end; look += READS_BETWEEN_LOOKS) {
        while (reads < look) {
            if (io_uring_submit_and_wait(&ring, 1) < 0) die("io_uring_submit_and_wait");
            struct io_uring_cqe* answer;
            unsigned head, seen = 0;
            io_uring_for_each_cqe(&ring, head, answer) {
                if (answer->res != READ_BYTES) die("read");
                submit_one(&ring, &where[answer->user_data], blocks[answer->user_data], answer->user_data);
                ++seen;
            }
            io_uring_cq_advance(&ring, seen);
            reads += seen;
        }
    }
    return reads;
}

int main(int count, char** words) {
    if (count != 5) return 2;
    file = open(words[2], O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) die(words[2]);
    file_bytes = (uint64_t)status.st_size;
    const unsigned depth = (unsigned)atoi(words[4]);
    if (depth < 1 || depth > MOST_AT_ONCE) return 2;
    const double begin = seconds_now(), end = begin + atof(words[3]);
    const uint64_t reads = strcmp(words[1], "pread") == 0 ? with_pread(end) : with_uring(end, depth);
    say_reads(reads, seconds_now() - begin);
}
