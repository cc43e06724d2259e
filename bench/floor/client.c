// bench/floor/client.c: an HTTP client around epoll, as short as it can be: floor_client URL REQUESTS CONCURRENCY
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "macro/listening.h"

#define EVENTS_AT_ONCE 512
#define BUFFER_BYTES 4096  // a response fits

struct connection {
    int fd;
    size_t received;
    char buffer[BUFFER_BYTES];
};

static char request[256];
static int epoll;
static long left, answers;

static void ask(struct connection* c) {
    if (left == 0) return;
    --left;
    const size_t size = strlen(request);
    if (send(c->fd, request, size, MSG_NOSIGNAL) != (ssize_t)size) die("send");
}

static void open_one(struct connection* c, int port) {
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die("socket");
    struct sockaddr_in where = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (connect(c->fd, (struct sockaddr*)&where, sizeof where) != 0) die("connect");
    send_at_once(c->fd);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) != 0) die("epoll_ctl");
}

static void serve(struct connection* c) {
    const ssize_t got = recv(c->fd, c->buffer + c->received, BUFFER_BYTES - 1 - c->received, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) die("recv");
    c->received += (size_t)got;
    c->buffer[c->received] = 0;
    const char* const end = strstr(c->buffer, "\r\n\r\n");
    if (!end) return;
    const char* const field = strcasestr(c->buffer, "\r\ncontent-length:");
    if (!field || field > end || strncmp(c->buffer, "HTTP/1.1 200", 12) != 0) die("response");
    if (c->received < (size_t)(end - c->buffer) + 4 + strtoul(field + 17, NULL, 10)) return;
    c->received = 0;
    ++answers;
    ask(c);
}

int main(int argc, char** argv) {
    int port = 0;
    if (argc != 4 || sscanf(argv[1], "http://127.0.0.1:%d/", &port) != 1)
        return fprintf(stderr, "usage: floor_client http://127.0.0.1:PORT/ REQUESTS CONCURRENCY\n"), 2;
    raise_descriptor_limit();
    const long requests = left = atol(argv[2]);
    const long connections = atol(argv[3]);
    snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", port);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct connection* const all = calloc((size_t)connections, sizeof *all);
    if (epoll < 0 || !all) die("client");
    for (long i = 0; i < connections; ++i) {
        open_one(&all[i], port);
        ask(&all[i]);
    }
    struct epoll_event events[EVENTS_AT_ONCE];
    while (answers < requests) {
        const int count = epoll_wait(epoll, events, EVENTS_AT_ONCE, -1);
        if (count < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < count; ++i) serve(events[i].data.ptr);
    }
    return 0;
}
