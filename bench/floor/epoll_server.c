// bench/floor/epoll_server.c: a server around epoll, as short as it can be: echo, or HTTP without a parser.
//
//     floor_epoll echo|http
//
// Edge-triggered, registered once; a short read has emptied the socket; one send for all that one read has asked for.
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <unistd.h>

#include "floor/protocol.h"
#include "macro/listening.h"

#define EVENTS_AT_ONCE 512
#define BUFFER_BYTES (64 * 1024)
#define RESPONSES_AT_ONCE 64

struct connection {
    int fd;
    uint8_t matched;
    char* unsent;  // what the kernel did not take: seldom
    size_t unsent_bytes;
};

static bool is_http;
static char buffer[BUFFER_BYTES];
static char responses[RESPONSES_AT_ONCE * RESPONSE_BYTES];

static void end(struct connection* c) {
    close(c->fd);
    free(c->unsent);
    free(c);
}

/// False if the connection is broken.
static bool put(struct connection* c, const char* bytes, size_t size) {
    ssize_t sent = 0;
    if (!c->unsent_bytes) {
        sent = send(c->fd, bytes, size, MSG_NOSIGNAL);
        if (sent == (ssize_t)size) return true;
        if (sent < 0 && errno != EAGAIN) return false;
        if (sent < 0) sent = 0;
    }
    const size_t rest = size - (size_t)sent;
    char* const more = realloc(c->unsent, c->unsent_bytes + rest);
    if (!more) die("realloc");
    memcpy(more + c->unsent_bytes, bytes + sent, rest);
    c->unsent = more;
    c->unsent_bytes += rest;
    return true;
}

static bool put_unsent(struct connection* c) {
    const ssize_t sent = send(c->fd, c->unsent, c->unsent_bytes, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    c->unsent_bytes -= (size_t)sent;
    memmove(c->unsent, c->unsent + sent, c->unsent_bytes);
    return true;
}

static bool answer(struct connection* c, size_t size) {
    if (!is_http) return put(c, buffer, size);
    unsigned heads = heads_in(buffer, size, &c->matched);
    if (heads == 1) return put(c, response, RESPONSE_BYTES);
    for (unsigned count; heads > 0; heads -= count) {
        count = heads < RESPONSES_AT_ONCE ? heads : RESPONSES_AT_ONCE;
        for (unsigned i = 0; i < count; ++i) memcpy(responses + i * RESPONSE_BYTES, response, RESPONSE_BYTES);
        if (!put(c, responses, count * RESPONSE_BYTES)) return false;
    }
    return true;
}

static bool serve(struct connection* c) {
    if (c->unsent_bytes && !put_unsent(c)) return false;
    for (;;) {
        const ssize_t got = recv(c->fd, buffer, sizeof buffer, 0);
        if (got < 0) return errno == EAGAIN;
        if (got == 0 || !answer(c, (size_t)got)) return false;
        if (got < (ssize_t)sizeof buffer) return true;
    }
}

static void accept_all(int epoll, int listener) {
    for (;;) {
        const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && errno == EAGAIN) return;
        if (fd < 0) die("accept4");
        struct connection* const c = calloc(1, sizeof *c);
        if (!c) die("calloc");
        c->fd = fd;
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
    }
}

int main(int argc, char** argv) {
    is_http = argc > 1 && strcmp(argv[1], "http") == 0;
    const int listener = listen_somewhere(SOCK_NONBLOCK);
    const int epoll = epoll_with(listener);
    struct epoll_event events[EVENTS_AT_ONCE];
    for (;;) {
        const int count = epoll_wait(epoll, events, EVENTS_AT_ONCE, -1);
        if (count < 0 && errno != EINTR) die("epoll_wait");
        if (is_http) tell_time();
        for (int i = 0; i < count; ++i) {
            struct connection* const c = events[i].data.ptr;
            if (!c) accept_all(epoll, listener);
            else if (!serve(c)) end(c);
        }
    }
}
