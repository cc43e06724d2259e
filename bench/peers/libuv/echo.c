// bench/peers/libuv/echo.c: the echo server for libuv, as its own guide has it.
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "macro/listening.h"

// What libuv suggests for a read, 64 KiB, would be touched in full by none of these messages.
#define BUFFER_BYTES (16 * 1024)

struct writing {
    uv_write_t request;
    uv_buf_t buffer;
};

static void must(int result, const char* what) {
    if (result == 0) return;
    fprintf(stderr, "%s: %s\n", what, uv_strerror(result));
    exit(1);
}

static void make_room(uv_handle_t* client, size_t suggested, uv_buf_t* room) {
    (void)client, (void)suggested;
    *room = uv_buf_init(malloc(BUFFER_BYTES), BUFFER_BYTES);
}

static void closed(uv_handle_t* client) { free(client); }

static void written(uv_write_t* request, int status) {
    struct writing* const w = (struct writing*)request;
    if (status < 0 && !uv_is_closing((uv_handle_t*)request->handle)) uv_close((uv_handle_t*)request->handle, closed);
    free(w->buffer.base);
    free(w);
}

static void received(uv_stream_t* client, ssize_t count, const uv_buf_t* buffer) {
    if (count > 0) {
        // What the kernel takes at once needs no request.
        uv_buf_t bytes = uv_buf_init(buffer->base, (unsigned)count);
        const int sent = uv_try_write(client, &bytes, 1);
        if (sent == count) return free(buffer->base);
        const size_t gone = sent > 0 ? (size_t)sent : 0;
        struct writing* const w = malloc(sizeof *w);
        w->buffer = uv_buf_init(buffer->base, (unsigned)count);
        bytes = uv_buf_init(buffer->base + gone, (unsigned)((size_t)count - gone));
        must(uv_write(&w->request, client, &bytes, 1, written), "uv_write");
        return;
    }
    free(buffer->base);
    if (count < 0 && !uv_is_closing((uv_handle_t*)client)) uv_close((uv_handle_t*)client, closed);
}

static void arrived(uv_stream_t* listener, int status) {
    must(status, "uv_listen");
    uv_tcp_t* const client = malloc(sizeof *client);
    must(uv_tcp_init(listener->loop, client), "uv_tcp_init");
    must(uv_accept(listener, (uv_stream_t*)client), "uv_accept");
    must(uv_tcp_nodelay(client, 1), "uv_tcp_nodelay");
    must(uv_read_start((uv_stream_t*)client, make_room, received), "uv_read_start");
}

int main(void) {
    raise_descriptor_limit();
    uv_loop_t* const loop = uv_default_loop();
    uv_tcp_t listener;
    struct sockaddr_in where;
    int size = sizeof where;
    must(uv_tcp_init(loop, &listener), "uv_tcp_init");
    must(uv_ip4_addr("127.0.0.1", 0, &where), "uv_ip4_addr");
    must(uv_tcp_bind(&listener, (struct sockaddr*)&where, 0), "uv_tcp_bind");
    must(uv_listen((uv_stream_t*)&listener, BACKLOG, arrived), "uv_listen");
    must(uv_tcp_getsockname(&listener, (struct sockaddr*)&where, &size), "uv_tcp_getsockname");
    printf("port %d\n", ntohs(where.sin_port));
    fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}
