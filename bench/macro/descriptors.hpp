// bench/macro/descriptors.hpp: as many descriptors as the system allows: ten thousand connections are more than usual.
#pragma once

#include <cstdio>
#include <cstdlib>

#include <sys/resource.h>

namespace bench {

inline void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
    }
    std::perror("RLIMIT_NOFILE");
    std::exit(1);
}

}  // namespace bench
