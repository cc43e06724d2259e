// bench/macro/lag_server.c: an HTTP server that answers each request a while after it came: lag_server MILLISECONDS
//
// Every request waits as long as any other, so those that wait are a line, and no timers are needed.
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "floor/protocol.h"
#include "macro/listening.h"

#define EVENTS_AT_ONCE 512
#define BUFFER_BYTES (64 * 1024)
#define MOST_CONNECTIONS 65536  // each has at most one request under way

struct connection {
    int fd;
    uint8_t matched;
    bool waits;
    bool over;
};

static struct {
    struct connection* of;
    uint64_t when;  // ns
} line[MOST_CONNECTIONS];
static unsigned first, last;  // their numbers; places are modulo the size
static uint64_t lag;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void end(struct connection* c) {
    if (!c->over) close(c->fd);
    c->over = true;
    if (!c->waits) free(c);
}

static void serve(struct connection* c) {
    static char buffer[BUFFER_BYTES];
    const ssize_t got = recv(c->fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return end(c);
    if (heads_in(buffer, (size_t)got, &c->matched) == 0 || c->waits || last - first == MOST_CONNECTIONS) return;
    c->waits = true;
    line[last % MOST_CONNECTIONS].of = c;
    line[last % MOST_CONNECTIONS].when = now() + lag;
    ++last;
}

/// Answers whose time has come. How long the next one has, in milliseconds, rounded up; -1 is for ever.
static int answer_due(void) {
    for (const uint64_t moment = now(); first != last; ++first) {
        const uint64_t when = line[first % MOST_CONNECTIONS].when;
        if (when > moment) return (int)((when - moment + 999999) / 1000000);
        struct connection* const c = line[first % MOST_CONNECTIONS].of;
        c->waits = false;
        if (c->over) end(c);
        else if (send(c->fd, response, RESPONSE_BYTES, MSG_NOSIGNAL) != (ssize_t)RESPONSE_BYTES) end(c);
    }
    return -1;
}

static void accept_all(int epoll, int listener) {
    for (;;) {
        const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && errno == EAGAIN) return;
        struct connection* const c = calloc(1, sizeof *c);
        if (fd < 0 || !c) die("accept4");
        c->fd = fd;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
    }
}

int main(int argc, char** argv) {
    if (argc != 2) return fprintf(stderr, "usage: lag_server MILLISECONDS\n"), 2;
    lag = strtoull(argv[1], NULL, 10) * 1000000;
    const int listener = listen_somewhere(SOCK_NONBLOCK);
    const int epoll = epoll_with(listener);
    struct epoll_event events[EVENTS_AT_ONCE];
    for (;;) {
        const int count = epoll_wait(epoll, events, EVENTS_AT_ONCE, answer_due());
        if (count < 0 && errno != EINTR) die("epoll_wait");
        tell_time();
        for (int i = 0; i < count; ++i) {
            if (events[i].data.ptr) serve(events[i].data.ptr);
            else accept_all(epoll, listener);
        }
    }
}
