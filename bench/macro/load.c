// bench/macro/load.c: the load of every server: connections that send, await the whole answer, and send again.
//
//     load PORT PID SECONDS CONNECTIONS echo BYTES    one message under way on each connection
//     load PORT PID SECONDS CONNECTIONS http DEPTH    so many requests at once, then all their responses
//     load PORT PID 0 CONNECTIONS echo|http N         one round each, then says "ready" and keeps them until stdin ends
//
// Prints one line of JSON. PID is the server's, whose processor time is read. It is cheaper than any server: one system
// call to send, one to receive, as for them, but no accepting, no parsing, and one clock for each answer.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "macro/listening.h"

#define EVENTS_AT_ONCE 512
#define BUFFER_BYTES (256 * 1024)
#define MOST_DELAYS (16u << 20)     // two million a second for eight seconds: only what is used takes memory
#define WARM_UP 0.25                // of the time measured, before it
#define SILENCE_MS 5000             // a server that says nothing for so long hangs
#define MOST_BYTES (1 << 20)        // of a message, or of requests at once

struct connection {
    int fd;
    uint32_t received;  // of the answer under way
    uint32_t unsent;    // of the question under way
    uint64_t asked;     // ns
};

struct load {
    int epoll;
    int port;
    const char* question;
    uint32_t question_bytes;
    uint32_t answer_bytes;
    uint32_t answers;  // in one round: requests that were pipelined
    bool is_http;
    bool goes_on;      // an answer is followed by a question
    uint64_t rounds;
    uint32_t* delays;  // ns
    char* buffer;
};

static uint64_t time_of(clockid_t clock) {
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) die("clock_gettime");
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

[[noreturn]] static void refuse(const char* why) {
    fprintf(stderr, "load: %s\n", why);
    exit(1);
}

// ---- Connections -----------------------------------------------------------------------------------------------------

static int connect_to(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    send_at_once(fd);
    // Thousands of sockets in TIME_WAIT would slow down whoever is measured next.
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) != 0) die("SO_LINGER");
    struct sockaddr_in where = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (connect(fd, (struct sockaddr*)&where, sizeof where) != 0) die("connect");
    return fd;
}

/// Sends what is unsent of the question; what the kernel does not take goes when it says so.
static void push(struct load* l, struct connection* c) {
    const ssize_t sent =
        send(c->fd, l->question + (l->question_bytes - c->unsent), c->unsent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) c->unsent -= (uint32_t)sent;
    else if (errno != EAGAIN) die("send");
}

static void ask(struct load* l, struct connection* c, uint64_t now) {
    c->asked = now;
    c->unsent = l->question_bytes;
    push(l, c);
}

static void answered(struct load* l, struct connection* c) {
    const uint64_t now = time_of(CLOCK_MONOTONIC);
    const uint64_t delay = now - c->asked;
    l->delays[l->rounds++ % MOST_DELAYS] = delay < UINT32_MAX ? (uint32_t)delay : UINT32_MAX;
    c->received = 0;
    if (l->goes_on) ask(l, c, now);
}

static void serve(struct load* l, struct connection* c) {
    if (c->unsent) push(l, c);
    for (;;) {
        const ssize_t got = recv(c->fd, l->buffer, BUFFER_BYTES, MSG_DONTWAIT);
        if (got == 0) refuse("the server has closed a connection");
        if (got < 0 && errno == EAGAIN) return;
        if (got < 0) die("recv");
        if (l->is_http && c->received == 0 && got >= 12 && memcmp(l->buffer, "HTTP/1.1 200", 12) != 0)
            refuse("a response is not 200");
        c->received += (uint32_t)got;
        if (c->received > l->answer_bytes * l->answers) refuse("an answer is too long");
        if (c->received == l->answer_bytes * l->answers) answered(l, c);
        if (got < BUFFER_BYTES) return;  // there was no more; what comes now is another event
    }
}

/// Serves events until `until` (ns), or until nothing is under way if no question follows an answer.
static void run(struct load* l, uint64_t until, uint64_t rounds) {
    struct epoll_event events[EVENTS_AT_ONCE];
    while (l->rounds < rounds && time_of(CLOCK_MONOTONIC) < until) {
        const int count = epoll_wait(l->epoll, events, EVENTS_AT_ONCE, SILENCE_MS);
        if (count == 0) refuse("the server says nothing");
        if (count < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < count; ++i) serve(l, events[i].data.ptr);
    }
}

static struct connection* open_all(struct load* l, int count) {
    struct connection* all = calloc((size_t)count, sizeof *all);
    if (!all) die("calloc");
    for (int i = 0; i < count; ++i) {
        all[i].fd = connect_to(l->port);
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = &all[i]};
        if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, all[i].fd, &event) != 0) die("epoll_ctl");
    }
    return all;
}

// ---- What is asked ---------------------------------------------------------------------------------------------------

static char* repeated(const char* what, uint32_t times) {
    const size_t size = strlen(what);
    char* all = malloc(size * times + 1);
    if (!all) die("malloc");
    for (uint32_t i = 0; i < times; ++i) memcpy(all + i * size, what, size);
    return all;
}

