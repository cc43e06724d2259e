// bench/macro/listening.h: what every server in C begins with: a socket on a port of its own, and saying which.
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define BACKLOG 4096  // the kernel's own bound (net.core.somaxconn)

[[noreturn]] static inline void die(const char* what) {
    perror(what);
    exit(1);
}

/// As many descriptors as the system allows.
static inline void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) die("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) die("setrlimit");
}

/// Small messages are sent at once.
static inline void send_at_once(int fd) {
    const int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) die("TCP_NODELAY");
}

/// Listens on 127.0.0.1, and prints the port. Sockets that it accepts have TCP_NODELAY from it.
static inline int listen_somewhere(int flags) {
    raise_descriptor_limit();
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0) die("socket");
    send_at_once(fd);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof where;
    if (bind(fd, (struct sockaddr*)&where, size) != 0) die("bind");
    if (listen(fd, BACKLOG) != 0) die("listen");
    if (getsockname(fd, (struct sockaddr*)&where, &size) != 0) die("getsockname");
    printf("port %d\n", ntohs(where.sin_port));
    fflush(stdout);
    return fd;
}

/// An epoll set that has the listener, of which it reports a null pointer.
static inline int epoll_with(int listener) {
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) die("epoll");
    return epoll;
}
