// bench/macro/program.hpp: what servers and clients in C++ begin with: descriptors enough, and saying on which port.
#pragma once

#include <cstdio>
#include <cstdlib>

#include <sys/resource.h>

namespace bench {

/// As many descriptors as the system allows: ten thousand connections are more than usual.
inline void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
    }
    std::perror("RLIMIT_NOFILE");
    std::exit(1);
}

/// Tells who started this server where it listens.
inline void say_port(unsigned port) {
    std::printf("port %u\n", port);
    std::fflush(stdout);
}

}  // namespace bench
