// bench/peers/libuv/files.c: reading a file at random places with libuv: its threads do it, as they do all of its files.
#include <fcntl.h>
#include <stdlib.h>
#include <uv.h>

#include "macro/reads.h"

struct reader {
    uv_fs_t request;
    struct places where;
    uint64_t reads;
    char block[READ_BYTES];
};

static uv_file file;
static double end;

static void must(int result, const char* what) {
    if (result >= 0) return;
    fprintf(stderr, "%s: %s\n", what, uv_strerror(result));
    exit(1);
}

static void ask(struct reader* r);

static void answered(uv_fs_t* request) {
    struct reader* const r = (struct reader*)request;
    if (request->result != READ_BYTES) must(-1, "read");
    uv_fs_req_cleanup(request);
    if (++r->reads % READS_BETWEEN_LOOKS != 0 || seconds_now() < end) ask(r);
}

static void ask(struct reader* r) {
    const uv_buf_t room = uv_buf_init(r->block, READ_BYTES);
    must(uv_fs_read(uv_default_loop(), &r->request, file, &room, 1, (int64_t)next_place(&r->where), answered),
         "uv_fs_read");
}

int main(int count, char** words) {
    if (count != 4) return 2;
    uv_fs_t request;
    must(file = uv_fs_open(uv_default_loop(), &request, words[1], O_RDONLY, 0, NULL), "uv_fs_open");
    must(uv_fs_fstat(uv_default_loop(), &request, file, NULL), "uv_fs_fstat");
    const uint64_t bytes = request.statbuf.st_size;
    const uint64_t depth = strtoull(words[3], NULL, 10);
    struct reader* const readers = calloc(depth, sizeof *readers);
    const double begin = seconds_now();
    end = begin + atof(words[2]);
    for (uint64_t i = 0; i < depth; ++i) {
        readers[i].where = places_of(bytes, i);
        ask(&readers[i]);
    }
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    uint64_t reads = 0;
    for (uint64_t i = 0; i < depth; ++i) reads += readers[i].reads;
    say_reads(reads, seconds_now() - begin);
    free(readers);
}