/// How long a response is: each is as long as the first, apart from what its Date says.
static uint32_t response_bytes(struct load* l, const char* request) {
    const int fd = connect_to(l->port);
    if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0) die("send");
    size_t size = 0;
    for (;;) {
        const ssize_t got = recv(fd, l->buffer + size, BUFFER_BYTES - 1 - size, 0);
        if (got <= 0) refuse("no response");
        size += (size_t)got;
        l->buffer[size] = 0;
        const char* const end = strstr(l->buffer, "\r\n\r\n");
        if (!end) continue;
        const char* const field = strcasestr(l->buffer, "\r\ncontent-length:");
        if (!field || field > end) refuse("a response without Content-Length");
        const size_t whole = (size_t)(end - l->buffer) + 4 + strtoul(field + 17, NULL, 10);
        if (size > whole) refuse("a response is too long");
        if (size == whole) break;
    }
    close(fd);
    return (uint32_t)size;
}

static void prepare(struct load* l, const char* mode, uint32_t size) {
    l->is_http = strcmp(mode, "http") == 0;
    if (size == 0 || size > MOST_BYTES || (!l->is_http && strcmp(mode, "echo") != 0)) refuse("no such load");
    if (l->is_http) {
        char request[64];
        snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", l->port);
        l->question = repeated(request, size);
        l->question_bytes = (uint32_t)strlen(request) * size;
        l->answer_bytes = response_bytes(l, request);
        l->answers = size;
    } else {
        l->question = repeated("x", size);
        l->question_bytes = l->answer_bytes = size;
        l->answers = 1;
    }
}

// ---- Measuring -------------------------------------------------------------------------------------------------------

static int by_size(const void* a, const void* b) {
    const uint32_t left = *(const uint32_t*)a, right = *(const uint32_t*)b;
    return left < right ? -1 : left > right;
}

static double delay_at(const struct load* l, uint64_t count, double share) {
    const uint64_t index = (uint64_t)(share * (double)count);
    return l->delays[index < count ? index : count - 1] / 1000.0;
}

static void measure(struct load* l, struct connection* all, int connections, double seconds, pid_t pid) {
    clockid_t server;
    if (clock_getcpuclockid(pid, &server) != 0) refuse("no such server process");
    l->goes_on = true;
    uint64_t now = time_of(CLOCK_MONOTONIC);
    for (int i = 0; i < connections; ++i) ask(l, &all[i], now);
    run(l, now + (uint64_t)(seconds * WARM_UP * 1e9), UINT64_MAX);
    l->rounds = 0;
    const uint64_t used = time_of(server), own = time_of(CLOCK_PROCESS_CPUTIME_ID);
    const uint64_t begin = time_of(CLOCK_MONOTONIC);
    run(l, begin + (uint64_t)(seconds * 1e9), UINT64_MAX);
    const double wall = (double)(time_of(CLOCK_MONOTONIC) - begin);
    const double server_time = (double)(time_of(server) - used);
    const double own_time = (double)(time_of(CLOCK_PROCESS_CPUTIME_ID) - own);
    if (l->rounds == 0) refuse("not one answer in time");
    const uint64_t kept = l->rounds < MOST_DELAYS ? l->rounds : MOST_DELAYS;
    qsort(l->delays, kept, sizeof *l->delays, by_size);
    const double answers = (double)l->rounds * l->answers;
    printf("{\"per_second\": %.6g, \"cpu\": %.6g, \"p50\": %.6g, \"p99\": %.6g, \"p999\": %.6g, \"server_busy\": %.4g, "
           "\"load_busy\": %.4g}\n",
           answers / wall * 1e9, server_time / answers / 1000, delay_at(l, kept, 0.5), delay_at(l, kept, 0.99),
           delay_at(l, kept, 0.999), server_time / wall, own_time / wall);
}

/// One round on each connection, a few at a time, then silence.
static void hold(struct load* l, struct connection* all, int connections) {
    for (int i = 0; i < connections; ++i) {
        ask(l, &all[i], time_of(CLOCK_MONOTONIC));
        run(l, UINT64_MAX, (uint64_t)i + 1);
    }
    printf("ready\n");
    fflush(stdout);
    while (read(STDIN_FILENO, l->buffer, 1) > 0) {}
}

int main(int argc, char** argv) {
    if (argc != 7) refuse("usage: load PORT PID SECONDS CONNECTIONS echo|http BYTES|DEPTH");
    raise_descriptor_limit();
    struct load l = {.epoll = epoll_create1(EPOLL_CLOEXEC), .port = atoi(argv[1])};
    l.delays = malloc(MOST_DELAYS * sizeof *l.delays);
    l.buffer = malloc(BUFFER_BYTES);
    if (l.epoll < 0 || !l.delays || !l.buffer) die("load");
    const pid_t pid = atoi(argv[2]);
    const double seconds = atof(argv[3]);
    const int connections = atoi(argv[4]);
    if (connections < 1) refuse("no connections");
    prepare(&l, argv[5], (uint32_t)strtoul(argv[6], NULL, 10));
    struct connection* const all = open_all(&l, connections);
    if (seconds > 0) measure(&l, all, connections, seconds, pid);
    else hold(&l, all, connections);
    return 0;
}
