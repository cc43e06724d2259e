// bench/floor/spawn.c: processes with posix_spawn, as short as it can be: floor_spawn COUNT AT_ONCE MEBIBYTES
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_AT_ONCE 64

extern char** environ;

static struct pollfd outputs[MOST_AT_ONCE];
static pid_t children[MOST_AT_ONCE];
static size_t received[MOST_AT_ONCE];

static void die(const char* what) {
    perror(what);
    exit(1);
}

static void start(int place) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) die("pipe2");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    char* words[] = {"/bin/echo", "hello", NULL};
    if (posix_spawn(&children[place], words[0], &actions, NULL, words, environ) != 0) die("posix_spawn");
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    outputs[place] = (struct pollfd){.fd = ends[0], .events = POLLIN};
    received[place] = 0;
}

/// Whether the child in this place has ended.
static int proceed(int place) {
    char text[64];
    const ssize_t count = read(outputs[place].fd, text, sizeof text);
    if (count < 0) die("read");
    received[place] += (size_t)count;
    if (count > 0) return 0;
    close(outputs[place].fd);
    outputs[place].fd = -1;
    int status = 0;
    if (waitpid(children[place], &status, 0) < 0) die("waitpid");
    if (status != 0 || received[place] != strlen("hello\n")) die("not what was asked for");
    return 1;
}

int main(int argc, char** argv) {
    if (argc != 4) return fprintf(stderr, "usage: floor_spawn COUNT AT_ONCE MEBIBYTES\n"), 2;
    const long count = atol(argv[1]);
    const int at_once = atoi(argv[2]);
    if (at_once > MOST_AT_ONCE) die("too many at once");
    const size_t ballast_bytes = strtoull(argv[3], NULL, 10) << 20;
    char* const ballast = malloc(ballast_bytes + 1);
    memset(ballast, 'x', ballast_bytes);
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    long left = count;
    long running = 0;
    for (int i = 0; i < at_once && left > 0; ++i, --left, ++running) start(i);
    while (running > 0) {
        if (poll(outputs, (nfds_t)at_once, -1) < 0) die("poll");
        for (int i = 0; i < at_once; ++i) {
            if (outputs[i].fd < 0 || outputs[i].revents == 0 || !proceed(i)) continue;
            if (left > 0) start(i), --left;
            else --running;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.6f\n", (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
    return ballast[0] == 'y';
}
