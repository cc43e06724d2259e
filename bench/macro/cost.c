// bench/macro/cost.c: runs a program and says in a line of JSON what it took: cost PROGRAM [ARGUMENT...]
//
// A process of its own, because the kernel counts what a process was before exec(2) into its memory: whoever starts the
// program must be small.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec * 1e-6; }

int main(int argc, char** argv) {
    if (argc < 2) return fprintf(stderr, "usage: cost PROGRAM [ARGUMENT...]\n"), 2;
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    const pid_t child = fork();
    if (child < 0) return perror("fork"), 1;
    if (child == 0) {
        const int nowhere = open("/dev/null", O_WRONLY);
        if (nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0) return perror("/dev/null"), 1;
        execvp(argv[1], argv + 1);
        return perror(argv[1]), 127;
    }
    int status = 0;
    struct rusage used;
    if (wait4(child, &status, 0, &used) != child) return perror("wait4"), 1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return fprintf(stderr, "%s has failed\n", argv[1]), 1;
    printf("{\"wall\": %.6g, \"cpu\": %.6g, \"memory\": %.6g}\n",
           (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) * 1e-9,
           seconds(used.ru_utime) + seconds(used.ru_stime), (double)used.ru_maxrss / 1024);
    return 0;
}
