// bench/peers/libuv/spawn.c: processes with libuv: spawn COUNT AT_ONCE MEBIBYTES
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

struct child {
    uv_process_t process;
    uv_pipe_t output;
    size_t received;
    char text[64];
    int handles;  // of the two that are open
};

static long left;

static void must(int result, const char* what) {
    if (result >= 0) return;
    fprintf(stderr, "%s: %s\n", what, uv_strerror(result));
    exit(1);
}

static void start(struct child* c);

static void closed(uv_handle_t* handle) {
    struct child* const c = handle->data;
    if (--c->handles > 0) return;
    if (c->received != strlen("hello\n")) must(UV_EIO, "not what was asked for");
    start(c);
}

static void ended(uv_process_t* process, int64_t status, int signal) {
    if (status != 0 || signal != 0) must(UV_EIO, "not what was asked for");
    uv_close((uv_handle_t*)process, closed);
}

static void make_room(uv_handle_t* output, size_t suggested, uv_buf_t* room) {
    struct child* const c = output->data;
    (void)suggested;
    *room = uv_buf_init(c->text, sizeof c->text);
}

static void received(uv_stream_t* output, ssize_t count, const uv_buf_t* buffer) {
    struct child* const c = output->data;
    (void)buffer;
    if (count < 0) uv_close((uv_handle_t*)output, closed);
    else c->received += (size_t)count;
}

static void start(struct child* c) {
    if (left == 0) return;
    --left;
    c->received = 0;
    c->handles = 2;
    c->process.data = c->output.data = c;
    must(uv_pipe_init(uv_default_loop(), &c->output, 0), "uv_pipe_init");
    uv_stdio_container_t streams[2] = {
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t*)&c->output}};
    char* words[] = {"/bin/echo", "hello", NULL};
    const uv_process_options_t options = {
        .exit_cb = ended, .file = words[0], .args = words, .stdio_count = 2, .stdio = streams};
    must(uv_spawn(uv_default_loop(), &c->process, &options), "uv_spawn");
    must(uv_read_start((uv_stream_t*)&c->output, make_room, received), "uv_read_start");
}

int main(int argc, char** argv) {
    if (argc != 4) return fprintf(stderr, "usage: spawn COUNT AT_ONCE MEBIBYTES\n"), 2;
    left = atol(argv[1]);
    const size_t at_once = strtoull(argv[2], NULL, 10);
    const size_t ballast_bytes = strtoull(argv[3], NULL, 10) << 20;
    char* const ballast = malloc(ballast_bytes + 1);
    memset(ballast, 'x', ballast_bytes);
    const uint64_t begin = uv_hrtime();
    struct child* const children = calloc(at_once, sizeof *children);
    for (size_t i = 0; i < at_once; ++i) start(&children[i]);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    printf("%.6f\n", (double)(uv_hrtime() - begin) / 1e9);
    return ballast[0] == 'y';
}
